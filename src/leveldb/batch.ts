/** The puts and deletions of one write, as they stand in an entry of a log. */
import { ByteReader } from "./byte-reader.js";

/** A key and a value, as they are stored. */
export interface Pair {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** A version of a row: what it was set to, or that it was deleted, and when, in LevelDB's own count. */
export interface Version {
  readonly key: Uint8Array;
  /** Undefined: deleted. */
  readonly value: Uint8Array | undefined;
  readonly sequence: bigint;
}

const SEQUENCE_BYTES = 8;
const HEADER_BYTES = 12;
const DELETION = 0;
const PUT = 1;

/** The versions that a write makes; of a damaged one what can be made out. */
export function versionsOf(write: Uint8Array): Version[] {
  if (write.length < HEADER_BYTES) return [];
  const first = Buffer.from(write.buffer, write.byteOffset, SEQUENCE_BYTES).readBigUInt64LE();
  const versions: Version[] = [];
  const reader = new ByteReader(write, HEADER_BYTES);
  while (reader.offset < write.length) {
    const type = reader.varint();
    if (type !== DELETION && type !== PUT) break;
    const key = reader.take(reader.varint());
    const value = type === PUT && key ? reader.take(reader.varint()) : undefined;
    if (!key || (type === PUT && !value)) break;
    versions.push({ key, value, sequence: first + BigInt(versions.length) });
  }
  return versions;
}

/** What is left of versions without the deletions. */
export function pairsOf(versions: readonly Version[]): Pair[] {
  return versions.flatMap(({ key, value }) => (value ? [{ key, value }] : []));
}
