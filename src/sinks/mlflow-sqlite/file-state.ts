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

/**
 * Reads a database's file beside SQLite's own connection to it.
 *
 * A process that closes any descriptor of a file drops all locks that it has on it (fcntl, howtocorrupt.html
 * 2.2), SQLite's too: two processes would write at once then. So the file is opened once, and closed only
 * after the connection is.
 */
export class FileReader {
  readonly #path: string;
  /** Descriptors by the file that they lead to: the path may lead to another one. */
  readonly #files = new Map<string, number>();

  constructor(path: string) {
    this.#path = path;
  }

  /** The file as it is now; undefined where there is none. */
  read(): FileState | undefined {
    const stats = statSync(this.#path, { bigint: true, throwIfNoEntry: false });
    if (!stats) return undefined;
    const state = stateOf(stats);
    return { ...state, counter: this.#counter(state.inode) };
  }

  /** Only where no connection to the file is open. */
  close(): void {
    for (const file of this.#files.values()) closeSync(file);
    this.#files.clear();
  }

  #counter(inode: string): number {
    const file = this.#files.get(inode) ?? openSync(this.#path, "r");
    this.#files.set(inode, file);
    const head = Buffer.alloc(4);
    return readSync(file, head, 0, 4, COUNTER_AT) === 4 ? head.readUInt32BE(0) : 0;
  }
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
