import type { Journal } from "../journal/journal.js";
import type { Clock } from "../model/clock.js";
import type { Log } from "../model/log.js";
import type { DeadLetters } from "../runs/dead-letters.js";
import type { HomeHistory } from "../runs/home-history.js";
import type { Notices } from "../runs/notices.js";
import type { Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import type { Sink } from "../sinks/sink.js";
import type { FlushTally } from "./flush-tally.js";

/** What a flusher works with, and whom it tells. */
export interface FlusherOptions {
  readonly sink: Sink;
  readonly journal: Journal;
  readonly runs: RunBook;
  readonly deadLetters: DeadLetters;
  readonly history: HomeHistory;
  readonly notices: Notices;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** The last position of a run that was given away in a bundle for a tracker; 0: none. */
  readonly exportedSeq?: (runId: string, trackerId: string) => number;
  /** Counts what backends say. */
  readonly tally?: FlushTally;
  /** Called when a backend has more of a run. */
  readonly onAdvance: (run: Run) => void;
  /** Called when a run ended and every backend has all of it. */
  readonly onRunDone: (run: Run) => void;
}
