/**
 * Segments that were set aside as damaged: what can still be read of them.
 *
 * A damaged segment is never opened where it lies: LevelDB writes whenever it opens, and
 * its repair drops what it can't use: a table that is cut, the rest of a block of a log. So
 * a copy is repaired and read, and the files are read beside it without LevelDB. Wherever
 * it comes from, a record counts only if its own checksum is right, which covers its key.
 *
 * A restored segment gets the number of the damaged one, so that its records lie between
 * its neighbours', where lanes look for them. Producers' marks are not brought back: one
 * would say that batches are there whose records may be the ones that can't be read.
 */

import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { Level } from "level";
import { isCode } from "../errors/system-code.js";
import { syncFolder } from "../home/replace-file.js";
import { type Pair, pairsOf, versionsOf } from "../leveldb/batch.js";
import { namesIn } from "../leveldb/folder-names.js";
import { readLog } from "../leveldb/log.js";
import { readAround } from "../leveldb/readable.js";
import { pairsOfTable } from "../leveldb/table.js";
import { freeName } from "../model/free-name.js";
import { decodeRecord, type JournalRecord, parseRecordKey, recordKey } from "./record.js";
import { Segment } from "./segment.js";
import { isDamagedName, isSegmentName, segmentName } from "./segment-names.js";
import type { SegmentPut } from "./segment-put.js";
import { type Database, META_KEY } from "./segment-scan.js";

/** Whose record it is, and where it stands in the journal. */
export interface RecordPlace {
  readonly run: number;
  readonly seq: number;
}

/** A record with its key and value as they are stored. */
export interface StoredRecord extends JournalRecord, RecordPlace {
  readonly seq: number;
  readonly put: SegmentPut;
}

export interface DamagedSegment {
  readonly number: number;
  /** The position that it began at; 1 where that can't be read. */
  readonly firstSeq: number;
  readonly records: readonly StoredRecord[];
  /** Where records are whose checksum is wrong. */
  readonly unreadable: readonly RecordPlace[];
  /** Positions from here on may have been given to other records; infinite when they can't. */
  readonly reusedFromSeq: number;
}

const RECORD_KEYS_END = Buffer.of(0x73);
const RESTORE_BYTES = 1024 * 1024;

/** The names of the damaged segments in a journal's folder, oldest first. */
export async function damagedSegments(folder: string): Promise<string[]> {
  return (await segmentNamesIn(folder)).filter(isDamagedName);
}

