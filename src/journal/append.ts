/** What goes into the journal at once, and who hears of it. */
import type { StepwellError } from "../errors/stepwell-error.js";
import type { ColumnView } from "../model/batch-view.js";
import type { ProducerMark } from "./mark.js";
import type { RecordHeader } from "./record.js";

/** One record to write. */
export interface NewRecord {
  readonly run: number;
  readonly header: RecordHeader;
  readonly payload: Uint8Array;
  /** The points of the payload that were logged: where they are is handed on once the record is on disk. */
  readonly columns?: readonly ColumnView[];
}

/** One record that is on disk. */
export interface WrittenRecord {
  readonly run: number;
  readonly seq: number;
  readonly bytes: number;
  /** Points in it, and of the run through it. */
  readonly points: number;
  readonly pointsThrough: number;
  /** The record's value, and where in it are the columns of the points that were logged; undefined: wherever its batch has them. */
  readonly value: Uint8Array;
  readonly spans: readonly ColumnSpan[] | undefined;
}

/** Where the points of one metric are in a record's value: the first byte of each column, and the bytes of each. */
export interface ColumnSpan {
  readonly key: string;
  readonly steps: number;
  readonly timestampsMs: number;
  readonly values: number;
  readonly length: number;
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
