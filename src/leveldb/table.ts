/**
 * LevelDB's tables, read without LevelDB, which takes what a block says without a look at its checksum.
 *
 * A table is blocks of entries, then blocks that lead to them, then a footer that leads to those. Each
 * block has a byte behind it that tells whether it is compressed, and a checksum of both. An entry's key
 * is written as what it does not share with the key before it. Where its end is gone a table can be
 * read from the front: an entry with an empty key is none, there a block's restart points begin, the
 * first of them 0.
 */
import type { Pair, Version } from "./batch.js";
import { ByteReader } from "./byte-reader.js";
import { hasChecksum } from "./crc32c.js";

/** What LevelDB puts behind each key: a version's number and what it is. */
const KEY_TAIL_BYTES = 8;
const BLOCK_TAIL_BYTES = 5;
const NUMBER_BYTES = 4;
const FOOTER_BYTES = 48;
const MAGIC = Buffer.from("57fb808b247547db", "hex");
const UNCOMPRESSED = 0;
const PUT = 1n;

/** A block's place in its table, without what lies behind it. */
interface Block {
  readonly begin: number;
  readonly end: number;
}

/** What a table gives, and what it does not give. */
export interface TableContents {
  readonly versions: readonly Version[];
  /** Blocks that can't be read; at least 1 where not even their number can be. */
  readonly badBlocks: number;
}

/** Whether every block of a table has the checksum that is written beside it. */
export function isWholeTable(table: Buffer): boolean {
  const blocks = indexedBlocks(table);
  return blocks !== undefined && [...blocks.data, ...blocks.others].every((block) => isWhole(table, block));
}

/** What blocks with right checksums hold. Compressed ones, which Stepwell does not write, are not read. */
export function readTable(table: Buffer): TableContents {
  const blocks = indexedBlocks(table);
  if (!blocks) return readFromFront(table);
  const good = blocks.data.filter((block) => isWhole(table, block) && !isCompressed(table, block));
  const versions = good.flatMap((block) => entriesOf(table, block).map(versionOf));
  // A table has one block at least; where none is seen what leads to them is compressed.
  return { versions, badBlocks: Math.max(1, blocks.data.length) - good.length };
}

/** The pairs of a table up to the first byte that makes no sense. No checksum is looked at. */
export function pairsOfTable(table: Buffer): Pair[] {
  return [...blocksFromFront(table)].flatMap(({ entries }) =>
    entries.map(({ key, value }) => ({ key: key.subarray(0, -KEY_TAIL_BYTES), value })),
  );
}

/** Behind the blocks of entries lies a filter, where this ends: it looks like no block that has its checksum. */
function readFromFront(table: Buffer): TableContents {
  const versions: Version[] = [];
  for (const { block, entries } of blocksFromFront(table)) {
    if (!block || !isWhole(table, block)) break;
    versions.push(...entries.map(versionOf));
  }
  return { versions, badBlocks: 1 };
}

/** All blocks that the footer leads to; undefined where it, or what it leads to, is damaged. */
function indexedBlocks(table: Buffer): { data: Block[]; others: Block[] } | undefined {
  const footer = table.subarray(-FOOTER_BYTES);
  if (footer.length < FOOTER_BYTES || !footer.subarray(-MAGIC.length).equals(MAGIC)) return undefined;
  const reader = new ByteReader(footer, 0);
  const meta = blockAt(reader);
  const index = blockAt(reader);
  if (![meta, index].every((block) => isWhole(table, block))) return undefined;
  const ledTo = (block: Block) =>
    isCompressed(table, block)
      ? []
      : entriesOf(table, block).map(({ value }) => blockAt(new ByteReader(value, 0)));
  return { data: ledTo(index), others: [...ledTo(meta), meta, index] };
}

function blockAt(reader: ByteReader): Block {
  const begin = reader.varint();
  return { begin, end: begin + reader.varint() };
}

function isWhole(table: Buffer, { begin, end }: Block): boolean {
  return end + BLOCK_TAIL_BYTES <= table.length && hasChecksum(table, begin, end + 1, end + 1);
}

function isCompressed(table: Buffer, { end }: Block): boolean {
  return table[end] !== UNCOMPRESSED;
}

/** The entries of a block whose checksum is right. */
function entriesOf(table: Buffer, { begin, end }: Block): Pair[] {
  const restarts = table.readUInt32LE(end - NUMBER_BYTES);
  return readEntries(new ByteReader(table, begin), end - NUMBER_BYTES * (restarts + 1)).entries;
}

/** The blocks of a table in their order, up to the first byte that makes no sense; without its place where that is cut. */
function* blocksFromFront(table: Buffer): Generator<{ entries: Pair[]; block: Block | undefined }> {
  for (let begin: number | undefined = 0; begin !== undefined; ) {
    const { entries, isAtRestarts, endsAt } = readEntries(new ByteReader(table, begin), table.length);
    const end = isAtRestarts && entries.length > 0 ? endOfRestarts(table, endsAt) : undefined;
    yield { entries, block: end === undefined ? undefined : { begin, end } };
    begin = end === undefined ? undefined : end + BLOCK_TAIL_BYTES;
  }
}

/** Entries up to a limit, to restart points or to what makes no sense. */
function readEntries(
  reader: ByteReader,
  limit: number,
): { entries: Pair[]; isAtRestarts: boolean; endsAt: number } {
  const entries: Pair[] = [];
  let before: Uint8Array = new Uint8Array(0);
  for (;;) {
    const endsAt = reader.offset;
    if (endsAt >= limit) return { entries, isAtRestarts: false, endsAt };
    const shared = reader.varint();
    const rest = reader.varint();
    const valueBytes = reader.varint();
    if (shared + rest === 0) return { entries, isAtRestarts: true, endsAt };
    const tail = reader.take(rest);
    const value = reader.take(valueBytes);
    if (!tail || !value || shared > before.length) return { entries, isAtRestarts: false, endsAt };
    before = Buffer.concat([before.subarray(0, shared), tail]);
    entries.push({ key: before, value });
  }
}

/** Where a block ends whose restart points begin here: their count follows them. */
function endOfRestarts(table: Buffer, begin: number): number | undefined {
  for (let count = 1; ; count++) {
    const at = begin + count * NUMBER_BYTES;
    if (at + NUMBER_BYTES > table.length) return undefined;
    if (table.readUInt32LE(at) === count) return at + NUMBER_BYTES;
  }
}

function versionOf({ key, value }: Pair): Version {
  const tail = Buffer.from(key).readBigUInt64LE(key.length - KEY_TAIL_BYTES);
  const isPut = (tail & 0xffn) === PUT;
  return { key: key.subarray(0, -KEY_TAIL_BYTES), value: isPut ? value : undefined, sequence: tail >> 8n };
}
