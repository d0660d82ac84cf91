/**
 * A producer's mark: how far its batches are journaled, written in the same LevelDB
 * batch as the records themselves, so that neither can be there without the other.
 */
import { crc32 } from "node:zlib";

export interface ProducerMark {
  /** The epoch of the producer's last stream. */
  readonly epoch: bigint;
  /** The highest sequence that is journaled; 0 when none is. */
  readonly sequence: number;
}

const KEY_PREFIX = 0x70;
const PRODUCER_ID_BYTES = 16;
const CHECKED_BYTES = 16;
const MARK_BYTES = 20;

/** The bounds of all marks' keys. */
export const MARK_KEYS = { gte: Buffer.of(KEY_PREFIX), lt: Buffer.of(KEY_PREFIX + 1) };

/**
 * A mark as it is stored, under "p" and the producer's id, which is given as 32 hexadecimal
 * digits. It has a checksum of its own: LevelDB looks at none when it reads, and one bit more
 * would acknowledge what never came.
 */
export function encodeMark(producerId: string, mark: ProducerMark): { key: Buffer; value: Buffer } {
  const key = Buffer.concat([Buffer.of(KEY_PREFIX), Buffer.from(producerId, "hex")]);
  const value = Buffer.allocUnsafe(MARK_BYTES);
  value.writeBigUInt64LE(mark.epoch, 0);
  value.writeDoubleLE(mark.sequence, 8);
  value.writeUInt32LE(checksum(key, value), CHECKED_BYTES);
  return { key, value };
}

/** Reads a mark with its producer's id; undefined when the bytes are damaged. */
export function decodeMark(
  key: Uint8Array,
  bytes: Uint8Array,
): { producerId: string; mark: ProducerMark } | undefined {
  if (key.length !== 1 + PRODUCER_ID_BYTES || bytes.length !== MARK_BYTES) return undefined;
  const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (value.readUInt32LE(CHECKED_BYTES) !== checksum(key, value)) return undefined;
  const producerId = Buffer.from(key.subarray(1)).toString("hex");
  return { producerId, mark: { epoch: value.readBigUInt64LE(0), sequence: value.readDoubleLE(8) } };
}

function checksum(key: Uint8Array, value: Buffer): number {
  return crc32(value.subarray(0, CHECKED_BYTES), crc32(key));
}

/** The mark that knows more of the same producer. */
export function laterMark(one: ProducerMark | undefined, other: ProducerMark): ProducerMark {
  if (one === undefined) return other;
  const epoch = one.epoch > other.epoch ? one.epoch : other.epoch;
  return { epoch, sequence: Math.max(one.sequence, other.sequence) };
}
