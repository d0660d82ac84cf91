/** A segment's folder from its making to its removal. A kill in the middle of either leaves what is no segment. */
import { access, readdir, rename, rm, stat, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { syncFolder } from "../store/replace-file.js";

/** A file in a segment's folder that says that the segment is still being made. */
const UNFINISHED = "unfinished";

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
  return await access(join(folder, UNFINISHED)).then(
    () => true,
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

/** Bytes of all files in it. */
export async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder)) bytes += (await stat(`${folder}/${name}`)).size;
  return bytes;
}
