/**
 * Holes: entries that the journal had and can't read any more. Each record carries its
 * run's running total, so that what is missing before it is a subtraction.
 */
import { type JournalRecord, recordBytes } from "../journal/record.js";
import type { RunPosition } from "../state/run.js";

export interface Hole {
  /** Metric points that are missing. */
  readonly points: number;
  /** The position before the hole. */
  readonly afterSeq: number;
  /** The position behind the hole. */
  readonly through: RunPosition;
}

/** The hole between a position and the record that was read first behind it. */
export function holeBefore(first: JournalRecord, position: RunPosition): Hole | undefined {
  const points = first.through.points - first.points - position.points;
  if (points <= 0) return undefined;
  const bytes = first.through.bytes - recordBytes(first.payload);
  return {
    points,
    afterSeq: position.seq,
    through: { seq: first.seq - 1, points: position.points + points, bytes },
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
