/**
 * The points of one metric, and one model, that wait to be sent, as three growing arrays.
 *
 * The arrays' memory is what the wire carries, byte for byte: packed fields of fixed
 * width, little-endian. Nothing is converted when a batch is cut.
 */
import { StepwellClientError } from "./errors.js";
import { type Int64, writeStep, writeTimestamp } from "./int64.js";

/** Bytes of one point on the wire and in memory. */
export const POINT_BYTES = 24;

/** Numbers in a list, packed or not. */
export type Numbers = ArrayLike<number> & Iterable<number>;
/** Whole numbers in a list, packed or not. */
export type Int64s = ArrayLike<Int64> & Iterable<Int64>;

/** A range of a column as the bytes of its three wire fields. */
export interface ColumnBytes {
  readonly steps: Uint8Array;
  readonly timestampsMs: Uint8Array;
  readonly values: Uint8Array;
}

const POINTS_MIN = 32;
/** A column that grew larger than this gives its memory back once it is empty. */
const POINTS_KEPT_MAX = 64 * 1024;

/** A queue of points: pushed at the end, taken from the front. */
export class Column {
  /** The fields of the key and the model on the wire. */
  readonly nameFields: Uint8Array;
  #steps = new Int32Array(2 * POINTS_MIN);
  #timestamps = new Int32Array(2 * POINTS_MIN);
  #values = new Float64Array(POINTS_MIN);
  #first = 0;
  #end = 0;
  /** Points before this one are in the spool. */
  #kept = 0;

  constructor(nameFields: Uint8Array) {
    this.nameFields = nameFields;
  }

  /** Points that wait. */
  get length(): number {
    return this.#end - this.#first;
  }

  /** Adds a point. Throws, and adds nothing, when the step or the timestamp is invalid. */
  push(step: Int64, timestampMs: Int64, value: number): void {
    if (this.#end === this.#values.length) this.#reserve(1);
    writeStep(this.#steps, this.#end, step);
    writeTimestamp(this.#timestamps, this.#end, timestampMs);
    this.#values[this.#end] = value;
    this.#end++;
  }

  /** Adds points, all or none. Throws when one is invalid. Copies: the caller's arrays stay its own. */
  pushSeries(steps: Int64s, timestampsMs: Int64s | number, values: Numbers): void {
    this.#reserve(values.length);
    copySteps(steps, this.#steps, this.#end);
    copyTimestamps(timestampsMs, this.#timestamps, this.#end, values.length);
    copyValues(values, this.#values, this.#end);
    this.#end += values.length;
  }

  /** The first points as bytes. They view the column's memory, until the next call. */
  bytes(points: number): ColumnBytes {
    return this.#view(this.#first, points);
  }

  /** Points that are not in the spool. */
  get unkept(): number {
    return this.#end - this.#kept;
  }

  /** The first of those, which are in the spool from now on; as bytes(). */
  keep(points: number): ColumnBytes {
    const from = this.#kept;
    this.#kept += points;
    return this.#view(from, points);
  }

  #view(first: number, points: number): ColumnBytes {
    const [from, size] = [first * 8, points * 8];
    return {
      steps: new Uint8Array(this.#steps.buffer, from, size),
      timestampsMs: new Uint8Array(this.#timestamps.buffer, from, size),
      values: new Uint8Array(this.#values.buffer, from, size),
    };
  }

  /** Forgets the first points. */
  drop(points: number): void {
    this.#first += points;
    if (this.#first < this.#end) return;
    this.#first = 0;
    this.#end = 0;
    this.#kept = 0;
    if (this.#values.length > POINTS_KEPT_MAX) this.#resize(POINTS_MIN);
  }

  #reserve(points: number): void {
    const wanted = this.length + points;
    if (this.#end + points <= this.#values.length) return;
    this.#resize(Math.max(wanted, 2 * this.length, POINTS_MIN));
  }

  #resize(points: number): void {
    const [from, to] = [this.#first, this.#end];
    this.#steps = grown(this.#steps, new Int32Array(2 * points), 2 * from, 2 * to);
    this.#timestamps = grown(this.#timestamps, new Int32Array(2 * points), 2 * from, 2 * to);
    this.#values = grown(this.#values, new Float64Array(points), from, to);
    this.#first = 0;
    this.#end = to - from;
    this.#kept -= from;
  }
}

function grown<T extends Int32Array | Float64Array>(old: T, fresh: T, from: number, to: number): T {
  fresh.set(old.subarray(from, to));
  return fresh;
}

function copySteps(steps: Int64s, halves: Int32Array, at: number): void {
  if (steps instanceof BigInt64Array) {
    halves.set(halvesOf(steps), 2 * at);
    return;
  }
  for (let i = 0; i < steps.length; i++) writeStep(halves, at + i, steps[i] as Int64);
}

function copyTimestamps(timestampsMs: Int64s | number, halves: Int32Array, at: number, points: number): void {
  if (typeof timestampsMs === "number") {
    for (let i = 0; i < points; i++) writeTimestamp(halves, at + i, timestampsMs);
    return;
  }
  if (!(timestampsMs instanceof BigInt64Array)) {
    for (let i = 0; i < points; i++) writeTimestamp(halves, at + i, timestampsMs[i] as Int64);
    return;
  }
  const source = halvesOf(timestampsMs);
  for (let i = 0; i < points; i++) {
    if ((source[2 * i + 1] as number) < 0) writeTimestamp(halves, at, timestampsMs[i] as bigint);
  }
  halves.set(source, 2 * at);
}

function copyValues(values: Numbers, target: Float64Array, at: number): void {
  if (!ArrayBuffer.isView(values)) {
    for (let i = 0; i < values.length; i++) checkValue(values[i]);
  } else if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    checkValue(values[0]);
  }
  target.set(values, at);
}

/** Throws STEPWELL_VALUE_INVALID unless the value is a number; NaN and the infinities are. */
export function checkValue(value: unknown): void {
  if (typeof value === "number") return;
  throw new StepwellClientError(
    "STEPWELL_VALUE_INVALID",
    `The value ${JSON.stringify(String(value))} is no number.`,
  );
}

function halvesOf(numbers: BigInt64Array): Int32Array {
  return new Int32Array(numbers.buffer, numbers.byteOffset, 2 * numbers.length);
}
