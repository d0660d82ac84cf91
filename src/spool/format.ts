/**
 * The format of a client's spool (docs/decisions/0014-spool.md), as far as one extent needs it: what in its bytes
 * counts, and which of it has which sequence. Nothing that is read here is trusted: a file may be torn, cut or
 * somebody's joke. What does not check is left out.
 */
import { isUtf8 } from "node:buffer";
import { crc32 } from "node:zlib";
import type { ProcessId } from "../model/process.js";

export const HEAD_BYTES = 65_536;
export const EXTENT_BYTES = 262_144;
const EXTENTS_MAX = 1_024;
/** What is read of the head. */
export const HEAD_BYTES_USED = 3_072;

const MAGIC = Buffer.from("STEPSPOL");
const VERSION = 1;
const KINDS_AT = 2_048;
const RECORD_HEAD_BYTES = 48;
const RECORD_ALIGNMENT = 16;
const CHUNK_HEAD_BYTES = 32;
const ROW_BYTES = 32;
const KEY_BYTES_MAX = 1_000;

/** What an extent holds: records, rows in chunks of so many bytes, or nothing that is known. */
export type ExtentKind = { readonly chunkBytes: number } | "records" | undefined;

/** Whose spool it is. */
export interface SpoolHead {
  readonly producerId: string;
  /** Undefined where the system told nothing of the process. */
  readonly process: ProcessId | undefined;
  readonly clientName: string;
  readonly clientVersion: string;
  readonly kinds: readonly ExtentKind[];
}

/** The order of a batch's parts. */
export const PART_KINDS = ["start", "param", "points", "removed tag", "tag", "end", "batch"] as const;
export type PartKind = (typeof PART_KINDS)[number];

/** Records of these kinds that lie behind each other may be one part: a batch has them in any order. */
const ENTRY_KINDS: readonly PartKind[] = ["param", "points", "removed tag", "tag"];

/** Entries of one run that lie together and have one sequence. */
export interface Part {
  /** Of several kinds the last one of PART_KINDS. */
  readonly kind: PartKind;
  readonly runId: string;
  readonly opening: number;
  /** The number of its chunk or extent: what was logged later has a higher one, within a kind. */
  readonly number: bigint;
  /** In the file. */
  readonly offset: number;
  /** In the file, from there on. */
  readonly span: number;
  /** Bytes of the records' payloads, or of the chunk. */
  readonly bytes: number;
  /** Whether it is rows of a chunk; else it is records. */
  readonly isRows: boolean;
  /** Rows, or records. */
  readonly rows: number;
  /** 0: it was not sent. */
  readonly sequence: number;
}

/** What an extent holds. */
export interface ExtentParts {
  readonly parts: readonly Part[];
  /** Rows that were begun and not finished. */
  readonly torn: number;
}

