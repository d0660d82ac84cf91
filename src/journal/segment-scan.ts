/**
 * What recovery reads of a segment: its head, its producers' marks, and the first and the last record
 * of each run. However many records a run has, it reads a few of them.
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
  /** Runs whose last record can't be read, with its position. */
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

/** Behind so many records a run's last one is looked for instead of read up to: a look costs as much as many records. */
const SHORT_RUN_RECORDS = 16;
const SCAN_READ_AHEAD_BYTES = 128 * 1024;
const SCAN_ENTRIES = 1_000;

type Entry = readonly [Uint8Array, Uint8Array];

type FoundRuns = Pick<SegmentContents, "totals" | "unreadableEnds" | "runBytes"> & { isDamaged: boolean };

/** The totals of a run's last record that can be read, and the position of the last one where that is another; else 0. */
interface RunEndFound {
  readonly totals: RunTotals | undefined;
  readonly unreadableSeq: number;
}

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

/** Runs with few records are read as they come, one look for many; in a long one only its ends are. */
async function scanRuns(database: Database): Promise<FoundRuns> {
  const found = {
    totals: new Map<number, RunTotals>(),
    unreadableEnds: new Map<number, number>(),
    runBytes: new Map<number, number>(),
    isDamaged: false,
  };
  const bounds = { gte: recordKey(0, 0), lt: RECORD_KEYS_END, highWaterMarkBytes: SCAN_READ_AHEAD_BYTES };
  const iterator = database.iterator(bounds);
  try {
    let open: OpenRun | undefined;
    for (;;) {
      const entries = await iterator.nextv(SCAN_ENTRIES);
      if (entries.length === 0) break;
      for (const entry of entries) {
        const run = parseRecordKey(entry[0])?.run;
        if (run === undefined || (run === open?.run && open.isLong)) continue;
        if (open && open.run !== run && !open.isLong)
          noteRun(found, open.run, open.entries[0], endOf(open.entries));
        if (open?.run !== run) open = { run, entries: [], isLong: false };
        open.entries.push(entry);
        if (open.entries.length < SHORT_RUN_RECORDS) continue;
        open.isLong = true;
        noteRun(found, run, open.entries[0], await lastRecord(database, run));
      }
      // What was read ahead of a long run counts for nothing.
      if (open?.isLong) iterator.seek(recordKey(open.run + 1, 0));
    }
    if (open && !open.isLong) noteRun(found, open.run, open.entries[0], endOf(open.entries));
    return found;
  } finally {
    await iterator.close();
  }
}

/** A run whose records are being read. */
interface OpenRun {
  readonly run: number;
  readonly entries: Entry[];
  /** Whether it has more than are read one by one: its end is known already. */
  isLong: boolean;
}

function noteRun(found: FoundRuns, run: number, first: Entry | undefined, last: RunEndFound): void {
  const record = first && decodeRecord(first[0], first[1]);
  if (last.totals) found.totals.set(run, last.totals);
  if (last.unreadableSeq > 0) found.unreadableEnds.set(run, last.unreadableSeq);
  if (last.totals && record) {
    found.runBytes.set(run, last.totals.bytes - record.through.bytes + recordBytes(record.payload));
  }
  found.isDamaged ||= last.unreadableSeq > 0 || !record;
}

/** The end of a run that has all its records here. */
function endOf(entries: readonly Entry[]): RunEndFound {
  let unreadableSeq = 0;
  for (const [key, value] of entries.toReversed()) {
    const record = decodeRecord(key, value);
    if (record) return { totals: record.through, unreadableSeq };
    unreadableSeq ||= parseRecordKey(key)?.seq ?? 0;
  }
  return { totals: undefined, unreadableSeq };
}

/** The totals of the last record that can be read, and the position of the last one where that is another; else 0. */
async function lastRecord(database: Database, run: number): Promise<RunEndFound> {
  let unreadableSeq = 0;
  const bounds = { gte: recordKey(run, 0), lt: recordKey(run + 1, 0) };
  for await (const [key, value] of database.iterator({ ...bounds, reverse: true })) {
    const record = decodeRecord(key, value);
    if (record) return { totals: record.through, unreadableSeq };
    unreadableSeq ||= parseRecordKey(key)?.seq ?? 0;
  }
  return { totals: undefined, unreadableSeq };
}
