/**
 * What recovery reads of a segment: its head, its producers' marks, and the last record
 * of each run. However many records there are, it reads one per run.
 */
import type { Level } from "level";
import { StepwellError } from "../errors/stepwell-error.js";
import { decodeMark, MARK_KEYS, type ProducerMark } from "./mark.js";
import { decodeRecord, parseRecordKey, type RunTotals, recordBytes, recordKey } from "./record.js";

export type Database = Level<Uint8Array, Uint8Array>;

/** What recovery finds in a segment. */
export interface SegmentContents {
  /** The totals of each run's last record that can be read. */
  readonly totals: Map<number, RunTotals>;
  /** Runs of which the last record can't be read, with its position. */
  readonly unreadableEnds: Map<number, number>;
  readonly marks: Map<string, ProducerMark>;
  /** The journal position that the segment began at. */
  readonly firstSeq: number;
  /** Bytes of each run's records here. */
  readonly runBytes: Map<number, number>;
  /** Whether a record or a mark could not be read. */
  readonly isDamaged: boolean;
}

/** The key of a segment's head. */
export const META_KEY = Buffer.from("meta");
const RECORD_KEYS_END = Buffer.of(0x73);
/** Rises with any change of what a segment holds that this version would take for damage, as of a record's version. */
const FORMAT = 1;

/** The head of a segment that begins at a position. */
export function segmentHead(firstSeq: number): { type: "put"; key: Uint8Array; value: Uint8Array } {
  return { type: "put", key: META_KEY, value: Buffer.from(JSON.stringify({ format: FORMAT, firstSeq })) };
}

/** Throws STEPWELL_STORE_DAMAGED or STEPWELL_STORE_NEWER. */
export async function scanSegment(database: Database, number: number): Promise<SegmentContents> {
  const { format, firstSeq } = await readHead(database);
  if (format > FORMAT) {
    const sentence = `Journal segment ${number} has format ${format}; this version reads formats up to ${FORMAT}.`;
    throw new StepwellError("STEPWELL_STORE_NEWER", sentence);
  }
  const marks = new Map<string, ProducerMark>();
  let hasBadMark = false;
  for await (const [key, value] of database.iterator(MARK_KEYS)) {
    const found = decodeMark(key, value);
    if (found) marks.set(found.producerId, found.mark);
    else hasBadMark = true;
  }
  const runs = await scanRuns(database);
  return { ...runs, marks, firstSeq, isDamaged: runs.isDamaged || hasBadMark };
}

async function readHead(database: Database): Promise<{ format: number; firstSeq: number }> {
  const head: Uint8Array | undefined = await database.get(META_KEY);
  if (head === undefined) throw new StepwellError("STEPWELL_STORE_DAMAGED", "A journal segment has no head.");
  return JSON.parse(Buffer.from(head).toString()) as { format: number; firstSeq: number };
}

async function scanRuns(
  database: Database,
): Promise<Pick<SegmentContents, "totals" | "unreadableEnds" | "runBytes" | "isDamaged">> {
  const totals = new Map<number, RunTotals>();
  const unreadableEnds = new Map<number, number>();
  const runBytes = new Map<number, number>();
  let isDamaged = false;
  for (let next = 0; ; ) {
    const bounds = { gte: recordKey(next, 0), lt: RECORD_KEYS_END };
    const [first] = await database.iterator({ ...bounds, limit: 1 }).all();
    const found = first && parseRecordKey(first[0]);
    if (!found) return { totals, unreadableEnds, runBytes, isDamaged };
    const last = await lastRecord(database, found.run);
    const record = decodeRecord(first[0], first[1]);
    if (last.totals) totals.set(found.run, last.totals);
    if (last.unreadableSeq > 0) unreadableEnds.set(found.run, last.unreadableSeq);
    if (last.totals && record) {
      runBytes.set(found.run, last.totals.bytes - record.through.bytes + recordBytes(record.payload));
    }
    isDamaged ||= last.unreadableSeq > 0 || !record;
    next = found.run + 1;
  }
}

/** The totals of the last record that can be read, and the position of the last one where that is another; else 0. */
async function lastRecord(
  database: Database,
  run: number,
): Promise<{ totals: RunTotals | undefined; unreadableSeq: number }> {
  let unreadableSeq = 0;
  const bounds = { gte: recordKey(run, 0), lt: recordKey(run + 1, 0) };
  for await (const [key, value] of database.iterator({ ...bounds, reverse: true })) {
    const record = decodeRecord(key, value);
    if (record) return { totals: record.through, unreadableSeq };
    unreadableSeq ||= parseRecordKey(key)?.seq ?? 0;
  }
  return { totals: undefined, unreadableSeq };
}
