/** Folders whose entries survive a power cut: a file's own fsync does not promise that its name does. */
import { mkdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { syncFolder } from "./replace-file.js";

/**
 * Makes a folder, with those above it, for this user alone; all of them are on disk when it resolves.
 * One after the other: Node's own recursive mkdir never ends where there can be none, as in /proc.
 */
export async function makeFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  const above = dirname(folder);
  if (above !== folder) await makeFolder(above);
  await makeFolderIn(above, basename(folder));
}

/** Makes a folder in one that is there, as the home is: a home that was removed is not made again by its parts. */
export async function makeFolderIn(above: string, name: string): Promise<void> {
  const folder = join(above, name);
  if (await isFolder(folder)) return;
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (!(await isFolder(folder))) throw error;
  }
  await syncFolder(above);
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
