/**
 * LevelDB's tables, read from the front without their index, which lies at the end and is
 * gone with it when a file is cut. Blocks are not compressed (segment.ts); one ends where
 * an entry would have an empty key: there its restart points begin, the first of them 0.
 */
import { ByteReader, type Pair } from "./log-scan.js";

/** What LevelDB puts behind each key and each block. */
const KEY_TAIL_BYTES = 8;
const BLOCK_TAIL_BYTES = 5;
const NUMBER_BYTES = 4;

/** The pairs of a table up to the first byte that makes no sense. Nothing here is checked. */
export function pairsOfTable(table: Buffer): Pair[] {
  const pairs: Pair[] = [];
  for (let offset: number | undefined = 0; offset !== undefined; ) offset = readBlock(table, offset, pairs);
  return pairs;
}

/** Reads one block; answers where the next one begins. */
function readBlock(table: Buffer, begin: number, pairs: Pair[]): number | undefined {
  const reader = new ByteReader(table, begin);
  let before: Uint8Array = new Uint8Array(0);
  for (let entries = 0; reader.offset < table.length; entries++) {
    const at = reader.offset;
    const shared = reader.varint();
    const rest = reader.varint();
    const valueBytes = reader.varint();
    if (shared + rest === 0) return entries > 0 ? blockEnd(table, at) : undefined;
    const tail = reader.take(rest);
    const value = reader.take(valueBytes);
    if (!tail || !value || shared > before.length) return undefined;
    before = Buffer.concat([before.subarray(0, shared), tail]);
    pairs.push({ key: before.subarray(0, -KEY_TAIL_BYTES), value });
  }
  return undefined;
}

/** Where a block ends whose restart points begin here: their count follows them. */
function blockEnd(table: Buffer, begin: number): number | undefined {
  for (let count = 1; ; count++) {
    const at = begin + count * NUMBER_BYTES;
    if (at + NUMBER_BYTES > table.length) return undefined;
    if (table.readUInt32LE(at) === count) return at + NUMBER_BYTES + BLOCK_TAIL_BYTES;
  }
}
