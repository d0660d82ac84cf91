import { laterMark, type ProducerMark } from "./mark.js";
import type { LiveRun } from "./options.js";
import type { RunTotals } from "./record.js";
import type { SegmentContents } from "./segment-scan.js";

/** What a journal's folder holds. */
export interface FoundSegments {
  /** What its segments hold, with their numbers, oldest first. */
  readonly contents: readonly (SegmentContents & { readonly number: number })[];
  /** The highest number of a segment that was lost since the journal was open; 0: none was. */
  readonly lostNumber: number;
  /** Whether the newest segment is lost: its positions are not known. */
  readonly isTailLost: boolean;
}

/** What a journal knows after it read all of its segments. */
export interface Recovered {
  /** The position of the next record. */
  readonly nextSeq: number;
  readonly totals: ReadonlyMap<number, RunTotals>;
  readonly marks: ReadonlyMap<string, ProducerMark>;
}

/** More positions than a cursor that was written can be behind the backend. */
const LOST_JOURNAL_MARGIN = 2 ** 32;

/** Whether there was a journal before and nothing of it is there, in a home that has no notes of it. */
export function isAllLost({ contents, lostNumber }: FoundSegments, seqFloor: number): boolean {
  return contents.length === 0 && lostNumber === 0 && seqFloor > 1;
}

/**
 * Puts together what the segments hold. The next position is above every record and above
 * the floor; if the journal was taken away or its newest segment is damaged, far above,
 * because backends may stand further than the cursors that are known.
 */
export function mergeContents(found: FoundSegments, seqFloor: number): Recovered {
  let nextSeq = Math.max(1, seqFloor);
  const totals = new Map<number, RunTotals>();
  const marks = new Map<string, ProducerMark>();
  for (const contents of found.contents) {
    nextSeq = Math.max(nextSeq, contents.firstSeq);
    for (const seq of contents.unreadableEnds.values()) nextSeq = Math.max(nextSeq, seq + 1);
    for (const [run, through] of contents.totals) {
      nextSeq = Math.max(nextSeq, through.seq + 1);
      if (through.seq > (totals.get(run)?.seq ?? 0)) totals.set(run, through);
    }
    for (const [id, mark] of contents.marks) marks.set(id, laterMark(marks.get(id), mark));
  }
  if (isAllLost(found, seqFloor) || found.isTailLost) nextSeq += LOST_JOURNAL_MARGIN;
  return { nextSeq, totals, marks };
}

/**
 * The runs that may miss records, with no total that tells: those without a record behind a segment
 * that was lost, and those whose last record can't be read.
 */
export function runsWithGaps(found: FoundSegments, seqFloor: number, liveRuns: Iterable<LiveRun>): LiveRun[] {
  const lost = isAllLost(found, seqFloor) ? 1 : found.lostNumber;
  const ends = new Map<number, { readonly number: number; readonly unreadableSeq: number }>();
  for (const { number, totals, unreadableEnds } of found.contents) {
    for (const run of totals.keys()) ends.set(run, { number, unreadableSeq: 0 });
    for (const [run, unreadableSeq] of unreadableEnds) ends.set(run, { number, unreadableSeq });
  }
  return [...liveRuns].filter((run) => {
    const { number, unreadableSeq } = ends.get(run.number) ?? { number: 0, unreadableSeq: 0 };
    return lost > number || unreadableSeq > run.releasedSeq;
  });
}
