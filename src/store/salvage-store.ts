/**
 * A state store that does not open any more: what can be read of it becomes the store, and
 * the damaged one is kept beside it, as it was.
 *
 * LevelDB's repair makes a store of the tables and logs of a copy. It looks at no checksum: a bit
 * that flipped inside a value comes back as it is. It knows which version of a row is the newest of those that it finds, so where
 * newer ones can't be read a row may be older than it was, and one that was deleted may be
 * back. Cursors that are older are harmless: backends are asked, or points are one.
 *
 * The copy is finished as "state.salvaged", then the damaged folder gets another name, then the
 * copy gets its own. After a crash between the two there is no store and a finished copy, which
 * the next opening gives its name; an unfinished copy has another name and goes.
 */
import { copyFile, mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Level } from "level";
import { stampMeta } from "./migrations.js";
import { finishedCopy, finishSalvage } from "./new-store.js";
import { syncFiles, syncFolder } from "./replace-file.js";
import { openStore, type Store } from "./store.js";
import { TABLES } from "./tables.js";

/** What became of a damaged store. */
export interface SalvagedStore {
  /** Where the damaged one is now. */
  readonly keptIn: string;
  readonly rows: number;
  readonly unreadableRows: number;
}

type Database = Level<string, string>;

/**
 * Puts what can be read in place of a damaged store that nobody has open; `settle` makes it whole before
 * it counts. Throws where nothing can be made of it.
 */
export async function salvageStore(
  folder: string,
  settle: (store: Store) => Promise<void>,
): Promise<SalvagedStore> {
  const draft = `${folder}.salvaging`;
  await rm(draft, { recursive: true, force: true });
  await copyReadable(folder, draft);
  // The types of `level` leave out what it has on every platform but browsers.
  await (Level as unknown as { repair(location: string): Promise<void> }).repair(draft);
  const counts = await settleRows(draft);
  const store = await openStore(draft);
  try {
    await settle(store);
  } finally {
    await store.close();
  }
  await syncFiles(draft);
  await rename(draft, finishedCopy(folder));
  await syncFolder(dirname(folder));
  const keptIn = await freeName(`${folder}.damaged`);
  await rename(folder, keptIn);
  await finishSalvage(folder);
  return { keptIn, ...counts };
}

/** Files that the disk does not give are left out; the repair does without them. */
async function copyReadable(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  for (const name of await readdir(from)) {
    if (name === "LOCK") continue;
    await copyFile(join(from, name), join(to, name)).catch((error: unknown) => {
      if (!(error instanceof Error && "code" in error && error.code === "EIO")) throw error;
    });
  }
}

/** Drops rows that are no JSON, and sees to it that what every store has is there. */
async function settleRows(folder: string): Promise<{ rows: number; unreadableRows: number }> {
  const database: Database = new Level(folder, { valueEncoding: "utf8", createIfMissing: false });
  await database.open();
  try {
    const unreadable: string[] = [];
    let rows = 0;
    for await (const [key, value] of database.iterator()) {
      if (isJson(value)) rows += 1;
      else unreadable.push(key);
    }
    const changes = [
      ...unreadable.map((key) => ({ type: "del", key }) as const),
      ...stampMeta(await database.get(SCHEMA), await database.get(HOME_ID)).map(
        ({ table, key, value }) =>
          ({ type: "put", key: `${table}/${key}`, value: JSON.stringify(value) }) as const,
      ),
    ];
    await database.batch(changes, { sync: true });
    return { rows, unreadableRows: unreadable.length };
  } finally {
    await database.close();
  }
}

const SCHEMA = `${TABLES.meta}/schema`;
const HOME_ID = `${TABLES.meta}/home_id`;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function freeName(base: string): Promise<string> {
  const names = new Set(await readdir(dirname(base)));
  let name = basename(base);
  for (let count = 2; names.has(name); count++) name = `${basename(base)}-${count}`;
  return join(dirname(base), name);
}
