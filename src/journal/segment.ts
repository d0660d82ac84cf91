/**
 * A segment: one bounded LevelDB of the journal.
 *
 * Disk comes back from LevelDB only when a whole store goes, and its tables are mapped
 * into memory while it is open. So the log is many small stores: one is active and
 * takes records, the others are sealed, open only while a lane reads them, and removed
 * whole once every run in them is delivered. A sealed segment never changes again.
 *
 * Damage: a store that does not open, or whose log lost a write that was acknowledged, is
 * set aside whole by its list; one that is gone is missed by it. A record whose checksum is
 * wrong is passed over. Where LevelDB itself can't read on, the rest of that run in this
 * segment is passed over, but for a read that failed and may succeed: that is asked again.
 * A segment that had anything passed over is kept under another name instead of being
 * removed; the lane counts what is missing.
 */
import { mkdir, rm } from "node:fs/promises";
import { Level } from "level";
import { StepwellError } from "../errors/stepwell-error.js";
import { systemClock } from "../home/clock.js";
import { syncFiles, syncFolder } from "../home/replace-file.js";
import { isInputOutputFault, isUnavailable } from "../leveldb/level-fault.js";
import { isReadable, readFiles } from "../leveldb/readable.js";
import { writeBatch } from "../leveldb/write-batch.js";
import { SEGMENT_CACHE_BYTES, SEGMENT_WRITE_BUFFER_BYTES } from "../model/limits.js";
import { LogNames } from "../store/log-names.js";
import { moveAside } from "./lost-segments.js";
import { type ReadBudget, Reading } from "./read-budget.js";
import { decodeRecord, type JournalRecord, parseRecordKey, recordKey } from "./record.js";
import {
  dropFolder,
  folderBytes,
  markClosed,
  markFinished,
  markOpen,
  markUnfinished,
  wasOpen,
} from "./segment-folder.js";
import { checkLogs, checkNames } from "./segment-logs.js";
import { PutTally, type SegmentPut } from "./segment-put.js";
import { SegmentRuns } from "./segment-runs.js";
import { type Database, type SegmentContents, scanSegment, segmentHead } from "./segment-scan.js";
import { copyNeeded, replaceByShrunk, shrunkFolder } from "./segment-shrink.js";

/** More only costs memory: what a read brings is allocated outside the JavaScript heap and fragments it. */
const READ_AHEAD_BYTES = 128 * 1024;
const READ_RECORDS = 256;
/** LevelDB's memory table is not full before it holds so many bytes; an entry takes less than its own and so many more. */
const TABLE_BYTES_SURE = SEGMENT_WRITE_BUFFER_BYTES / 2;
const TABLE_ENTRY_BYTES = 128;

export class Segment {
  readonly number: number;
  readonly folder: string;
  readonly #runs = new SegmentRuns();
  /** Producers whose mark was written here. */
  readonly producers = new Set<string>();
  /** Bytes of what was written, without LevelDB's own. */
  bytes = 0;
  /** A rising number of the last read, to choose which segment to close. */
  lastRead = 0;
  /** When something in it was released last, by the monotonic clock. */
  releasedMs = Number.NEGATIVE_INFINITY;
  /** Whether anything in it could not be read. */
  isDamaged = false;
  #database: Database | undefined;
  readonly #logNames: LogNames;
  /** Bytes that LevelDB's memory table holds at most, without what it wastes. */
  #tableBytes = 0;

  private constructor(folder: string, number: number) {
    this.folder = folder;
    this.number = number;
    this.#logNames = new LogNames(folder);
  }
  /** A segment that is there, with nothing outstanding. */
  static at(folder: string, number: number): Segment {
    return new Segment(folder, number);
  }

  /** Makes a new segment that begins at a position, with what has to be in it from the first. */
  static async create(
    folder: string,
    number: number,
    firstSeq: number,
    puts: readonly SegmentPut[] = [],
  ): Promise<Segment> {
    const segment = new Segment(folder, number);
    await mkdir(folder, { mode: 0o700 });
    await markUnfinished(folder);
    await segment.#open({ createIfMissing: true });
    segment.bytes = await segment.write([segmentHead(firstSeq), ...puts]);
    // LevelDB's own names are there for good, too, before anything is written.
    await markFinished(folder);
    return segment;
  }

