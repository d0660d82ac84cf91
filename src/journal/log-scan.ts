/**
 * LevelDB's own log, read without LevelDB, which drops the rest of a block of 32 kB
 * behind a byte that is wrong, says so to nobody, and deletes the log.
 *
 * One write is one entry of the log. The journal writes one group after the other, each
 * with an fsync before the next: only the last entry may be torn, by a power cut, a kill or a
 * write that failed. A bad entry with a whole one behind it is damage to something that was
 * acknowledged.
 */
import { readdir, readFile } from "node:fs/promises";
import { StepwellError } from "../errors/stepwell-error.js";
import { maskedCrc32c } from "./crc32c.js";

/** An entry of a log: the bytes of one write. */
export interface LogEntry {
  /** Whether all of it is there and its checksums are right. */
  readonly isWhole: boolean;
  readonly bytes: Uint8Array;
}

/** A key and a value, as they are stored. */
export interface Pair {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

const BLOCK_BYTES = 32 * 1024;
const HEADER_BYTES = 7;
const FULL = 1;
const FIRST = 2;
const MIDDLE = 3;
const LAST = 4;
const BATCH_HEADER_BYTES = 12;

/** What a segment's logs hold, before LevelDB makes tables of them. */
export interface LogState {
  /** Whether the last write is not whole. */
  readonly isTorn: boolean;
  readonly isEmpty: boolean;
}

/**
 * Looks at a segment's logs. Throws STEPWELL_STORE_DAMAGED when one lost something before its last
 * write, and what the system says where one can't be read: LevelDB would take that for its end.
 */
export async function checkLogs(folder: string): Promise<LogState> {
  const names = await readdir(folder);
  const logs = names.filter((name) => name.endsWith(".log"));
  // LevelDB would open it without what was in there, and say nothing.
  if (logs.length === 0) throw new StepwellError("STEPWELL_STORE_DAMAGED", "The segment's log is gone.");
  let isTorn = false;
  let isEmpty = true;
  for (const name of logs) {
    const log = await readFile(`${folder}/${name}`);
    let sawBad = false;
    for (const { isWhole } of readLog(log)) {
      if (isWhole && sawBad) throw new StepwellError("STEPWELL_STORE_DAMAGED", `The log ${name} is damaged.`);
      sawBad ||= !isWhole;
    }
    isTorn ||= sawBad;
    isEmpty &&= log.length === 0;
  }
  return { isTorn, isEmpty };
}

/** The entries of a log; what its end cuts off is one that is not whole. After bytes that make no sense it goes on with the next block. */
export function* readLog(log: Buffer): Generator<LogEntry> {
  let parts: Uint8Array[] = [];
  let isWhole = true;
  const ended = (): LogEntry => {
    const entry = { isWhole, bytes: parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts) };
    parts = [];
    isWhole = true;
    return entry;
  };
  let offset = 0;
  while (offset + HEADER_BYTES <= log.length) {
    const blockEnd = offset - (offset % BLOCK_BYTES) + BLOCK_BYTES;
    const begin = offset + HEADER_BYTES;
    if (begin > blockEnd) {
      offset = blockEnd;
      continue;
    }
    const end = begin + log.readUInt16LE(offset + 4);
    const type = log[offset + 6] ?? 0;
    if (end > blockEnd || type < FULL || type > LAST) {
      isWhole = false;
      yield ended();
      offset = blockEnd;
      continue;
    }
    if (end > log.length) break;
    const isRight = log.readUInt32LE(offset) === maskedCrc32c(log, offset + 6, end);
    if ((type === FULL || type === FIRST) && parts.length > 0) {
      isWhole = false;
      yield ended();
    }
    if ((type === MIDDLE || type === LAST) && parts.length === 0) isWhole = false;
    isWhole &&= isRight;
    parts.push(log.subarray(begin, end));
    if (type === FULL || type === LAST) yield ended();
    offset = end;
  }
  const isBlockFilled = offset % BLOCK_BYTES > BLOCK_BYTES - HEADER_BYTES;
  if (parts.length === 0 && (offset >= log.length || isBlockFilled)) return;
  isWhole = false;
  yield ended();
}

/** What an entry of a log puts; of a damaged one what can be made out. */
export function pairsOf({ bytes }: LogEntry): Pair[] {
  const pairs: Pair[] = [];
  const reader = new ByteReader(bytes, BATCH_HEADER_BYTES);
  while (reader.offset < bytes.length) {
    const isPut = reader.varint() === 1;
    const key = reader.take(reader.varint());
    const value = isPut && key ? reader.take(reader.varint()) : undefined;
    if (!key || !value) break;
    pairs.push({ key, value });
  }
  return pairs;
}

/** Reads LevelDB's numbers and texts one after the other. */
export class ByteReader {
  offset: number;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.offset = offset;
  }

  /** The next number; behind the end 0. */
  varint(): number {
    let value = 0;
    for (let power = 1; power < 2 ** 35; power *= 128) {
      const byte = this.#bytes[this.offset++] ?? 0;
      value += (byte & 0x7f) * power;
      if (byte < 0x80) break;
    }
    return value;
  }

  /** The next bytes; undefined when there are fewer. */
  take(count: number): Uint8Array | undefined {
    const end = this.offset + count;
    if (end > this.#bytes.length) return undefined;
    const taken = this.#bytes.subarray(this.offset, end);
    this.offset = end;
    return taken;
  }
}
