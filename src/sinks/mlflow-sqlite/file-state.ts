/**
 * A database's file, looked at from outside: a look costs microseconds, and none of SQLite.
 *
 * SQLite counts its transactions in the file's head (fileformat.html 1.3.7). Bytes that changed while
 * that count did not, or fell, are not SQLite's doing: a copy in place, a bad disk, a hand.
 */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { FileState } from "../../model/store-mark.js";

const COUNTER_AT = 24;

/** The file as it is now; undefined where there is none. */
export function readFileState(path: string): FileState | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && { ...stateOf(stats), counter: readCounter(path) };
}

/** The same without SQLite's count, for whoever must not block. */
export async function statFile(path: string): Promise<FileState | undefined> {
  try {
    return { ...stateOf(await stat(path, { bigint: true })), counter: 0 };
  } catch {
    return undefined;
  }
}

/** Whether the change between two looks is none that SQLite made to the same file. */
export function isTampered(before: FileState, now: FileState): boolean {
  if (before.inode !== now.inode) return true;
  // A count of 32 bits begins again; that costs one check.
  return now.counter <= before.counter;
}

function stateOf({ dev, ino, size, ctimeNs }: { dev: bigint; ino: bigint; size: bigint; ctimeNs: bigint }) {
  return { inode: `${dev}:${ino}`, size: Number(size), changedNs: String(ctimeNs) };
}

function readCounter(path: string): number {
  const head = Buffer.alloc(4);
  const file = openSync(path, "r");
  try {
    return readSync(file, head, 0, 4, COUNTER_AT) === 4 ? head.readUInt32BE(0) : 0;
  } finally {
    closeSync(file);
  }
}