/** Reads what can be read of a damaged segment, all of it into memory. Throws where LevelDB can't repair it. */
export async function readDamaged(folder: string, name: string): Promise<DamagedSegment> {
  const number = Number.parseInt(name, 10);
  const copy = `${folder}/${name}.copy`;
  const found = new FoundRecords();
  await rm(copy, { recursive: true, force: true });
  try {
    await copyReadable(`${folder}/${name}`, copy);
    await repair(copy);
    const database = await openAsIs(copy);
    try {
      await readStore(database, found);
      for (const pair of await pairsInFiles(`${folder}/${name}`)) found.add(pair);
      const { records, unreadable } = found;
      const firstSeq = await firstSeqOf(database);
      return { number, firstSeq, records, unreadable, reusedFromSeq: await seqAfter(folder, number) };
    } finally {
      await database.close();
    }
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/**
 * Puts records back into the journal as a segment under the damaged one's number; they are
 * on disk when this resolves. If that segment is there, an earlier salvage made it.
 */
export async function restoreSegment(
  folder: string,
  { number, firstSeq }: DamagedSegment,
  records: readonly StoredRecord[],
): Promise<void> {
  const name = segmentName(number);
  if (records.length === 0 || (await segmentNamesIn(folder)).includes(name)) return;
  const draft = `${folder}/${name}.restoring`;
  await rm(draft, { recursive: true, force: true });
  const segment = await Segment.create(draft, number, firstSeq);
  let puts: SegmentPut[] = [];
  let bytes = 0;
  for (const { put } of records) {
    puts.push(put);
    bytes += put.value.length;
    if (bytes < RESTORE_BYTES) continue;
    await segment.write(puts);
    puts = [];
    bytes = 0;
  }
  if (puts.length > 0) await segment.write(puts);
  await segment.close();
  await syncFolder(draft);
  await rename(draft, `${folder}/${name}`);
  await syncFolder(folder);
}

/** Gives a damaged segment the name of one that was read out; its bytes stay as they are. */
export async function markSalvaged(folder: string, name: string): Promise<void> {
  const taken = new Set(await segmentNamesIn(folder));
  const target = freeName(name.replace(/\.damaged.*$/, ".salvaged"), (each) => taken.has(each));
  await rename(`${folder}/${name}`, `${folder}/${target}`);
  await syncFolder(folder);
}

/** Records by their key, however often and wherever they are found. */
class FoundRecords {
  readonly #records = new Map<string, StoredRecord>();
  readonly #unreadable = new Map<string, RecordPlace>();

  /** Takes a pair that may be a record, whole or not. */
  add({ key, value }: Pair): void {
    const place = parseRecordKey(key);
    if (!place) return;
    const name = Buffer.from(key).toString("hex");
    const record = decodeRecord(key, value);
    if (record) this.#records.set(name, { ...record, run: place.run, put: { type: "put", key, value } });
    else this.#unreadable.set(name, place);
  }

  /** Each record once, by run and position. */
  get records(): StoredRecord[] {
    return [...this.#records.keys()].sort().flatMap((name) => this.#records.get(name) ?? []);
  }

  /** Places that were found with no value whose checksum is right. */
  get unreadable(): RecordPlace[] {
    return [...this.#unreadable].filter(([name]) => !this.#records.has(name)).map(([, place]) => place);
  }
}

async function readStore(database: Database, found: FoundRecords): Promise<void> {
  try {
    const bounds = { gte: recordKey(0, 0), lt: RECORD_KEYS_END };
    for await (const [key, value] of database.iterator(bounds)) found.add({ key, value });
  } catch {
    // Where even the repaired copy can't be read on, the files themselves still are.
  }
}

async function copyReadable(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  for (const name of (await namesIn(from)).files)
    await writeFile(`${to}/${name}`, await readAround(`${from}/${name}`), { mode: 0o600 });
}

/** What the segment's own files hold, read without LevelDB. */
async function pairsInFiles(folder: string): Promise<Pair[]> {
  const pairs: Pair[] = [];
  for (const name of (await namesIn(folder)).files) {
    if (name.endsWith(".ldb")) pairs.push(...pairsOfTable(await readAround(`${folder}/${name}`)));
    if (!name.endsWith(".log")) continue;
    for (const entry of readLog(await readAround(`${folder}/${name}`)))
      pairs.push(...pairsOf(versionsOf(entry.bytes)));
  }
  return pairs;
}

/** The position that the next segment with a readable head began at. */
async function seqAfter(folder: string, number: number): Promise<number> {
  const later = (await segmentNamesIn(folder)).filter((name) => isSegmentName(name) && Number(name) > number);
  for (const name of later) {
    const database = await openAsIs(`${folder}/${name}`);
    try {
      const firstSeq = await firstSeqOf(database);
      if (firstSeq > 1) return firstSeq;
    } finally {
      await database.close();
    }
  }
  return Number.POSITIVE_INFINITY;
}

async function firstSeqOf(database: Database): Promise<number> {
  try {
    const head: Uint8Array | undefined = await database.get(META_KEY);
    const { firstSeq } = JSON.parse(Buffer.from(head ?? []).toString()) as { firstSeq: unknown };
    return Number.isSafeInteger(firstSeq) ? Number(firstSeq) : 1;
  } catch {
    return 1;
  }
}

async function openAsIs(folder: string): Promise<Database> {
  const database: Database = new Level(folder, {
    createIfMissing: false,
    keyEncoding: "view",
    valueEncoding: "view",
    compression: false,
  });
  await database.open();
  return database;
}

/** LevelDB's repair: what it can read of logs and tables becomes a store again. */
async function repair(folder: string): Promise<void> {
  // The types of `level` leave out what it has on every platform but browsers.
  await (Level as unknown as { repair(location: string): Promise<void> }).repair(folder);
}

async function segmentNamesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isCode(error, "ENOENT")) return [];
    throw error;
  }
}
