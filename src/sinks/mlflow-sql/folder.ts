import { closeSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it. SQLite syncs the folder that its file is in, and none above:
 * without them a power cut takes a database that was reported as written. Also where the folder is
 * there already, because another tracker's thread may have made it a moment ago.
 */
export function makeFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (let made = folder; dirname(made) !== made; made = dirname(made)) syncIfAllowed(dirname(made));
}

/** A folder that we may not read is not one in which we made anything. */
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
