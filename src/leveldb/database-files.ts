/**
 * The files of a LevelDB database that nobody has open, looked at without LevelDB: it opens one with a
 * flipped bit and says nothing. In a log the writes behind it are gone then, in a table a value is wrong
 * or a row is not found.
 *
 * CURRENT names the manifest, the manifest the tables and the first log that counts. Where one of them
 * does not tell, or names what is not there, all logs and tables count: each version of a row has a
 * number, and the highest one is the newest.
 */
import { join } from "node:path";
import { type Version, versionsOf } from "./batch.js";
import { namesIn } from "./folder-names.js";
import { healthOf, readLog } from "./log.js";
import { type Manifest, readManifest } from "./manifest.js";
import { readPersistently } from "./readable.js";
import { isWholeTable, readTable } from "./table.js";

/** What a look at all files found. */
export interface Examination {
  /** What is wrong, a clause each; none: all that was written whole is there. */
  readonly faults: readonly string[];
  /** Whether the last write is not whole: whether it was synced, nothing tells. */
  readonly isTorn: boolean;
}

/** What can be read of a database. */
export interface ReadDatabase {
  /** The newest version of each row. */
  readonly versions: Iterable<Version>;
  /** Writes and blocks that can't be read, and files that are not there. */
  readonly unreadable: number;
}

/** The logs and tables that count, and what is wrong with the list of them. */
interface FileList {
  readonly logs: readonly string[];
  readonly tables: readonly string[];
  readonly faults: readonly string[];
}

const LOG = /^(\d+)\.log$/;
const TABLE = /^(\d+)\.(?:ldb|sst)$/;

/** Looks at every checksum. */
export async function examineDatabase(folder: string): Promise<Examination> {
  const { logs, tables, faults: listFaults } = await listFiles(folder);
  const faults = [...listFaults];
  let isTorn = false;
  for (const name of logs) {
    const health = healthOf(await readPersistently(join(folder, name)));
    if (health.isDamaged) faults.push(`${name} is damaged`);
    isTorn ||= health.isTorn;
  }
  for (const name of tables)
    if (!isWholeTable(await readPersistently(join(folder, name)))) faults.push(`${name} is damaged`);
  return { faults, isTorn };
}

/** Reads what has the checksum that is written beside it, all of it into memory. */
export async function readDatabase(folder: string): Promise<ReadDatabase> {
  const { logs, tables, faults } = await listFiles(folder);
  const newest = new Map<string, Version>();
  const add = (version: Version) => {
    const name = Buffer.from(version.key).toString("latin1");
    const known = newest.get(name);
    if (!known || known.sequence < version.sequence) newest.set(name, version);
  };
  let unreadable = faults.length;
  for (const name of tables) {
    const { versions, badBlocks } = readTable(await readPersistently(join(folder, name)));
    versions.forEach(add);
    unreadable += badBlocks;
  }
  for (const name of logs) {
    for (const { isWhole, bytes } of readLog(await readPersistently(join(folder, name)))) {
      if (isWhole) versionsOf(bytes).forEach(add);
      else unreadable += 1;
    }
  }
  return { versions: newest.values(), unreadable };
}

async function listFiles(folder: string): Promise<FileList> {
  const { files: names, odd } = await namesIn(folder);
  const all = {
    logs: names.filter((name) => LOG.test(name)),
    tables: names.filter((name) => TABLE.test(name)),
  };
  if (odd.length > 0) return { ...all, faults: odd.map((name) => `${name} is no plain file`) };
  const manifest = await manifestOf(folder, names);
  if (typeof manifest === "string") return { ...all, faults: [manifest] };
  const numbers = new Set(all.tables.map(numberOf));
  const gone = [...manifest.tables]
    .filter((number) => !numbers.has(number))
    .map((number) => `${file(number)}.ldb`);
  if (!all.logs.some((name) => numberOf(name) === manifest.logNumber))
    gone.push(`${file(manifest.logNumber)}.log`);
  if (gone.length > 0) return { ...all, faults: gone.map((name) => `${name} is gone`) };
  return {
    logs: all.logs.filter((name) => numberOf(name) >= manifest.logNumber),
    tables: all.tables.filter((name) => manifest.tables.has(numberOf(name))),
    faults: [],
  };
}

/** The manifest, or what is wrong with it. */
async function manifestOf(folder: string, names: readonly string[]): Promise<Manifest | string> {
  if (!names.includes("CURRENT")) return "CURRENT is gone";
  const [, name = ""] =
    /^(MANIFEST-\d+)\n$/.exec((await readPersistently(join(folder, "CURRENT"))).toString()) ?? [];
  if (name === "") return "CURRENT is damaged";
  if (!names.includes(name)) return `${name} is gone`;
  return readManifest(await readPersistently(join(folder, name))) ?? `${name} is damaged`;
}

function numberOf(name: string): number {
  return Number.parseInt(name, 10);
}

function file(number: number): string {
  return String(number).padStart(6, "0");
}
