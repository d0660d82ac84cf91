/**
 * Holes: entries that the journal had and can't read any more. Each record carries its
 * run's running totals, so that what is missing before it is a subtraction. Where a whole
 * segment was lost no total may tell: a gap in the journal says that something may be missing.
 */
import { type JournalRecord, recordBytes } from "../journal/record.js";
import type { RunPosition } from "../runs/run.js";

export interface Hole {
  /** Metric points that are missing, as far as it is known. */
  readonly points: number;
  /** Bytes of the records that are missing: also params, tags, starts and ends have some. Undefined behind a gap. */
  readonly bytes: number | undefined;
  /** The position before the hole. */
  readonly afterSeq: number;
  /** The position behind the hole. */
  readonly through: RunPosition;
}

/** The hole between a position and the record that was read first behind it; behind a gap the lane stands after it. */
export function holeBefore(first: JournalRecord, position: RunPosition): Hole | undefined {
  const before = positionBefore(first);
  const points = Math.max(0, before.points - position.points);
  const bytes = before.bytes - position.bytes;
  const afterSeq = position.seq;
  if (first.isGap) return { points, bytes: undefined, afterSeq, through: first.through };
  if (points === 0 && bytes <= 0) return undefined;
  return { points, bytes: Math.max(0, bytes), afterSeq, through: before };
}

/** Where the run stood before a record. */
export function positionBefore(record: JournalRecord): RunPosition {
  return {
    seq: record.seq - 1,
    points: record.through.points - record.points,
    bytes: record.through.bytes - recordBytes(record.payload),
  };
}

/** The records up to the next hole among them. */
export function upToHole(records: readonly JournalRecord[]): readonly JournalRecord[] {
  const end = records.findIndex((record, index) => {
    const before = records[index - 1];
    return before !== undefined && holeBefore(record, before.through) !== undefined;
  });
  return end === -1 ? records : records.slice(0, end);
}
