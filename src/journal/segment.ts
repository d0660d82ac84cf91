/**
 * A segment: one bounded LevelDB of the journal.
 *
 * Disk comes back from LevelDB only when a whole store goes, and its tables are mapped
 * into memory while it is open. So the log is many small stores: one is active and
 * takes records, the others are sealed, open only while a lane reads them, and removed
 * whole once every run in them is delivered. A sealed segment never changes again.
 */
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { Level } from "level";
import { StepwellError } from "../errors/stepwell-error.js";
import { SEGMENT_CACHE_BYTES, SEGMENT_WRITE_BUFFER_BYTES } from "../model/limits.js";
import { decodeMark, MARK_KEYS, type ProducerMark } from "./mark.js";
import { decodeRecord, type JournalRecord, parseRecordKey, type RunTotals, recordKey } from "./record.js";

type Database = Level<Uint8Array, Uint8Array>;

/** A write to a segment. */
export interface SegmentPut {
  readonly type: "put";
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** What one read may bring at most; it brings one record at least, if there is one. */
export interface ReadBudget {
  readonly points: number;
  readonly texts: number;
  readonly records: number;
}

/** What recovery finds in a segment. */
export interface SegmentContents {
  /** The last record's totals of each run. */
  readonly totals: Map<number, RunTotals>;
  readonly marks: Map<string, ProducerMark>;
  /** The journal position that the segment began at. */
  readonly firstSeq: number;
}

const META_KEY = Buffer.from("meta");
const FORMAT = 1;
/** More only costs memory: what a read brings is allocated outside the JavaScript heap and fragments it. */
const READ_AHEAD_BYTES = 128 * 1024;

export class Segment {
  readonly number: number;
  readonly folder: string;
  /** Runs that have undelivered records here, with the position of their last record. */
  readonly outstanding = new Map<number, number>();
  /** Producers whose mark was written here. */
  readonly producers = new Set<string>();
  /** Bytes of what was written, without LevelDB's own. */
  bytes = 0;
  /** A rising number of the last read, to choose which segment to close. */
  lastRead = 0;
  #database: Database | undefined;

  private constructor(folder: string, number: number) {
    this.folder = folder;
    this.number = number;
  }

  /** Makes a new segment that begins at a position. */
  static async create(folder: string, number: number, firstSeq: number): Promise<Segment> {
    const segment = new Segment(folder, number);
    await mkdir(folder, { mode: 0o700 });
    await segment.open();
    const meta = Buffer.from(JSON.stringify({ format: FORMAT, firstSeq }));
    await segment.write([{ type: "put", key: META_KEY, value: meta }]);
    return segment;
  }

  /** Opens a segment that is there and reads what it holds. Throws STEPWELL_STORE_DAMAGED or STEPWELL_STORE_NEWER. */
  static async recover(
    folder: string,
    number: number,
  ): Promise<{ segment: Segment; contents: SegmentContents }> {
    const segment = new Segment(folder, number);
    try {
      await segment.open();
      const contents = await segment.#scan();
      segment.bytes = await folderBytes(folder);
      return { segment, contents };
    } catch (error) {
      await segment.close();
      if (error instanceof StepwellError) throw error;
      throw new StepwellError("STEPWELL_STORE_DAMAGED", `Journal segment ${number} does not open.`, {
        cause: error,
      });
    }
  }

  get isOpen(): boolean {
    return this.#database !== undefined;
  }

