/** LevelDB's manifest: a log of what changed of the files that a store is made of. */
import { ByteReader } from "./byte-reader.js";
import { readLog } from "./log.js";

/** What a store is made of, by the numbers of its files. */
export interface Manifest {
  /** The first of the logs that count. */
  readonly logNumber: number;
  readonly tables: ReadonlySet<number>;
}

const COMPARATOR = 1;
const LOG_NUMBER = 2;
const NEXT_FILE = 3;
const LAST_SEQUENCE = 4;
const COMPACTION_POINTER = 5;
const DELETED_FILE = 6;
const NEW_FILE = 7;
const PREVIOUS_LOG_NUMBER = 9;

/** Reads a manifest, without a last change that is torn; undefined where more of it is damaged. */
export function readManifest(bytes: Buffer): Manifest | undefined {
  const manifest = { logNumber: 0, tables: new Set<number>() };
  let isTorn = false;
  for (const { isWhole, bytes: change } of readLog(bytes)) {
    if (isTorn) return undefined;
    if (!isWhole) isTorn = true;
    else if (!apply(change, manifest)) return undefined;
  }
  return manifest;
}

/** Applies one change; answers whether all of it is known. */
function apply(change: Uint8Array, manifest: { logNumber: number; tables: Set<number> }): boolean {
  const reader = new ByteReader(change, 0);
  const skipText = () => reader.take(reader.varint()) !== undefined;
  while (reader.offset < change.length) {
    switch (reader.varint()) {
      case COMPARATOR:
        if (!skipText()) return false;
        break;
      case LOG_NUMBER:
        manifest.logNumber = reader.varint();
        break;
      case NEXT_FILE:
      case LAST_SEQUENCE:
      case PREVIOUS_LOG_NUMBER:
        reader.varint();
        break;
      case COMPACTION_POINTER:
        reader.varint();
        if (!skipText()) return false;
        break;
      case DELETED_FILE:
        reader.varint();
        manifest.tables.delete(reader.varint());
        break;
      case NEW_FILE: {
        reader.varint();
        const table = reader.varint();
        reader.varint();
        if (!skipText() || !skipText()) return false;
        manifest.tables.add(table);
        break;
      }
      default:
        return false;
    }
  }
  return true;
}
