import type { Log } from "../model/log.js";
import type { ProducerMark } from "./mark.js";

/** What a journal needs, and whom it tells. */
export interface JournalOptions {
  readonly folder: string;
  readonly log: Log;
  /** The lowest position that the first record may get: higher than any that was ever released. */
  readonly seqFloor: number;
  /** Keeps, on disk, what only a segment that is about to go knew of producers. */
  readonly retire: (marks: ReadonlyMap<string, ProducerMark>) => Promise<void>;
  /** Keeps, on disk, how far runs are released, before a segment with their records goes. */
  readonly secure: () => Promise<void>;
  /** Runs that got records that can be read from now on. */
  readonly onJournaled: (runs: ReadonlySet<number>) => void;
  /** The journal is open again after a failure: totals and positions were read anew. */
  readonly onReopened: () => void;
  /** Bytes that the journal may hold. */
  readonly quotaBytes: number;
}
