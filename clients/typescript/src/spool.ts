/**
 * The spool: a file in the home that holds what was logged until the daemon has it, so that it outlives this
 * process. docs/decisions/0014-spool.md has the format; this client writes records of the kind "batch" only.
 *
 * Node maps no files into memory: what was logged in one turn of the event loop is written by one call at its end,
 * and a process that is killed loses of what returned no more than that turn.
 */
import { closeSync, constants, lstatSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { clientFault, type Fault } from "./errors.js";
import type { ProcessIdentity } from "./wire.js";

const HEAD_BYTES = 65_536;
const HEAD_BYTES_USED = 4_096;
const KINDS_AT = 2_048;
const EXTENT_BYTES = 262_144;
const EXTENTS_MAX = 1_024;
const RECORDS = 1;
const EXTENT_HEAD_BYTES = 32;
const RECORD_HEAD_BYTES = 48;
const RECORD_ALIGNMENT = 16;
const BATCH_KIND = 7;
const TURNS = 2 ** 24;
/** Of the bytes of a mark the turn has the upper three. */
const MARK_BYTES = 8;

/** The largest payload of a record. */
export const PAYLOAD_BYTES_MAX = EXTENT_BYTES - EXTENT_HEAD_BYTES - RECORD_HEAD_BYTES - RECORD_ALIGNMENT;

/** Whose spool it is. */
export interface SpoolOwner {
  readonly producerId: Uint8Array;
  readonly process: ProcessIdentity;
  readonly clientVersion: string;
}

/** What was logged to one run in one turn. */
export interface Logged {
  readonly runId: string;
  readonly opening: number;
  /** Fields of a batch, PAYLOAD_BYTES_MAX at most in all. */
  readonly fields: readonly Uint8Array[];
}

interface Extent {
  readonly index: number;
  turn: number;
  end: number;
  /** Records that no batch has yet. */
  unmarked: number;
  /** The last sequence of its records. */
  lastSequence: number;
}

interface Unmarked {
  readonly extent: Extent;
  readonly at: number;
}

export class Spool {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #extents: Extent[] = [];
  readonly #unmarked = new Map<number, Unmarked[]>();
  #current: Extent | undefined;
  #number = 0;
  #isOpen = true;
  #takesMore = true;

  private constructor(path: string, owner: SpoolOwner) {
    this.#path = path;
    const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
    this.#descriptor = openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    this.#write(headOf(owner), 0);
  }

  /** Makes the file in a home, which is made where it is not there; else says why that can't be. */
  static open(home: string, owner: SpoolOwner): Spool | Fault {
    try {
      const name = `${Buffer.from(owner.producerId).toString("hex")}.spool`;
      return new Spool(join(privateFolder(home), name), owner);
    } catch (error) {
      return noSpool(error);
    }
  }

  /** Whether all that was logged so far is in it. */
  get takesMore(): boolean {
    return this.#takesMore;
  }

  /**
   * Writes what was logged. What is full or fails is said, and nothing more is written then but marks: without them
   * the daemon would take what is there for newer than all that follows.
   */
  append(logged: readonly Logged[], acknowledgedSequence: number): Fault | undefined {
    if (!this.#takesMore) return undefined;
    try {
      for (const each of logged) this.#append(each, acknowledgedSequence);
      return undefined;
    } catch (error) {
      this.#takesMore = false;
      return noSpool(error);
    }
  }

  /** All that was written of an opening is in this batch, or in one before it. To be called before it is sent. */
  mark(opening: number, sequence: number): Fault | undefined {
    const records = this.#unmarked.get(opening) ?? [];
    this.#unmarked.delete(opening);
    if (!this.#isOpen) return undefined;
    try {
      for (const { extent, at } of records) {
        extent.unmarked -= 1;
        extent.lastSequence = sequence;
        this.#write(markOf(extent.turn, sequence), offsetOf(extent) + at);
      }
      return undefined;
    } catch (error) {
      // The others would fail as well.
      this.#unmarked.clear();
      const wasSaid = !this.#takesMore;
      this.#takesMore = false;
      return wasSaid ? undefined : noSpool(error);
    }
  }

  /** All was acknowledged, and nothing more will come. */
  remove(): void {
    rmSync(this.#path, { force: true });
    if (this.#isOpen) closeSync(this.#descriptor);
    this.#isOpen = false;
    this.#takesMore = false;
  }

  #append({ runId, opening, fields }: Logged, acknowledgedSequence: number): void {
    const length = fields.reduce((sum, field) => sum + field.length, 0);
    const extent = this.#extentFor(RECORD_HEAD_BYTES + length, acknowledgedSequence);
    const record = Buffer.alloc(RECORD_HEAD_BYTES + length);
    record.set(markOf(extent.turn, 0));
    record.writeUInt32LE(length, 8);
    record.write(runId, 16, "hex");
    record.writeUInt32LE(opening, 32);
    record.writeUInt32LE(BATCH_KIND, 36);
    let at = RECORD_HEAD_BYTES;
    for (const field of fields) {
      record.set(field, at);
      at += field.length;
    }
    record.writeUInt32LE(crc32(record.subarray(RECORD_HEAD_BYTES), crc32(record.subarray(16, 40))), 12);
    this.#write(record, offsetOf(extent) + extent.end);
    const records = this.#unmarked.get(opening);
    const unmarked = { extent, at: extent.end };
    if (records) records.push(unmarked);
    else this.#unmarked.set(opening, [unmarked]);
    extent.unmarked += 1;
    extent.end += Math.ceil(record.length / RECORD_ALIGNMENT) * RECORD_ALIGNMENT;
  }

  #extentFor(bytes: number, acknowledgedSequence: number): Extent {
    if (this.#current && this.#current.end + bytes <= EXTENT_BYTES) return this.#current;
    const isDone = ({ unmarked, lastSequence }: Extent) =>
      unmarked === 0 && lastSequence <= acknowledgedSequence;
    const extent = this.#extents.find(isDone) ?? this.#newExtent();
    this.#number += 1;
    // The turn may not be 0.
    if (this.#number % TURNS === 0) this.#number += 1;
    extent.turn = this.#number % TURNS;
    extent.end = EXTENT_HEAD_BYTES;
    const bare = Buffer.alloc(EXTENT_BYTES);
    this.#write(bare, offsetOf(extent));
    bare.writeBigUInt64LE(BigInt(this.#number));
    this.#write(bare.subarray(0, 8), offsetOf(extent));
    this.#write(Buffer.of(RECORDS), KINDS_AT + extent.index);
    this.#current = extent;
    return extent;
  }

  #newExtent(): Extent {
    const index = this.#extents.length;
    if (index === EXTENTS_MAX) throw new Error("the spool is full");
    const extent: Extent = { index, turn: 0, end: 0, unmarked: 0, lastSequence: 0 };
    this.#extents.push(extent);
    return extent;
  }

  #write(bytes: Uint8Array, offset: number): void {
    let written = 0;
    while (written < bytes.length)
      written += writeSync(this.#descriptor, bytes, written, bytes.length - written, offset + written);
  }
}

function headOf({ producerId, process, clientVersion }: SpoolOwner): Buffer {
  const head = Buffer.alloc(HEAD_BYTES_USED);
  head.write("STEPSPOL");
  head.writeUInt32LE(1, 8);
  head.writeUInt32LE(EXTENT_BYTES, 12);
  head.set(producerId, 16);
  head.write(process.bootId.slice(0, 40), 32);
  head.writeBigUInt64LE(process.pidNamespace, 72);
  head.writeBigUInt64LE(BigInt(process.pid), 80);
  head.writeBigUInt64LE(process.startTicks, 88);
  head.write("typescript", 96);
  head.write(clientVersion.slice(0, 32), 128);
  return head;
}

function offsetOf({ index }: Extent): number {
  return HEAD_BYTES + index * EXTENT_BYTES;
}

function markOf(turn: number, sequence: number): Buffer {
  const mark = Buffer.alloc(MARK_BYTES);
  mark.writeUIntLE(sequence, 0, 5);
  mark.writeUIntLE(turn, 5, 3);
  return mark;
}

/** The home's folder of spools, which nobody else may enter. */
function privateFolder(home: string): string {
  const folder = join(home, "client-spools");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const stats = lstatSync(folder);
  const us = process.getuid?.();
  if (!stats.isDirectory() || (us !== undefined && stats.uid !== us))
    throw new Error(`${folder} is not a folder of this user's`);
  return folder;
}

function noSpool(error: unknown): Fault {
  const reason = error instanceof Error ? error.message : String(error);
  const sentence = `What is logged is in this process's memory alone until the daemon has it: ${reason}.`;
  return clientFault("STEPWELL_SPOOL_UNAVAILABLE", sentence);
}
