/**
 * A store that is being made: until its schema is on disk a mark says so. What a kill or a power
 * cut leaves of it may be beyond LevelDB, and is nobody's: it is made again instead of being
 * called damaged. A store that a salvage made takes the place of the damaged one here, too.
 */
import { readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { syncFolder } from "../home/replace-file.js";

const MARK = "unfinished";
const LEVEL_FILES = /^(CURRENT|MANIFEST-\d+)$|\.(ldb|sst|log|dbtmp)$/;

/** Marks a folder without a store; answers whether its store is yet to be finished. */
export async function beginIfNew(folder: string): Promise<boolean> {
  const names = await readdir(folder);
  if (names.includes(MARK)) return true;
  if (names.some((name) => LEVEL_FILES.test(name))) return false;
  await writeFile(join(folder, MARK), "", { mode: 0o600 });
  return true;
}

/** Gives a finished copy its name, where a salvage was cut off before. */
export async function finishSalvage(folder: string): Promise<void> {
  const names = await readdir(dirname(folder)).catch((): string[] => []);
  if (names.includes(basename(folder)) || !names.includes(basename(finishedCopy(folder)))) return;
  await rename(finishedCopy(folder), folder);
  await syncFolder(dirname(folder));
}

/** Where a salvaged store waits for its name. */
export function finishedCopy(folder: string): string {
  return `${folder}.salvaged`;
}

/** Removes what there is of an unfinished store, but for LevelDB's lock. */
export async function beginAgain(folder: string): Promise<void> {
  for (const name of await readdir(folder)) if (LEVEL_FILES.test(name)) await rm(join(folder, name));
}

/** The store holds what it has to: from now on whatever is missing of it is damage. */
export async function finishNew(folder: string): Promise<void> {
  await rm(join(folder, MARK), { force: true });
  // LevelDB's own names, too: it syncs its files and leaves their names to luck.
  await syncFolder(folder);
}
