/**
 * Waits until backends have what was journaled before it began. It is told of each run that got further,
 * and looks at that run alone: there may be ten thousand.
 */
import { type Run, releasedSeq } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";

export class Drain {
  readonly #runs: RunBook;
  /** The positions that are still to be reached, by run id. */
  readonly #goals = new Map<string, number>();
  #reached: () => void = () => undefined;

  /** Of these runs; of all, unless they are given. */
  constructor(runs: RunBook, some: Iterable<Run> = runs.live()) {
    this.#runs = runs;
    for (const run of some) {
      // Nothing was logged to one that is open.
      if (run.isOpen) continue;
      const { seq } = runs.journaled(run);
      if (releasedSeq(run) < seq) this.#goals.set(run.runId, seq);
    }
  }

  /** A run got further. */
  advanced(run: Run): void {
    const goal = this.#goals.get(run.runId);
    if (goal === undefined || releasedSeq(run) < goal) return;
    this.#goals.delete(run.runId);
    if (this.#goals.size === 0) this.#reached();
  }

  /** Anything may have changed: looks at all runs. */
  lookAgain(): void {
    for (const [runId, goal] of this.#goals) {
      const run = this.#runs.find(runId);
      // What the journal could not take will not come.
      if (!run || releasedSeq(run) >= Math.min(goal, this.#runs.journaled(run).seq))
        this.#goals.delete(runId);
    }
    if (this.#goals.size === 0) this.#reached();
  }

  /** Resolves when all is reached, with true, or when the time is over. */
  async wait(timeoutMs: number): Promise<boolean> {
    if (this.#goals.size === 0) return true;
    return await new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs);
      this.#reached = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}
