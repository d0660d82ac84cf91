/**
 * Whole numbers written as pairs of 32 bits into the memory of a column.
 *
 * A BigInt for every point would cost more than the rest of a log call; for a number the
 * two halves come from plain arithmetic.
 */
import { endianness } from "node:os";
import { StepwellClientError } from "./errors.js";

/** A whole number as a caller gives it. */
export type Int64 = number | bigint;

const HALF = 2 ** 32;
const LIMIT = 2 ** 63;

if (endianness() !== "LE") {
  throw new StepwellClientError("STEPWELL_PLATFORM_UNSUPPORTED", "This machine is big-endian.");
}

/** Writes a step at a place of a column. Throws STEPWELL_STEP_INVALID when it is no int64. */
export function writeStep(halves: Int32Array, index: number, step: Int64): void {
  if (writeInt64(halves, index, step)) return;
  throw new StepwellClientError("STEPWELL_STEP_INVALID", `${String(step)} is no 64-bit whole number.`);
}

/** Writes a timestamp. Throws STEPWELL_TIMESTAMP_INVALID when it is no int64 or negative. */
export function writeTimestamp(halves: Int32Array, index: number, timestampMs: Int64): void {
  if (timestampMs >= 0 && writeInt64(halves, index, timestampMs)) return;
  throw new StepwellClientError("STEPWELL_TIMESTAMP_INVALID", `${String(timestampMs)} is no timestamp.`);
}

/** Throws as writeStep does, without writing. */
export function checkStep(step: Int64): void {
  writeStep(scratch, 0, step);
}

/** Throws as writeTimestamp does, without writing. */
export function checkTimestamp(timestampMs: Int64): void {
  writeTimestamp(scratch, 0, timestampMs);
}

const scratch = new Int32Array(2);

function writeInt64(halves: Int32Array, index: number, value: Int64): boolean {
  if (typeof value === "number") {
    if (!Number.isInteger(value) || value >= LIMIT || value < -LIMIT) return false;
    if (!Number.isSafeInteger(value)) return writeInt64(halves, index, BigInt(value));
    halves[2 * index] = value | 0;
    halves[2 * index + 1] = Math.floor(value / HALF);
    return true;
  }
  if (typeof value !== "bigint" || BigInt.asIntN(64, value) !== value) return false;
  halves[2 * index] = Number(BigInt.asIntN(32, value));
  halves[2 * index + 1] = Number(value >> 32n);
  return true;
}
