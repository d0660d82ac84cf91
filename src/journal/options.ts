import type { Log } from "../model/log.js";
import type { WrittenAppend } from "./append.js";
import type { ReplayWindow } from "./kept-segments.js";
import type { ProducerMark } from "./mark.js";
import type { RunTotals } from "./record.js";
import type { WriteTally } from "./write-tally.js";

/** Where it is noted, on disk, which segments there are: one whose folder is gone is missed by that. */
export interface SegmentNotes {
  /** The numbers that were noted last. */
  read(): Promise<readonly number[]>;
  /** Notes these and no others; they are on disk when this resolves. */
  write(numbers: readonly number[]): Promise<void>;
}

/** A run that goes on: a segment may have had records of it that no backend has. */
export interface LiveRun {
  readonly number: number;
  /** The position through which every backend has it. */
  readonly releasedSeq: number;
  /** Its totals as far as anybody got it. */
  readonly through: RunTotals;
}

/** What a journal needs, and whom it tells. */
export interface JournalOptions {
  readonly folder: string;
  readonly log: Log;
  /** The lowest position that the first record may get: higher than any that was ever released. */
  readonly seqFloor: number;
  readonly notes: SegmentNotes;
  /** Every run that is not delivered in full; runs that are not here have lost nothing. */
  readonly liveRuns: () => Iterable<LiveRun>;
  /** Makes room on a full disk, once; answers whether it did. */
  readonly makeRoom: () => Promise<boolean>;
  /** Keeps, on disk, what only a segment that is about to go knew of producers. */
  readonly retire: (marks: ReadonlyMap<string, ProducerMark>) => Promise<void>;
  /** Keeps, on disk, how far runs are released, before a segment with their records goes. */
  readonly secure: () => Promise<void>;
  /** Runs that got records that can be read from now on, and those, as they were appended together. */
  readonly onJournaled: (runs: ReadonlySet<number>, appends: readonly WrittenAppend[]) => void;
  /** The journal is open again after a failure: totals and positions were read anew. */
  readonly onReopened: () => void;
  /** Bytes that the journal may hold. */
  readonly quotaBytes: number;
  /** How long, and how much of it, delivered records stay. */
  readonly window: ReplayWindow;
  /** Counts what is written. */
  readonly tally?: WriteTally;
}
