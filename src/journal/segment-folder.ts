/** A segment's folder from its making to its removal. A kill in the middle of either leaves what is no segment. */
import { access, readdir, rename, rm, stat, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { syncFolder } from "../home/replace-file.js";

/** A file in a segment's folder that says that the segment is still being made. */
const UNFINISHED = "unfinished";
const OPEN = "open";

export async function markUnfinished(folder: string): Promise<void> {
  await writeFile(join(folder, UNFINISHED), "", { mode: 0o600 });
}

/** Takes the mark away; that, and the folder's other names, are on disk when this resolves. */
export async function markFinished(folder: string): Promise<void> {
  await unlink(join(folder, UNFINISHED));
  await syncFolder(folder);
}

/** Whether a segment was still being made when the daemon died: nothing was ever written to it. */
export async function isUnfinished(folder: string): Promise<boolean> {
  return await isThere(join(folder, UNFINISHED));
}

/** Whether it is a folder without a file: its maker came no further, or all that was in it is gone. */
export async function isEmptyFolder(path: string): Promise<boolean> {
  return await readdir(path).then(
    (names) => names.length === 0,
    () => false,
  );
}

/** Removes a segment's folder; a crash in the middle leaves one that is no segment any more. */
export async function dropFolder(folder: string): Promise<void> {
  const dropped = `${folder}.dropped`;
  await rename(folder, dropped);
  // Else a power cut might bring the name back to a folder that is empty.
  await syncFolder(dirname(folder));
  await rm(dropped, { recursive: true, force: true });
}

/**
 * Says in a segment's folder that LevelDB has it open. It maps tables into memory, where a byte that the
 * disk does not give ends the process: whoever finds the mark afterwards reads the files first, without it.
 */
export async function markOpen(folder: string): Promise<void> {
  await writeFile(join(folder, OPEN), "", { mode: 0o600 });
}

export async function markClosed(folder: string): Promise<void> {
  await rm(join(folder, OPEN), { force: true });
}

/** Whether somebody died who had the segment open. */
export async function wasOpen(folder: string): Promise<boolean> {
  return await isThere(join(folder, OPEN));
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

/** Bytes of all files in it. */
export async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder)) bytes += (await stat(`${folder}/${name}`)).size;
  return bytes;
}
