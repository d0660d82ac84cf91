import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { RecordPlaces } from "./cut.js";

/** Where a file or folder is now, in the home or else in the graveyard. */
export function pathOf({ home, graveyard }: RecordPlaces, inode: bigint): string | undefined {
  if (inodeOf(home) === inode) return home;
  for (const folder of [home, graveyard]) {
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      if (inodeOf(join(folder, name)) === inode) return join(folder, name);
    }
  }
  return undefined;
}

/** The inode that a path names; undefined where there is nothing. */
export function inodeOf(path: string): bigint | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}
