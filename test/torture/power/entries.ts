import { existsSync, linkSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { RecordPlaces } from "./cut.js";
import { inodeOf, pathOf } from "./inodes.js";
import type { EntryChange } from "./record.js";

/**
 * Takes one change of a folder's entries back. The changes after it in that folder are taken back
 * already. What the daemon did not come to do is not there to be taken back.
 */
export function undoEntry(places: RecordPlaces, change: EntryChange): void {
  const folder = folderOf(places, change.folder);
  // A folder that is gone for good takes what was in it along.
  if (folder === undefined) return;
  const path = join(folder, change.name);
  switch (change.kind) {
    case "create":
    case "mkdir":
      if (inodeOf(path) === change.inode) rmSync(path, { recursive: true, force: true });
      return;
    case "unlink":
      return restore(places, change.grave, path);
    case "rmdir":
      if (!existsSync(path)) mkdirSync(path, { mode: 0o700 });
      return;
    case "rename": {
      const folder2 = folderOf(places, change.folder2);
      if (folder2 === undefined) return;
      const path2 = join(folder2, change.name2);
      if (inodeOf(path2) === change.inode) renameSync(path2, path);
      return restore(places, change.grave, path2);
    }
  }
}

/** Where a folder is; undefined when it is gone: its number may be a socket's by now. */
function folderOf(places: RecordPlaces, inode: bigint): string | undefined {
  const path = pathOf(places, inode);
  return path !== undefined && statSync(path).isDirectory() ? path : undefined;
}

function restore({ graveyard }: RecordPlaces, grave: bigint, path: string): void {
  const kept = join(graveyard, String(grave));
  if (grave !== 0n && existsSync(kept) && !existsSync(path)) linkSync(kept, path);
}
