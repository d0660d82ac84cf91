/**
 * The file of a run's curves: `RUN_ID.curves` in the home's folder `curves`.
 *
 *   "STWCRV01"   each curve's bytes (codec.ts), one behind the other   the index   the foot
 *
 * The index has of each key where its curve is, the curve's checksum and its summary. The foot is of one length: the run's id,
 * through which record of the journal the curves go, the points of the run through there and how many of them no curve has,
 * where the index is, and checksums of it and of itself. So a file that was cut off, is another run's or of another format is
 * known at once, and a curve that was damaged when it is read; either costs the file and nothing else: it is removed, and what
 * it held is read again from the journal or the local store.
 *
 * A file is written as a whole beside the one before and renamed. It is not synced: after a power cut it may be an older one,
 * or damaged, and both are noticed.
 */
import { renameSync } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { openPlain } from "../home/plain-file.js";
import { BlockWriter } from "./block-writer.js";
import { decodeCurve } from "./codec.js";
import type { Curve } from "./curve.js";
import type { CurveSummary } from "./summary.js";

/** How far the curves of a file go. */
export interface SavedThrough {
  /** Of the run's records in the journal, the last that is in them. */
  readonly seq: number;
  /** Points of the run through it, and how many of those no curve has. */
  readonly points: number;
  readonly missing: number;
}

/** Where a key's curve is in the file. */
interface IndexEntry {
  readonly offset: number;
  readonly length: number;
  readonly crc: number;
  readonly summary: CurveSummary;
}

const MAGIC = Buffer.from("STWCRV01");
const FOOT_BYTES = 80;
const ENTRY_BYTES = 114;
/** An index is read whole. */
const INDEX_BYTES_MAX = 16 * 1024 * 1024;
/** What is read at once of curves that stand together. */
const READ_BYTES = 1024 * 1024;

/** What a curve's bytes are with. */
export interface SavedCurve {
  readonly bytes: Uint8Array;
  readonly summary: CurveSummary;
}

export class CurveFile {
  readonly path: string;
  readonly through: SavedThrough;
  /** Bytes of the file. */
  readonly bytes: number;
  readonly #index: ReadonlyMap<string, IndexEntry>;

  /** As it is on disk. */
  constructor(path: string, bytes: number, through: SavedThrough, index: ReadonlyMap<string, IndexEntry>) {
    this.path = path;
    this.bytes = bytes;
    this.through = through;
    this.#index = index;
  }

  /** Opens the file of a run; undefined where there is none. Throws a RangeError for one that is damaged or another's. */
  static async open(path: string, runId: string): Promise<CurveFile | undefined> {
    const handle = await openPlain(path).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    });
    if (!handle) return undefined;
    try {
      const { size } = await handle.stat();
      if (size < MAGIC.length + FOOT_BYTES) throw new RangeError("it is cut off");
      const head = await readAt(handle, 0, MAGIC.length);
      if (!head.equals(MAGIC)) throw new RangeError("it is no file of curves of this version");
      const foot = readFoot(await readAt(handle, size - FOOT_BYTES, FOOT_BYTES), runId);
      const indexBytes = size - FOOT_BYTES - foot.indexOffset;
      if (indexBytes < 0 || indexBytes > INDEX_BYTES_MAX)
        throw new RangeError("its index is not where it is to be");
      const index = await readAt(handle, foot.indexOffset, indexBytes);
      if (crc32(index) !== foot.indexCrc) throw new RangeError("its index is damaged");
      return new CurveFile(path, size, foot.through, readIndex(index));
    } finally {
      await handle.close();
    }
  }

  /** The keys that have a curve. */
  get keys(): ReadonlyMap<string, { readonly summary: CurveSummary }> {
    return this.#index;
  }

  /** Bytes of memory that the index takes, or so. */
  get indexBytes(): number {
    return this.#index.size * 600;
  }

  /** A key's curve; undefined where there is none. Throws a RangeError where it is damaged. */
  async read(key: string): Promise<Curve | undefined> {
    const entry = this.#index.get(key);
    if (!entry) return undefined;
    const handle = await openPlain(this.path);
    try {
      return decodeCurve(checked(await readAt(handle, entry.offset, entry.length), entry));
    } finally {
      await handle.close();
    }
  }

  /**
   * All curves' bytes, in the order in which they stand; each is to be used before the next is asked for. Throws a RangeError
   * where one is damaged.
   */
  async *all(): AsyncGenerator<readonly [key: string, saved: SavedCurve]> {
    const handle = await openPlain(this.path);
    let room = Buffer.allocUnsafe(READ_BYTES);
    try {
      for (const some of together(this.#index)) {
        const [first, last] = [some[0]?.[1], some.at(-1)?.[1]];
        if (!first || !last) return;
        const length = last.offset + last.length - first.offset;
        if (length > room.length) room = Buffer.allocUnsafe(length);
        const bytes = await readAt(handle, first.offset, length, room);
        for (const [key, entry] of some) {
          const at = entry.offset - first.offset;
          yield [
            key,
            { bytes: checked(bytes.subarray(at, at + entry.length), entry), summary: entry.summary },
          ];
        }
      }
    } finally {
      await handle.close();
    }
  }
}

/** Curves that stand together and are read at once. */
function* together(index: ReadonlyMap<string, IndexEntry>): Generator<(readonly [string, IndexEntry])[]> {
  let some: (readonly [string, IndexEntry])[] = [];
  let bytes = 0;
  for (const entry of index) {
    if (bytes + entry[1].length > READ_BYTES && some.length > 0) {
      yield some;
      some = [];
      bytes = 0;
    }
    some.push(entry);
    bytes += entry[1].length;
  }
  yield some;
}