  async open(): Promise<void> {
    if (this.#database) return;
    const database: Database = new Level(this.folder, {
      keyEncoding: "view",
      valueEncoding: "view",
      compression: false,
      writeBufferSize: SEGMENT_WRITE_BUFFER_BYTES,
      cacheSize: SEGMENT_CACHE_BYTES,
    });
    await database.open();
    this.#database = database;
  }

  async close(): Promise<void> {
    const database = this.#database;
    this.#database = undefined;
    await database?.close();
  }

  /** Writes all or nothing; it is on disk when this resolves. */
  async write(puts: SegmentPut[]): Promise<void> {
    await this.#opened().batch(puts, { sync: true });
    for (const put of puts) this.bytes += put.key.length + put.value.length;
  }

  /** A run's records after a position, in order, up to the budget. Throws STEPWELL_STORE_DAMAGED. */
  async read(run: number, afterSeq: number, budget: ReadBudget): Promise<JournalRecord[]> {
    const records: JournalRecord[] = [];
    let points = 0;
    let texts = 0;
    const bounds = { gt: recordKey(run, afterSeq), lt: recordKey(run + 1, 0) };
    const iterator = this.#opened().iterator({ ...bounds, highWaterMarkBytes: READ_AHEAD_BYTES });
    try {
      for (;;) {
        const entries = await iterator.nextv(Math.min(256, budget.records));
        if (entries.length === 0) return records;
        for (const [key, value] of entries) {
          const record = this.#decoded(key, value);
          points += record.points;
          texts += record.params + record.tags;
          const full = points > budget.points || texts > budget.texts || records.length === budget.records;
          if (full && records.length > 0) return records;
          records.push(record);
        }
      }
    } finally {
      await iterator.close();
    }
  }

  /** Removes the segment for good. A crash in the middle leaves a folder that is no segment any more. */
  async remove(): Promise<void> {
    await this.close();
    const dropped = `${this.folder}.dropped`;
    await rename(this.folder, dropped);
    await rm(dropped, { recursive: true, force: true });
  }

  async #scan(): Promise<SegmentContents> {
    const database = this.#opened();
    const meta = await database.get(META_KEY);
    if (meta === undefined)
      throw new StepwellError("STEPWELL_STORE_DAMAGED", `Journal segment ${this.number} has no head.`);
    const { format, firstSeq } = JSON.parse(Buffer.from(meta).toString()) as {
      format: number;
      firstSeq: number;
    };
    if (format > FORMAT)
      throw new StepwellError("STEPWELL_STORE_NEWER", `Journal segment ${this.number} has format ${format}.`);
    const marks = new Map<string, ProducerMark>();
    for await (const [key, value] of database.iterator(MARK_KEYS)) {
      const found = decodeMark(key, value);
      if (found) marks.set(found.producerId, found.mark);
    }
    for (const producerId of marks.keys()) this.producers.add(producerId);
    return { totals: await this.#scanRuns(database), marks, firstSeq };
  }

  /** Jumps from run to run: it reads one record of each, however many there are. */
  async #scanRuns(database: Database): Promise<Map<number, RunTotals>> {
    const totals = new Map<number, RunTotals>();
    for (let next = 0; ; ) {
      const [first] = await database.keys({ gte: recordKey(next, 0), lt: Buffer.of(0x73), limit: 1 }).all();
      const found = first && parseRecordKey(first);
      if (!found) return totals;
      const bounds = { gte: recordKey(found.run, 0), lt: recordKey(found.run + 1, 0) };
      const [last] = await database.iterator({ ...bounds, reverse: true, limit: 1 }).all();
      if (!last) return totals;
      const { through } = this.#decoded(last[0], last[1]);
      totals.set(found.run, through);
      this.outstanding.set(found.run, through.seq);
      next = found.run + 1;
    }
  }

  #decoded(key: Uint8Array, value: Uint8Array): JournalRecord {
    const at = parseRecordKey(key);
    const record = at && decodeRecord(at.seq, value);
    if (record) return record;
    throw new StepwellError(
      "STEPWELL_STORE_DAMAGED",
      `Journal segment ${this.number} holds a damaged record.`,
    );
  }

  #opened(): Database {
    if (this.#database) return this.#database;
    throw new StepwellError("STEPWELL_INTERNAL", `Journal segment ${this.number} is not open.`);
  }
}

async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder)) bytes += (await stat(`${folder}/${name}`)).size;
  return bytes;
}
