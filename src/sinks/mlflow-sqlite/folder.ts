import { closeSync, fsyncSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it. SQLite syncs the folder that its file is in, and none above:
 * without them a power cut takes a database that was reported as written. Also where the folder is
 * there already, because another tracker's thread may have made it a moment ago.
 *
 * The home, if given, is not made. One that was moved while packs were on their way would begin anew at its old
 * place, and they would be delivered to a store that nobody looks for.
 */
export function makeFolder(folder: string, home?: string): void {
  makeMissing(folder, home);
  for (let made = folder; dirname(made) !== made; made = dirname(made)) syncIfAllowed(dirname(made));
}

/** One after the other: Node's own recursive mkdir never ends where there can be none, as in /proc. */
function makeMissing(folder: string, home: string | undefined): void {
  if (isFolder(folder) || folder === home) return;
  if (dirname(folder) !== folder) makeMissing(dirname(folder), home);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!isFolder(folder)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** We made nothing in a folder that we may not read. */
function syncIfAllowed(folder: string): void {
  let file: number;
  try {
    file = openSync(folder, "r");
  } catch {
    return;
  }
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
