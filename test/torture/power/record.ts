/** Reads what recorder.c wrote: the changes that a daemon made to its home, in their order. */
import { existsSync, readFileSync } from "node:fs";

interface Bytes {
  readonly inode: bigint;
  /** The bytes that were there before. */
  readonly old: Buffer;
  /** The file's size before. */
  readonly size: number;
}

/** A change of a file's bytes. */
export type FileChange =
  | (Bytes & { readonly kind: "write"; readonly at: number; readonly bytes: Buffer })
  | (Bytes & { readonly kind: "truncate"; readonly at: number });

interface Entry {
  readonly inode: bigint;
  readonly folder: bigint;
  readonly name: string;
}

/** A change of a folder's entries. A grave keeps the file that lost its name; 0: there was none. */
export type EntryChange =
  | (Entry & { readonly kind: "create" | "mkdir" | "rmdir" })
  | (Entry & { readonly kind: "unlink"; readonly grave: bigint })
  | (Entry & {
      readonly kind: "rename";
      readonly grave: bigint;
      readonly folder2: bigint;
      readonly name2: string;
    });

/** A file or folder is about to be synced, or was, or could not be. */
export interface Sync {
  readonly kind: "sync begins" | "sync ended" | "sync failed";
  readonly inode: bigint;
  readonly id: bigint;
}

export type Change = FileChange | EntryChange | Sync;

const HEAD_BYTES = 72;
const EMPTY = Buffer.alloc(0);

/** All records of a file; a short last one is of a process that died in the middle, and changed nothing. */
export function readRecord(path: string): Change[] {
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  const changes: Change[] = [];
  for (let at = 0; at + HEAD_BYTES <= bytes.length; ) {
    const lengths = [52, 56, 60, 64].map((offset) => bytes.readUInt32LE(at + offset));
    const end = lengths.reduce((sum, length) => sum + length, at + HEAD_BYTES);
    if (end > bytes.length) break;
    changes.push(parseChange(bytes.subarray(at, end), lengths));
    at = end;
  }
  return changes;
}

function parseChange(bytes: Buffer, lengths: readonly number[]): Change {
  const [name = EMPTY, name2 = EMPTY, old = EMPTY, written = EMPTY] = lengths.map((length, index) => {
    const from = lengths.slice(0, index).reduce((sum, before) => sum + before, HEAD_BYTES);
    return bytes.subarray(from, from + length);
  });
  const numberAt = (place: number) => bytes.readBigUInt64LE(place * 8);
  const [inode, folder, folder2, id] = [numberAt(0), numberAt(1), numberAt(2), numberAt(5)];
  const file = { inode, at: Number(numberAt(3)), size: Number(numberAt(4)), old };
  const entry = { inode, folder, name: name.toString() };
  switch (bytes.readUInt32LE(48)) {
    case 1:
      return { kind: "write", ...file, bytes: written };
    case 2:
      return { kind: "truncate", ...file };
    case 3:
      return { kind: "sync begins", inode, id };
    case 4:
      return { kind: "sync ended", inode, id };
    case 5:
      return { kind: "create", ...entry };
    case 6:
      return { kind: "unlink", ...entry, grave: id };
    case 7:
      return { kind: "rename", ...entry, grave: id, folder2, name2: name2.toString() };
    case 8:
      return { kind: "mkdir", ...entry };
    case 9:
      return { kind: "rmdir", ...entry };
    case 10:
      return { kind: "sync failed", inode, id };
    default:
      throw new RangeError("a record is of no known kind");
  }
}
