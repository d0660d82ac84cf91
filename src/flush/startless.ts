/** Runs that entries came for and whose start has not arrived: after a while what they have becomes dead letters. */
import type { Journal } from "../journal/journal.js";
import type { Clock } from "../model/clock.js";
import { RUN_START_WAIT_MS } from "../model/limits.js";
import type { Log } from "../model/log.js";
import type { DeadLetters } from "../runs/dead-letters.js";
import { parkedThrough, type Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import { lettersOfRecords, PARK_READ } from "./letters.js";

export interface StartlessOptions {
  readonly journal: Journal;
  readonly runs: RunBook;
  readonly deadLetters: DeadLetters;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when something of a run was parked. */
  readonly onAdvance: (run: Run) => void;
}

export class Startless {
  readonly #options: StartlessOptions;
  /** When each began to wait, by run id, the first one first. */
  readonly #since = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #parking: Promise<void> = Promise.resolve();

  constructor(options: StartlessOptions) {
    this.#options = options;
  }

  /** A run waits for its start from now on, unless it does already. */
  add({ runId }: Run): void {
    if (this.#since.has(runId)) return;
    this.#since.set(runId, this.#options.clock.monotonicMs());
    this.#lookIn(RUN_START_WAIT_MS);
  }

  /** A run has its start. */
  delete({ runId }: Run): void {
    this.#since.delete(runId);
  }

  /** Ends what is under way. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#parking;
  }

  #lookIn(waitMs: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#parking = this.#parkDue().catch((error: unknown) => {
        this.#options.log("error", "entries without a run could not be parked", { reason: String(error) });
        this.#lookIn(RUN_START_WAIT_MS);
      });
    }, waitMs).unref();
  }

  async #parkDue(): Promise<void> {
    const { runs, clock, deadLetters } = this.#options;
    if (deadLetters.fullness) return this.#lookIn(RUN_START_WAIT_MS);
    for (const [runId, sinceMs] of this.#since) {
      const leftMs = sinceMs + RUN_START_WAIT_MS - clock.monotonicMs();
      if (leftMs > 0) return this.#lookIn(Math.ceil(leftMs));
      const run = runs.find(runId);
      if (run && !run.start) await this.#park(run);
      this.#since.delete(runId);
    }
  }

  async #park(run: Run): Promise<void> {
    const { journal, runs, deadLetters, onAdvance } = this.#options;
    const reason = `The run did not begin within ${RUN_START_WAIT_MS / 1000} s.`;
    const why = { code: "STEPWELL_RUN_UNKNOWN", reason } as const;
    for (let position = parkedThrough(run); ; ) {
      const records = await journal.read(run.number, position.seq, PARK_READ);
      const last = records.at(-1);
      // Its start may have come while it was read.
      if (!last || runs.find(run.runId)?.start) return;
      await deadLetters.park(lettersOfRecords(run.runId, records, position, why));
      position = last.through;
      runs.park(run.runId, position);
      journal.release(run.number, position.seq);
      onAdvance(runs.find(run.runId) ?? run);
    }
  }
}
