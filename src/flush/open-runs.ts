/**
 * Open runs (runs/run-start.ts) that nothing happened to for a while: they are placed then, so that people see that their
 * programs run. Until a program begins its first run it may still be the one.
 */
import type { Clock } from "../model/clock.js";
import { OPEN_RUN_WAIT_MS } from "../model/limits.js";
import type { Log } from "../model/log.js";
import type { Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import { offer } from "../runs/run-start.js";

export interface OpenRunsOptions {
  readonly runs: RunBook;
  readonly clock: Clock;
  readonly log: Log;
  /** Called with a run that was placed. */
  readonly onPlaced: (run: Run) => void;
}

export class OpenRuns {
  readonly #options: OpenRunsOptions;
  /** When each was first seen, by run id, the first one first. */
  readonly #since = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #placing: Promise<void> = Promise.resolve();

  constructor(options: OpenRunsOptions) {
    this.#options = options;
  }

  /** A run is open from now on, unless it is known to be. */
  add({ runId }: Run): void {
    if (this.#since.has(runId)) return;
    this.#since.set(runId, this.#options.clock.monotonicMs());
    this.#lookIn(OPEN_RUN_WAIT_MS);
  }

  /** A run is not open any more. */
  delete({ runId }: Run): void {
    this.#since.delete(runId);
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#placing;
  }

  #lookIn(waitMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#placing = this.#placeDue().catch((error: unknown) => {
        this.#options.log("warn", "a run that nothing is logged to can't be placed yet", {
          reason: String(error),
        });
        this.#lookIn(OPEN_RUN_WAIT_MS);
      });
    }, waitMs).unref();
  }

  async #placeDue(): Promise<void> {
    const { runs, clock, onPlaced } = this.#options;
    for (const [runId, sinceMs] of this.#since) {
      const leftMs = sinceMs + OPEN_RUN_WAIT_MS - clock.monotonicMs();
      if (leftMs > 0) return this.#lookIn(Math.ceil(leftMs));
      const run = await offer(runs, runId);
      this.#since.delete(runId);
      if (run) onPlaced(run);
    }
  }
}
