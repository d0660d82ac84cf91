/** Takes runs that are done to the archive: one write for all that became done during the one before. */
import type { Journal } from "../journal/journal.js";
import { ARCHIVE_RUNS_MAX } from "../model/limits.js";
import type { Log } from "../model/log.js";
import type { ParamBook } from "../runs/param-book.js";
import type { RunBook } from "../runs/run-book.js";

export interface ArchiverOptions {
  readonly journal: Journal;
  readonly runs: RunBook;
  readonly params: ParamBook;
  readonly log: Log;
}

export class Archiver {
  readonly #options: ArchiverOptions;
  readonly #waiting = new Set<string>();
  #working: Promise<void> | undefined;

  constructor(options: ArchiverOptions) {
    this.#options = options;
  }

  /** A run ended and every backend has all of it. */
  add(runId: string): void {
    this.#waiting.add(runId);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  /** Resolves when nothing is on its way to the archive. */
  async idle(): Promise<void> {
    await this.#working;
  }

  async #work(): Promise<void> {
    const { holds } = this.#options.runs;
    for (;;) {
      const free = [...this.#waiting].filter((runId) => !holds.has(runId)).slice(0, ARCHIVE_RUNS_MAX);
      if (free.length === 0) return;
      for (const runId of free) this.#waiting.delete(runId);
      await this.#archive(free);
      // What is prepared for a run may be refused as a whole: then nothing else brings the run here again.
      for (const runId of free) if (holds.has(runId)) this.#waiting.add(runId);
    }
  }

  async #archive(runIds: readonly string[]): Promise<void> {
    const { runs, journal, params, log } = this.#options;
    try {
      await runs.archive(runIds, ({ number }) => {
        journal.forget(number);
        params.forget(number);
      });
    } catch (error) {
      log("warn", "finished runs could not be archived", { runs: runIds.length, reason: String(error) });
    }
  }
}
