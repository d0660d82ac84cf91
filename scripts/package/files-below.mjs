/** The files of a folder, for what is packed. */
import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** The paths of all files below a folder, in their order, with slashes. */
export function pathsBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .sort();
}