/** Which file is written. */
interface NewFile {
  readonly path: string;
  readonly runId: string;
  readonly through: SavedThrough;
  /** Memory for what is about to be written, which no other write uses meanwhile. */
  readonly block: Buffer;
}

/** Writes a file of curves in place of the one that may be there; `onWritten` is called in the moment in which it is. */
export async function writeCurveFile(
  { path, runId, through, block }: NewFile,
  curves: AsyncIterable<readonly [key: string, saved: SavedCurve]>,
  onWritten: (file: CurveFile) => void,
): Promise<CurveFile> {
  const draft = `${path}.new`;
  const handle = await open(draft, "w", 0o600);
  try {
    const writer = new BlockWriter(handle, block);
    await writer.put(MAGIC);
    const index = new Map<string, IndexEntry>();
    for await (const [key, { bytes, summary }] of curves) {
      index.set(key, { offset: writer.offset, length: bytes.length, crc: crc32(bytes), summary });
      await writer.put(bytes);
    }
    const indexOffset = writer.offset;
    const indexBytes = Buffer.concat([...index].map(([key, entry]) => indexEntry(key, entry)));
    await writer.put(indexBytes);
    await writer.put(footBytes(runId, through, indexOffset, crc32(indexBytes)));
    await writer.flush();
    await handle.close();
    const file = new CurveFile(path, writer.offset, through, index);
    // Whoever reads opens the file by its name: in one turn it is the new one for all.
    renameSync(draft, path);
    onWritten(file);
    return file;
  } catch (error) {
    await handle.close().catch(() => undefined);
    await rm(draft, { force: true });
    throw error;
  }
}

function checked(bytes: Buffer, { crc }: IndexEntry): Buffer {
  if (crc32(bytes) !== crc) throw new RangeError("a curve of it is damaged");
  return bytes;
}

async function readAt(
  handle: FileHandle,
  offset: number,
  length: number,
  room = Buffer.allocUnsafe(length),
): Promise<Buffer> {
  const { bytesRead } = await handle.read(room, 0, length, offset);
  if (bytesRead !== length) throw new RangeError("it is cut off");
  return room.subarray(0, length);
}

function footBytes(runId: string, through: SavedThrough, indexOffset: number, indexCrc: number): Buffer {
  const foot = Buffer.alloc(FOOT_BYTES);
  foot.write(runId, 0, "hex");
  foot.writeDoubleLE(through.seq, 16);
  foot.writeDoubleLE(through.points, 24);
  foot.writeDoubleLE(through.missing, 32);
  foot.writeDoubleLE(indexOffset, 40);
  foot.writeUInt32LE(indexCrc, 48);
  foot.writeUInt32LE(crc32(foot.subarray(0, FOOT_BYTES - 4)), FOOT_BYTES - 4);
  return foot;
}

function readFoot(foot: Buffer, runId: string) {
  if (crc32(foot.subarray(0, FOOT_BYTES - 4)) !== foot.readUInt32LE(FOOT_BYTES - 4))
    throw new RangeError("its end is damaged");
  if (foot.toString("hex", 0, 16) !== runId) throw new RangeError("it is of another run");
  return {
    through: { seq: foot.readDoubleLE(16), points: foot.readDoubleLE(24), missing: foot.readDoubleLE(32) },
    indexOffset: foot.readDoubleLE(40),
    indexCrc: foot.readUInt32LE(48),
  };
}

function indexEntry(key: string, { offset, length, crc, summary }: IndexEntry): Buffer {
  const name = Buffer.from(key);
  const bytes = Buffer.alloc(ENTRY_BYTES + name.length);
  bytes.writeUInt16LE(name.length, 0);
  bytes.writeDoubleLE(offset, 2);
  bytes.writeUInt32LE(length, 10);
  bytes.writeUInt32LE(crc, 14);
  for (const [index, field] of NUMBERS.entries()) bytes.writeDoubleLE(summary[field], 18 + 8 * index);
  for (const [index, field] of PLACES.entries()) bytes.writeBigInt64LE(summary[field], 74 + 8 * index);
  name.copy(bytes, ENTRY_BYTES);
  return bytes;
}

function readIndex(bytes: Buffer): Map<string, IndexEntry> {
  const index = new Map<string, IndexEntry>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; ) {
    const nameBytes = view.getUint16(at, true);
    index.set(bytes.toString("utf8", at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes), {
      offset: view.getFloat64(at + 2, true),
      length: view.getUint32(at + 10, true),
      crc: view.getUint32(at + 14, true),
      summary: readSummary(view, at),
    });
    at += ENTRY_BYTES + nameBytes;
  }
  return index;
}

/** In the order of NUMBERS and PLACES. Field by field: who looks at thousands of metrics first waits for this. */
function readSummary(view: DataView, at: number): CurveSummary {
  return {
    points: view.getFloat64(at + 18, true),
    nan: view.getFloat64(at + 26, true),
    positive: view.getFloat64(at + 34, true),
    negative: view.getFloat64(at + 42, true),
    min: view.getFloat64(at + 50, true),
    max: view.getFloat64(at + 58, true),
    lastValue: view.getFloat64(at + 66, true),
    firstStep: view.getBigInt64(at + 74, true),
    firstTimestampMs: view.getBigInt64(at + 82, true),
    latestTimestampMs: view.getBigInt64(at + 90, true),
    lastStep: view.getBigInt64(at + 98, true),
    lastTimestampMs: view.getBigInt64(at + 106, true),
  };
}

const NUMBERS = ["points", "nan", "positive", "negative", "min", "max", "lastValue"] as const;
const PLACES = ["firstStep", "firstTimestampMs", "latestTimestampMs", "lastStep", "lastTimestampMs"] as const;
