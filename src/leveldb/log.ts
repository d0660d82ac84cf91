/**
 * LevelDB's log, read without LevelDB, which drops the rest of a block of 32 kB behind a byte that is
 * wrong, says so to nobody, and deletes the log. Its manifest is such a log, too.
 *
 * One write is one entry of the log. Only the last one may be torn, by a power cut, a kill or a write
 * that failed: a bad entry with a whole one behind it is damage.
 */
import { hasChecksum } from "./crc32c.js";

/** An entry of a log: the bytes of one write. */
export interface LogEntry {
  /** Whether all of it is there and its checksums are right. */
  readonly isWhole: boolean;
  readonly bytes: Uint8Array;
}

const BLOCK_BYTES = 32 * 1024;
const HEADER_BYTES = 7;
const FULL = 1;
const FIRST = 2;
const MIDDLE = 3;
const LAST = 4;

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
    const isRight = hasChecksum(log, offset + 6, end, offset);
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

/** What the entries of a log say of it. */
export interface LogHealth {
  /** Whether an entry before the last one is not whole. */
  readonly isDamaged: boolean;
  /** Whether the last entry is not whole. */
  readonly isTorn: boolean;
}

/** Whether a log lost something before its last write, or of its last write. */
export function healthOf(log: Buffer): LogHealth {
  let isTorn = false;
  for (const { isWhole } of readLog(log)) {
    if (isWhole && isTorn) return { isDamaged: true, isTorn };
    isTorn ||= !isWhole;
  }
  return { isDamaged: false, isTorn };
}
