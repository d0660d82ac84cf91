/** Writes spools as a client does, and as one does that died in the middle. */
import { crc32 } from "node:zlib";
import type { ProcessId } from "../../src/model/process.js";
import { EXTENT_BYTES, HEAD_BYTES, PART_KINDS, type PartKind } from "../../src/spool/format.js";

export interface Row {
  readonly step: number;
  readonly value: number;
  /** 0: not sent. "torn": its mark is missing; "given up": its place was. */
  readonly sequence: number | "torn" | "given up";
  /** Another turn than its chunk's. */
  readonly turn?: number;
}

/** The timestamp of all rows. */
const ROW_TIME_MS = 1_700_000_000_000n;

export class SpoolWriter {
  readonly head = Buffer.alloc(HEAD_BYTES);
  readonly #extents: Buffer[] = [];
  #number = 0;
  #records: { bytes: Buffer; at: number; number: number } | undefined;

  constructor(producerId: string, process?: ProcessId) {
    this.head.write("STEPSPOL");
    this.head.writeUInt32LE(1, 8);
    this.head.writeUInt32LE(EXTENT_BYTES, 12);
    this.head.write(producerId, 16, "hex");
    this.head.write(process?.bootId ?? "", 32);
    this.head.writeBigUInt64LE(BigInt(process?.pidNamespace ?? 0), 72);
    this.head.writeBigUInt64LE(BigInt(process?.pid ?? 0), 80);
    this.head.writeBigUInt64LE(BigInt(process?.startTicks ?? 0), 88);
    this.head.write("test", 96);
  }

  /** A chunk in an extent of its own; answers its bytes. */
  rows(runId: string, key: string, rows: readonly Row[], opening = 1): Buffer {
    this.#number += 1;
    const chunk = this.#extent(12).subarray(0, 4096);
    chunk.writeBigUInt64LE(BigInt(this.#number), 0);
    chunk.writeUInt32LE(opening, 8);
    chunk.writeUInt16LE(Buffer.byteLength(key), 12);
    chunk.write(runId, 16, "hex");
    chunk.write(key, 32);
    let at = 32 + Math.ceil(Buffer.byteLength(key) / 32) * 32;
    for (const { step, value, sequence, turn = this.#number } of rows) {
      chunk.writeBigInt64LE(BigInt(step), at);
      chunk.writeBigInt64LE(ROW_TIME_MS, at + 8);
      chunk.writeDoubleLE(value, at + 16);
      if (sequence === "given up") chunk.writeBigUInt64LE(1n, at + 24);
      else if (sequence !== "torn") chunk.writeBigUInt64LE(markOf(turn, sequence), at + 24);
      at += 32;
    }
    return chunk;
  }

  /** A record; answers its bytes. */
  record(kind: PartKind, runId: string, payload: Uint8Array, sequence = 0, opening = 1): Buffer {
    if (!this.#records || this.#records.at + 48 + payload.length > EXTENT_BYTES) {
      this.#number += 1;
      this.#records = { bytes: this.#extent(1), at: 32, number: this.#number };
      this.#records.bytes.writeBigUInt64LE(BigInt(this.#number), 0);
    }
    const { at, number } = this.#records;
    const record = this.#records.bytes.subarray(at, at + 48 + payload.length);
    record.writeUInt32LE(payload.length, 8);
    record.write(runId, 16, "hex");
    record.writeUInt32LE(opening, 32);
    record.writeUInt32LE(PART_KINDS.indexOf(kind) + 1, 36);
    record.set(payload, 48);
    record.writeUInt32LE(crc32(payload, crc32(record.subarray(16, 40))), 12);
    record.writeBigUInt64LE(markOf(number, sequence), 0);
    this.#records.at = at + Math.ceil(record.length / 16) * 16;
    return record;
  }

  get bytes(): Buffer {
    return Buffer.concat([this.head, ...this.#extents]);
  }

  #extent(kind: number): Buffer {
    const extent = Buffer.alloc(EXTENT_BYTES);
    this.head[2_048 + this.#extents.length] = kind;
    this.#extents.push(extent);
    return extent;
  }
}

function markOf(turn: number, sequence: number): bigint {
  return (BigInt(turn) << 40n) | BigInt(sequence);
}
