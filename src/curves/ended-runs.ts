/**
 * Runs that ended before this daemon began. Nothing more comes of them that would be saved, so what a kill left unsaved is read again
 * before the journal forgets it: a few at a time, and for no more than a small part of the time. What has a local store can wait until
 * somebody looks.
 */
import type { Clock } from "../model/clock.js";
import { CURVES_PRESSED_SAVE_TIMES, CURVES_SAVED_AT_ONCE_MAX } from "../model/curve-limits.js";
import { hasEnded, type Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import type { RefillSources } from "./refill.js";

export class EndedRuns {
  readonly #runs: Pick<RunBook, "byNumber" | "journaled" | "live">;
  readonly #clock: Clock;
  #numbers: number[] = [];
  #restUntilMs = Number.NEGATIVE_INFINITY;

  constructor(runs: Pick<RunBook, "byNumber" | "journaled" | "live">, clock: Clock) {
    this.#runs = runs;
    this.#clock = clock;
  }

  /** Takes those that a tracker still waits for. */
  begin({ hasStore }: RefillSources): void {
    const mayLack = (run: Run) => hasEnded(run) && !hasStore(run) && this.#runs.journaled(run).points > 0;
    this.#numbers = [...this.#runs.live()].filter(mayLack).map(({ number }) => number);
  }

  /** Whether all were looked at. */
  get isDone(): boolean {
    return this.#numbers.length === 0;
  }

  /** Has the next ones looked at, if it is time. */
  async look(at: (run: Run) => Promise<void>): Promise<void> {
    const beginMs = this.#clock.monotonicMs();
    if (this.isDone || beginMs < this.#restUntilMs) return;
    for (const number of this.#numbers.splice(0, CURVES_SAVED_AT_ONCE_MAX)) {
      const run = this.#runs.byNumber(number);
      if (run) await at(run);
    }
    const nowMs = this.#clock.monotonicMs();
    this.#restUntilMs = nowMs + (nowMs - beginMs) * CURVES_PRESSED_SAVE_TIMES;
  }
}
