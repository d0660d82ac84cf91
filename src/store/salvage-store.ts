/**
 * A state store that is damaged: what can be read of it becomes the store, and the damaged one is
 * kept beside it, as it was.
 *
 * Only what has the checksum that LevelDB wrote beside it is taken, and of each row the newest version
 * that is found: where a newer one can't be read a row may be older than it was, and one that was
 * deleted may be back. Cursors that are older are harmless: backends are asked, or points are one.
 *
 * The copy is finished as "state.salvaged", then the damaged folder gets another name, then the
 * copy gets its own. After a crash between the two there is no store and a finished copy, which
 * the next opening gives its name; an unfinished copy has another name and goes.
 */
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { Level } from "level";
import { syncFiles, syncFolder } from "../home/replace-file.js";
import { readDatabase } from "../leveldb/database-files.js";
import { isNoSpace } from "../leveldb/level-fault.js";
import { freeName } from "../model/free-name.js";
import { SALVAGE_WRITE_ROWS } from "../model/limits.js";
import type { Store } from "./contract.js";
import { metaStamps } from "./migrations.js";
import { finishedCopy, finishSalvage } from "./new-store.js";
import { LEVEL_OPTIONS, openStore } from "./store.js";
import { withLock } from "./store-lock.js";
import { diskFull } from "./writer.js";

/** What is made of a damaged store. */
export interface SalvagedStore {
  /** Where the damaged one goes. */
  readonly keptIn: string;
  readonly rows: number;
  /** Writes, blocks and files that can't be read; how many rows they held nothing tells. */
  readonly unreadable: number;
}

type Counts = Omit<SalvagedStore, "keptIn">;
type Database = Level<string, string>;

/**
 * Puts what can be read in place of a damaged store; `settle` makes it whole before it counts. homeId is
 * for a store that has lost its own. Throws STEPWELL_HOME_LOCKED when somebody has it open, and STEPWELL_DISK_FULL.
 */
export async function salvageStore(
  folder: string,
  homeId: string | undefined,
  settle: (store: Store, salvaged: SalvagedStore) => Promise<void>,
): Promise<void> {
  await withLock(folder, async () => {
    const draft = `${folder}.salvaging`;
    const keptIn = await freePath(`${folder}.damaged`);
    await rm(draft, { recursive: true, force: true });
    try {
      await makeCopy(folder, draft, homeId, (store, counts) => settle(store, { keptIn, ...counts }));
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      throw isNoSpace(error) ? diskFull(error) : error;
    }
    await rename(draft, finishedCopy(folder));
    await syncFolder(dirname(folder));
    await rename(folder, keptIn);
    await finishSalvage(folder);
  });
}

/** A whole store of what can be read of another one; it is on disk when this resolves. */
async function makeCopy(
  folder: string,
  draft: string,
  homeId: string | undefined,
  settle: (store: Store, counts: Counts) => Promise<void>,
): Promise<void> {
  await mkdir(draft, { mode: 0o700 });
  const counts = await copyRows(folder, draft, homeId);
  const store = await openStore(draft);
  try {
    await settle(store, counts);
  } finally {
    await store.close();
  }
  await syncFiles(draft);
}

/** Makes a store of what can be read of another one, and sees to it that what every store has is there. */
async function copyRows(from: string, to: string, homeId: string | undefined): Promise<Counts> {
  const { versions, unreadable } = await readDatabase(from);
  const database: Database = new Level(to, { ...LEVEL_OPTIONS, valueEncoding: "utf8" });
  await database.open();
  try {
    const keys = new Set<string>();
    let strange = 0;
    let batch = database.batch();
    for (const { key, value } of versions) {
      if (value === undefined) continue;
      const [name, text] = [Buffer.from(key).toString(), Buffer.from(value).toString()];
      if (!isJson(text)) {
        strange += 1;
        continue;
      }
      keys.add(name);
      batch.put(name, text);
      if (batch.length < SALVAGE_WRITE_ROWS) continue;
      await batch.write();
      batch = database.batch();
    }
    for (const { table, key, value } of metaStamps(homeId)) {
      const name = `${table}/${key}`;
      if (!keys.has(name)) batch.put(name, JSON.stringify(value));
    }
    await batch.write({ sync: true });
    return { rows: keys.size, unreadable: unreadable + strange };
  } finally {
    await database.close();
  }
}

/** LevelDB looks at no checksum when it makes one table of others: a bit that flips before has a right one then. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function freePath(base: string): Promise<string> {
  const names = new Set(await readdir(dirname(base)));
  return freeName(base, (path) => names.has(basename(path)));
}
