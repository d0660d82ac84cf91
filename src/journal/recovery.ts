import { laterMark, type ProducerMark } from "./mark.js";
import type { RunTotals } from "./record.js";
import type { SegmentContents } from "./segment-scan.js";

/** What a journal knows after it read all of its segments. */
export interface Recovered {
  /** The position of the next record. */
  readonly nextSeq: number;
  readonly totals: ReadonlyMap<number, RunTotals>;
  readonly marks: ReadonlyMap<string, ProducerMark>;
  /** Whether there was a journal before and nothing of it is there. */
  readonly isLost: boolean;
}

/** More positions than a cursor that was written can be behind the backend. */
const LOST_JOURNAL_MARGIN = 2 ** 32;

/**
 * Puts together what the segments hold. The next position is above every record and above
 * the floor; if the journal was taken away or its newest segment is damaged, far above,
 * because backends may stand further than the cursors that are known.
 */
export function mergeContents(
  found: readonly SegmentContents[],
  seqFloor: number,
  isTailLost: boolean,
): Recovered {
  const isLost = found.length === 0 && seqFloor > 1;
  let nextSeq = Math.max(1, seqFloor);
  const totals = new Map<number, RunTotals>();
  const marks = new Map<string, ProducerMark>();
  for (const contents of found) {
    nextSeq = Math.max(nextSeq, contents.firstSeq);
    for (const [run, through] of contents.totals) {
      nextSeq = Math.max(nextSeq, through.seq + 1);
      if (through.seq > (totals.get(run)?.seq ?? 0)) totals.set(run, through);
    }
    for (const [id, mark] of contents.marks) marks.set(id, laterMark(marks.get(id), mark));
  }
  if (isLost || isTailLost) nextSeq += LOST_JOURNAL_MARGIN;
  return { nextSeq, totals, marks, isLost };
}
