/** What lies in a database's folder, which may be anything: LevelDB waits for ever where a pipe stands for one of its files. */
import type { Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

export interface FolderNames {
  /** Plain files, in the order of their names. */
  readonly files: readonly string[];
  /** What has the name of a file that LevelDB opens, and is no plain file. */
  readonly odd: readonly string[];
}

const OPENED = /^(CURRENT|MANIFEST-\d+|open|unfinished)$|\.(ldb|sst|log)$/;

export async function namesIn(folder: string): Promise<FolderNames> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files: string[] = [];
  const odd: string[] = [];
  for (const entry of entries) {
    if (await isFile(folder, entry)) files.push(entry.name);
    else if (OPENED.test(entry.name)) odd.push(entry.name);
  }
  return { files: files.sort(), odd };
}

async function isFile(folder: string, entry: Dirent): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isFile();
  return await stat(join(folder, entry.name)).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
