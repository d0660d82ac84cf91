/** Runs that wait for something that may never come: after a while they are dealt with, the first one first. */
import type { Clock } from "../model/clock.js";
import type { Run } from "../runs/run.js";

export interface WaitingRunsOptions {
  readonly clock: Clock;
  readonly waitMs: number;
  /** Deals with one that waited for that long; "later": with none now, and with it after the same time again. */
  readonly deal: (runId: string) => Promise<"done" | "later">;
  /** Called when that rejected; it is tried again after the same time. */
  readonly onFault: (error: unknown) => void;
}

export class WaitingRuns {
  readonly #options: WaitingRunsOptions;
  /** When each began to wait, by run id, the first one first. */
  readonly #since = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #dealing: Promise<void> = Promise.resolve();

  constructor(options: WaitingRunsOptions) {
    this.#options = options;
  }

  /** A run waits from now on, unless it does already. */
  add({ runId }: Run): void {
    if (this.#since.has(runId)) return;
    this.#since.set(runId, this.#options.clock.monotonicMs());
    this.#lookIn(this.#options.waitMs);
  }

  /** A run waits no more. */
  delete({ runId }: Run): void {
    this.#since.delete(runId);
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#dealing;
  }

  #lookIn(waitMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#dealing = this.#dealWithDue().catch((error: unknown) => {
        this.#options.onFault(error);
        this.#lookIn(this.#options.waitMs);
      });
    }, waitMs).unref();
  }

  async #dealWithDue(): Promise<void> {
    const { clock, waitMs, deal } = this.#options;
    for (const [runId, sinceMs] of this.#since) {
      const leftMs = sinceMs + waitMs - clock.monotonicMs();
      if (leftMs > 0) return this.#lookIn(Math.ceil(leftMs));
      if ((await deal(runId)) === "later") return this.#lookIn(waitMs);
      this.#since.delete(runId);
    }
  }
}
