/** What goes into the journal at once, and who hears of it. */
import type { StepwellError } from "../errors/stepwell-error.js";
import type { ProducerMark } from "./mark.js";
import type { RecordHeader } from "./record.js";

/** One record to write. */
export interface NewRecord {
  readonly run: number;
  readonly header: RecordHeader;
  readonly payload: Uint8Array;
}

/** One record that is on disk. */
export interface WrittenRecord {
  readonly run: number;
  readonly seq: number;
  readonly bytes: number;
  /** Points in it, and of the run through it. */
  readonly points: number;
  readonly pointsThrough: number;
  /** A Batch as protobuf bytes. */
  readonly payload: Uint8Array;
}

/** How far a producer is with the records that are written beside it. */
export interface NewMark {
  readonly producerId: string;
  readonly mark: ProducerMark;
}

/** The records of one append, in their order. */
export interface WrittenAppend {
  readonly runs: readonly WrittenRecord[];
}

/** Told once what became of an append. */
export interface AppendListener {
  /** It is on disk. */
  journaled(): void;
  /** It may be on disk or not: nothing is acknowledged. */
  failed(error: StepwellError): void;
}

/** Appends, and resolves once it is on disk; rejects with why that is not known. */
export async function appended(
  journal: {
    append(records: readonly NewRecord[], mark: NewMark | undefined, listener: AppendListener): void;
  },
  records: readonly NewRecord[],
  mark?: NewMark,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    journal.append(records, mark, { journaled: resolve, failed: reject });
  });
}