/** Reads the head; undefined for a file that is no spool of this version. */
export function readHead(bytes: Buffer): SpoolHead | undefined {
  if (bytes.length < HEAD_BYTES_USED || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
  if (bytes.readUInt32LE(8) !== VERSION || bytes.readUInt32LE(12) !== EXTENT_BYTES) return undefined;
  const pid = Number(bytes.readBigUInt64LE(80));
  if (!Number.isSafeInteger(pid)) return undefined;
  const process: ProcessId = {
    bootId: textIn(bytes, 32, 40),
    pidNamespace: `${bytes.readBigUInt64LE(72)}`,
    pid,
    startTicks: `${bytes.readBigUInt64LE(88)}`,
  };
  return {
    producerId: bytes.toString("hex", 16, 32),
    process: pid === 0 ? undefined : process,
    clientName: textIn(bytes, 96, 32),
    clientVersion: textIn(bytes, 128, 32),
    kinds: Array.from(bytes.subarray(KINDS_AT, KINDS_AT + EXTENTS_MAX), kindOf),
  };
}

/** What counts in an extent, which lies at an offset of the file. Its memory begins at a multiple of 8. */
export function readExtent(bytes: Buffer, kind: ExtentKind, offset: number): ExtentParts {
  if (kind === undefined) return { parts: [], torn: 0 };
  if (kind === "records") return { parts: joined(recordsIn(bytes, offset)), torn: 0 };
  const parts: Part[] = [];
  let torn = 0;
  for (let at = 0; at < bytes.length; at += kind.chunkBytes) {
    const chunk = chunkAt(bytes, at, kind.chunkBytes);
    if (!chunk) continue;
    const { counts, torn: tornHere } = countRows(chunk);
    torn += tornHere;
    const { runId, opening, number } = chunk;
    for (const [sequence, rows] of counts) {
      const place = { offset: offset + at, span: kind.chunkBytes, bytes: kind.chunkBytes, isRows: true };
      parts.push({ kind: "points", runId, opening, number, ...place, rows, sequence });
    }
  }
  return { parts, torn };
}

/** The rows of a chunk that have a sequence, as a metric column has them. */
export interface RowColumn {
  readonly key: Buffer;
  readonly modelId: Buffer;
  readonly steps: Buffer;
  readonly timestampsMs: Buffer;
  readonly values: Buffer;
}

/** Reads those rows out of a chunk's bytes, which begin at a multiple of 8; undefined where there is no such chunk any more. */
export function rowsOf(bytes: Buffer, sequence: number): RowColumn | undefined {
  const chunk = chunkAt(bytes, 0, bytes.length);
  if (!chunk) return undefined;
  const { cells, turn, count } = rowsIn(chunk);
  const columns = [new BigUint64Array(count), new BigUint64Array(count), new BigUint64Array(count)] as const;
  const wanted = (turn << 40n) | BigInt(sequence);
  let found = 0;
  for (let at = 0; at < cells.length; at += 4) {
    if (cells[at + 3] !== wanted) continue;
    for (const [index, column] of columns.entries()) column[found] = cells[at + index] ?? 0n;
    found += 1;
  }
  const [steps, timestampsMs, values] = columns.map((column) => Buffer.from(column.buffer, 0, found * 8));
  if (found === 0 || !steps || !timestampsMs || !values) return undefined;
  return { key: chunk.key, modelId: chunk.modelId, steps, timestampsMs, values };
}

interface Chunk {
  readonly bytes: Buffer;
  readonly number: bigint;
  readonly opening: number;
  readonly runId: string;
  readonly key: Buffer;
  readonly modelId: Buffer;
  readonly rowsAt: number;
}

function chunkAt(extent: Buffer, at: number, size: number): Chunk | undefined {
  const bytes = extent.subarray(at, at + size);
  if (bytes.length < size) return undefined;
  const number = bytes.readBigUInt64LE(0);
  if (number === 0n) return undefined;
  const keyBytes = bytes.readUInt16LE(12);
  const textBytes = keyBytes + bytes.readUInt16LE(14);
  const rowsAt = CHUNK_HEAD_BYTES + Math.ceil(textBytes / ROW_BYTES) * ROW_BYTES;
  if (keyBytes === 0 || keyBytes > KEY_BYTES_MAX || rowsAt + ROW_BYTES > size) return undefined;
  const texts = bytes.subarray(CHUNK_HEAD_BYTES, CHUNK_HEAD_BYTES + textBytes);
  if (!isUtf8(texts)) return undefined;
  return {
    ...{ bytes, number, opening: bytes.readUInt32LE(8), runId: bytes.toString("hex", 16, 32), rowsAt },
    ...{ key: texts.subarray(0, keyBytes), modelId: texts.subarray(keyBytes) },
  };
}

function rowsIn({ bytes, number, rowsAt }: Chunk) {
  const count = Math.floor((bytes.length - rowsAt) / ROW_BYTES);
  const cells = new BigUint64Array(bytes.buffer, bytes.byteOffset + rowsAt, count * 4);
  return { cells, count, turn: turnOf(number) };
}

function countRows(chunk: Chunk) {
  const { cells, turn } = rowsIn(chunk);
  const counts = new Map<number, number>();
  let torn = 0;
  for (let at = 0; at < cells.length; at += 4) {
    const mark = cells[at + 3] ?? 0n;
    if (mark === 0n) {
      if (cells[at] !== 0n || cells[at + 1] !== 0n || cells[at + 2] !== 0n) torn += 1;
    } else if (mark >> 40n === turn) {
      const sequence = Number(mark & SEQUENCES);
      counts.set(sequence, (counts.get(sequence) ?? 0) + 1);
    }
  }
  return { counts, torn };
}

const SEQUENCES = (1n << 40n) - 1n;

function turnOf(number: bigint): bigint {
  return number & 0xff_ff_ffn;
}

function* recordsIn(bytes: Buffer, offset: number): Generator<Part> {
  const number = bytes.readBigUInt64LE(0);
  if (number === 0n) return;
  for (let at = 2 * RECORD_ALIGNMENT; at + RECORD_HEAD_BYTES <= bytes.length; ) {
    const mark = bytes.readBigUInt64LE(at);
    const length = bytes.readUInt32LE(at + 8);
    const end = at + RECORD_HEAD_BYTES + length;
    if (mark >> 40n !== turnOf(number) || end > bytes.length) return;
    const payload = bytes.subarray(at + RECORD_HEAD_BYTES, end);
    const checked = crc32(payload, crc32(bytes.subarray(at + 16, at + 40)));
    const kind = PART_KINDS[bytes.readUInt32LE(at + 36) - 1];
    if (checked !== bytes.readUInt32LE(at + 12) || kind === undefined) return;
    yield {
      ...{ kind, runId: bytes.toString("hex", at + 16, at + 32), opening: bytes.readUInt32LE(at + 32) },
      ...{ number, offset: offset + at, span: end - at, bytes: length, isRows: false },
      ...{ rows: 1, sequence: Number(mark & SEQUENCES) },
    };
    at = Math.ceil(end / RECORD_ALIGNMENT) * RECORD_ALIGNMENT;
  }
}

/** What a daemon holds of millions of small records are a few long parts. */
function joined(records: Iterable<Part>): Part[] {
  const parts: Part[] = [];
  for (const record of records) {
    const last = parts.at(-1);
    if (!last || !goTogether(last, record)) parts.push(record);
    else
      parts[parts.length - 1] = {
        ...last,
        kind: PART_KINDS.indexOf(record.kind) > PART_KINDS.indexOf(last.kind) ? record.kind : last.kind,
        span: record.offset + record.span - last.offset,
        bytes: last.bytes + record.bytes,
        rows: last.rows + 1,
      };
  }
  return parts;
}

function goTogether(one: Part, other: Part): boolean {
  const areEntries = ENTRY_KINDS.includes(one.kind) && ENTRY_KINDS.includes(other.kind);
  if (!areEntries && one.kind !== other.kind) return false;
  return one.runId === other.runId && one.opening === other.opening && one.sequence === other.sequence;
}

/** The payloads of a part's records, one behind the other. */
export function payloadsOf(bytes: Buffer): Buffer {
  const payloads: Buffer[] = [];
  for (let at = 0; at + RECORD_HEAD_BYTES <= bytes.length; ) {
    const end = at + RECORD_HEAD_BYTES + bytes.readUInt32LE(at + 8);
    payloads.push(bytes.subarray(at + RECORD_HEAD_BYTES, end));
    at = Math.ceil(end / RECORD_ALIGNMENT) * RECORD_ALIGNMENT;
  }
  return Buffer.concat(payloads);
}

function kindOf(byte: number): ExtentKind {
  if (byte === 1) return "records";
  return byte >= 9 && byte <= 16 ? { chunkBytes: 2 ** byte } : undefined;
}

/** A text with zeros behind it; empty where it is none. */
function textIn(bytes: Buffer, at: number, size: number): string {
  const field = bytes.subarray(at, at + size);
  const end = field.indexOf(0);
  const text = field.subarray(0, end < 0 ? size : end);
  return isUtf8(text) ? text.toString("utf8") : "";
}