  /**
   * Opens a segment that is there and reads what it holds; `isTorn`: the last write of its log
   * is not whole. Throws STEPWELL_STORE_DAMAGED,
   * STEPWELL_STORE_NEWER, or STEPWELL_JOURNAL_FAILED for a reason that may pass.
   */
  static async recover(
    folder: string,
    number: number,
  ): Promise<{ segment: Segment; contents: SegmentContents; isTorn: boolean }> {
    const segment = new Segment(folder, number);
    try {
      const isLeftOpen = await wasOpen(folder);
      if (isLeftOpen) await readFiles(folder);
      const { isTorn, isEmpty } = await checkLogs(folder);
      await segment.#open({ createIfMissing: false });
      // What the log held, synced or not, is in a table now, which LevelDB syncs, but not the name that leads to it;
      // so it may be where the last one who opened it came no further.
      if (!isEmpty || isLeftOpen) await syncFolder(folder);
      const contents = await scanSegment(segment.#opened(), number);
      const { runBytes } = contents;
      for (const [run, { seq }] of contents.totals) segment.#runs.found(run, seq, runBytes.get(run));
      for (const [run, seq] of contents.unreadableEnds) segment.#runs.found(run, seq, runBytes.get(run));
      for (const producerId of contents.marks.keys()) segment.producers.add(producerId);
      segment.isDamaged = contents.isDamaged;
      segment.bytes = await folderBytes(folder);
      return { segment, contents, isTorn };
    } catch (error) {
      // It stays marked as open: names may be on no disk yet.
      await segment.#database?.close();
      throw await segment.#openFault(error);
    }
  }

  get isOpen(): boolean {
    return this.#database !== undefined;
  }

  /** Opens a segment that is there. Throws STEPWELL_STORE_DAMAGED, or STEPWELL_JOURNAL_FAILED for a reason that may pass. */
  async open(): Promise<void> {
    try {
      // LevelDB would make the folder anew, and then find nothing in it.
      await checkNames(this.folder);
      // Made anew in place of a damaged one it would be empty, and LevelDB would remove the rest.
      await this.#open({ createIfMissing: false });
    } catch (error) {
      throw await this.#openFault(error);
    }
  }

  async close(): Promise<void> {
    const database = this.#database;
    this.#database = undefined;
    await database?.close();
    if (database) await markClosed(this.folder);
  }

  /** Writes all or nothing; it is on disk when this resolves, to how many bytes the segment has grown. */
  async write(puts: Iterable<SegmentPut>): Promise<number> {
    const tally = new PutTally();
    await writeBatch(this.#opened(), tally.of(puts), true);
    const inTable = tally.bytes + tally.count * TABLE_ENTRY_BYTES;
    this.#tableBytes += inTable;
    if (this.#tableBytes > TABLE_BYTES_SURE && (await this.#logNames.keep())) this.#tableBytes = inTable;
    return tally.bytes;
  }

  /** A record of the run is about to be written here. */
  note(run: number, seq: number, bytes: number): void {
    this.#runs.add(run, seq, bytes);
  }

  /** Runs that have undelivered records here, with the position of their last record. */
  get outstanding(): ReadonlyMap<number, number> {
    return this.#runs.outstanding;
  }

  /** Nobody will read the run from here any more. */
  release(run: number): void {
    this.#runs.release(run);
    this.releasedMs = systemClock.monotonicMs();
  }

  /** Somebody wants to read the run's records here again, through this one. */
  want(run: number, seq: number): void {
    this.#runs.want(run, seq);
  }

  /** Whether the run has records here, as far as it is known. */
  mayHave(run: number): boolean {
    return this.#runs.mayHave(run);
  }

  /** Whether a record was ever written here. */
  get hadRecords(): boolean {
    return this.#runs.hadAny;
  }

  /** Bytes of the runs that are outstanding. */
  neededBytes(): number {
    return this.#runs.neededBytes(this.bytes);
  }

  /** Writes the segment anew with these runs alone. It has to be open, and is closed afterwards. */
  async shrink(needed: readonly number[]): Promise<void> {
    const copy = new Segment(shrunkFolder(this.folder), this.number);
    await rm(copy.folder, { recursive: true, force: true });
    await mkdir(copy.folder, { mode: 0o700 });
    await copy.#open({ createIfMissing: true });
    try {
      await copyNeeded(this.#opened(), copy.#opened(), needed);
    } finally {
      await copy.close();
    }
    await syncFiles(copy.folder);
    await this.close();
    await replaceByShrunk(this.folder);
    this.#runs.keepOnly(needed);
    this.bytes = this.#runs.measuredBytes();
  }

  /** A run's records after a position that can be read, in order, up to the budget. */
  async read(run: number, afterSeq: number, budget: ReadBudget): Promise<JournalRecord[]> {
    const reading = new Reading(budget);
    const { records } = reading;
    const bounds = { gt: recordKey(run, afterSeq), lt: recordKey(run + 1, 0) };
    const iterator = this.#opened().iterator({ ...bounds, highWaterMarkBytes: READ_AHEAD_BYTES });
    try {
      for (;;) {
        const entries = await iterator.nextv(Math.min(READ_RECORDS, budget.records));
        if (entries.length === 0) return this.#endOfRun(run, records);
        for (const [key, value] of entries) {
          const record = decodeRecord(key, value);
          if (!record) {
            this.isDamaged = true;
            continue;
          }
          if (!reading.take(record)) return records;
        }
      }
    } catch (error) {
      // What may pass is no damage: the lane asks again.
      if (await this.#mayPass(error)) throw this.#failed(error);
      this.isDamaged = true;
      return this.#endOfRun(run, records);
    } finally {
      await iterator.close();
    }
  }

  /** The positions of the last records of runs that have some behind a position. It has to be open. */
  async lastRecords(wanted: ReadonlyMap<number, number>): Promise<Map<number, number>> {
    const found = new Map<number, number>();
    for (const [run, afterSeq] of wanted) {
      const bounds = { gt: recordKey(run, afterSeq), lt: recordKey(run + 1, 0) };
      const [last] = await this.#opened()
        .keys({ ...bounds, reverse: true, limit: 1 })
        .all();
      const seq = last && parseRecordKey(last)?.seq;
      if (seq !== undefined) found.set(run, seq);
    }
    return found;
  }

  /**
   * Removes the segment for good, or sets a damaged one aside. A crash in the middle
   * leaves a folder that is no segment any more.
   */
  async remove(): Promise<void> {
    await this.close();
    if (this.isDamaged) return await moveAside(this.folder);
    await dropFolder(this.folder);
  }

  async #openFault(error: unknown): Promise<StepwellError> {
    if (error instanceof StepwellError) return error;
    if (await this.#mayPass(error)) return this.#failed(error);
    const sentence = `Journal segment ${this.number} does not open: ${reasonOf(error)}.`;
    return new StepwellError("STEPWELL_STORE_DAMAGED", sentence, { cause: error });
  }

  #failed(error: unknown): StepwellError {
    const sentence = `Journal segment ${this.number} can't be read now: ${reasonOf(error)}.`;
    return new StepwellError("STEPWELL_JOURNAL_FAILED", sentence, { cause: error });
  }

  /** Whether nothing is wrong with the bytes: a disk that failed once may give them the next time. */
  async #mayPass(error: unknown): Promise<boolean> {
    return isUnavailable(error) || (isInputOutputFault(error) && (await isReadable(this.folder)));
  }

  /** Where nothing more can be read of a run, nothing of it is outstanding. */
  #endOfRun(run: number, records: JournalRecord[]): JournalRecord[] {
    if (records.length === 0 && this.isDamaged) this.#runs.release(run);
    return records;
  }

  async #open(options: { createIfMissing: boolean }): Promise<void> {
    if (this.#database) return;
    const database: Database = new Level(this.folder, {
      ...options,
      keyEncoding: "view",
      valueEncoding: "view",
      compression: false,
      writeBufferSize: SEGMENT_WRITE_BUFFER_BYTES,
      cacheSize: SEGMENT_CACHE_BYTES,
    });
    await markOpen(this.folder);
    await database.open();
    await this.#logNames.opened();
    this.#tableBytes = 0;
    this.#database = database;
  }

  #opened(): Database {
    if (this.#database) return this.#database;
    throw new StepwellError("STEPWELL_INTERNAL", `Journal segment ${this.number} is not open.`);
  }
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}
