import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Bytes of the files below a path; what the daemon removes meanwhile holds nothing. */
export function bytesBelow(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isDirectory()) return stats?.size ?? 0;
  try {
    return readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0);
  } catch (error) {
    if (error.code === "ENOENT") return 0;
    throw error;
  }
}
