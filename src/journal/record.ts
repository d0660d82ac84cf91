/**
 * A record: one batch of one run as the journal holds it.
 *
 * Key: "r", the run's number (4 bytes), the journal position (6 bytes), big-endian, so
 * that a run's records lie together and in order. Value: the header, then the batch as
 * protobuf bytes.
 *
 *   0 version   1 kinds   2 points   4 params   6 tags   8 crc32 of the key and all other bytes
 *  12 pointsThrough  20 bytesThrough  28 receivedMs  (doubles)  36 the batch
 *
 * pointsThrough and bytesThrough count this run from its first record through this one:
 * the last record of a run tells all its totals, and what is queued is a subtraction.
 *
 * A gap is a record without a batch: a segment was lost, and how much of this run was in it
 * is not known. Totals go on from what is known.
 */
import { crc32 } from "node:zlib";

/** Sums over a run's records through one position. */
export interface RunTotals {
  readonly seq: number;
  readonly points: number;
  readonly bytes: number;
}

/** What the journal says of a record without reading its batch. */
export interface RecordHeader {
  readonly points: number;
  readonly params: number;
  readonly tags: number;
  readonly startsRun: boolean;
  readonly endsRun: boolean;
  /** Milliseconds since 1970. */
  readonly receivedMs: number;
}

export interface JournalRecord extends RecordHeader {
  readonly seq: number;
  /** This run's totals through this record. */
  readonly through: RunTotals;
  /** Whether it only says that records before it may be lost. */
  readonly isGap: boolean;
  /** A Batch as protobuf bytes. */
  readonly payload: Uint8Array;
}

const VERSION = 1;
/** Bytes of a record's value before its batch. */
const RECORD_HEADER_BYTES = 36;
const KEY_BYTES = 11;
const KEY_PREFIX = 0x72;
const STARTS = 1;
const ENDS = 2;
const GAP = 4;
const NOTHING = new Uint8Array(0);
/** The bytes that a gap adds to its run's total. */
export const GAP_BYTES = KEY_BYTES + RECORD_HEADER_BYTES;

export function recordKey(run: number, seq: number): Buffer {
  const key = Buffer.allocUnsafe(KEY_BYTES);
  key[0] = KEY_PREFIX;
  key.writeUInt32BE(run, 1);
  key.writeUIntBE(seq, 5, 6);
  return key;
}

/** The run and the position of a key, or undefined when it is not a record's. */
export function parseRecordKey(key: Uint8Array): { run: number; seq: number } | undefined {
  if (key.length !== KEY_BYTES || key[0] !== KEY_PREFIX) return undefined;
  const view = Buffer.from(key.buffer, key.byteOffset, key.byteLength);
  return { run: view.readUInt32BE(1), seq: view.readUIntBE(5, 6) };
}

/** A record that is about to be written. */
export interface UnwrittenRecord {
  readonly key: Uint8Array;
  readonly header: RecordHeader;
  readonly through: RunTotals;
  readonly payload: Uint8Array;
}

/** Its value, at the beginning of some memory that has room for it. */
export function encodeRecord(
  { key, header, through, payload }: UnwrittenRecord,
  memory = Buffer.allocUnsafe(RECORD_HEADER_BYTES + payload.length),
): Buffer {
  const kinds = (header.startsRun ? STARTS : 0) | (header.endsRun ? ENDS : 0);
  return encode(key, header, kinds, through, payload, memory);
}

/** A record that says that records of its run before it may be lost. */
export function encodeGap(key: Uint8Array, through: RunTotals): Buffer {
  const memory = Buffer.allocUnsafe(RECORD_HEADER_BYTES);
  return encode(key, { points: 0, params: 0, tags: 0, receivedMs: 0 }, GAP, through, NOTHING, memory);
}

function encode(
  key: Uint8Array,
  header: Pick<RecordHeader, "points" | "params" | "tags" | "receivedMs">,
  kinds: number,
  through: RunTotals,
  payload: Uint8Array,
  memory: Buffer,
): Buffer {
  const value = memory.subarray(0, RECORD_HEADER_BYTES + payload.length);
  value[0] = VERSION;
  value[1] = kinds;
  value.writeUInt16LE(header.points, 2);
  value.writeUInt16LE(header.params, 4);
  value.writeUInt16LE(header.tags, 6);
  value.writeDoubleLE(through.points, 12);
  value.writeDoubleLE(through.bytes, 20);
  value.writeDoubleLE(header.receivedMs, 28);
  value.set(payload, RECORD_HEADER_BYTES);
  value.writeUInt32LE(checksum(key, value), 8);
  return value;
}

/** The bytes that a record of this payload adds to its run's total. */
export function recordBytes(payload: Uint8Array): number {
  return KEY_BYTES + RECORD_HEADER_BYTES + payload.length;
}

/** Reads a record; undefined when its bytes or its key are damaged. */
export function decodeRecord(key: Uint8Array, bytes: Uint8Array): JournalRecord | undefined {
  const at = parseRecordKey(key);
  if (!at || bytes.length < RECORD_HEADER_BYTES || bytes[0] !== VERSION) return undefined;
  const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (value.readUInt32LE(8) !== checksum(key, value)) return undefined;
  const { seq } = at;
  const kinds = value[1] ?? 0;
  return {
    seq,
    points: value.readUInt16LE(2),
    params: value.readUInt16LE(4),
    tags: value.readUInt16LE(6),
    startsRun: (kinds & STARTS) !== 0,
    endsRun: (kinds & ENDS) !== 0,
    isGap: (kinds & GAP) !== 0,
    receivedMs: value.readDoubleLE(28),
    through: { seq, points: value.readDoubleLE(12), bytes: value.readDoubleLE(20) },
    payload: value.subarray(RECORD_HEADER_BYTES),
  };
}

function checksum(key: Uint8Array, value: Buffer): number {
  return crc32(value.subarray(12), crc32(value.subarray(0, 8), crc32(key)));
}
