/**
 * A curve as bytes. A bucket of one point is that point; one of several has all that it says. All numbers are little-endian.
 *
 *   curve     rows by step (in the order of both, or of steps); rows by time if there are any
 *   rows      order (uint8)  special counts or not (uint8)  0 (uint16)  width (double)  length (uint32)  bits: bucket of one
 *             point or not, rounded up to 4 bytes; then each bucket
 *   one       x y value                                                          24 bytes
 *   several   x first, x last, y first, y last, min, max, first, last, points    68 bytes
 *             and NaN, Infinity, -Infinity, where a bucket of the rows has some   12 more
 */
import {
  BucketRows,
  FIRST,
  MAX,
  MIN,
  NAN,
  NEGATIVE,
  POINTS,
  POSITIVE,
  X_FIRST,
  Y_FIRST,
} from "./bucket-rows.js";
import { Buckets, type Order } from "./buckets.js";
import { Curve } from "./curve.js";
import { STRIDE } from "./rows-memory.js";

const ORDERS: readonly Order[] = ["both", "step", "time"];
const HEAD_BYTES = 16;
const ONE_BYTES = 24;
const SEVERAL_BYTES = 68;
const SPECIAL_BYTES = 12;

/** Memory that is used again from one curve to the next: what was made in it before is overwritten. */
export class CodecRoom {
  #bytes = new Uint8Array(64 * 1024);
  readonly byStep = new BucketRows();
  readonly byTime = new BucketRows();

  /** So many bytes, all 0. */
  bytes(count: number): Uint8Array {
    if (this.#bytes.length < count) this.#bytes = new Uint8Array(2 * count);
    return this.#bytes.subarray(0, count).fill(0);
  }
}

/** The bytes of a curve, in the room's memory. */
export function encodeCurve({ byStep, byTime }: Curve, room = new CodecRoom()): Uint8Array {
  const [one, other] = [shapeOf(byStep), byTime && shapeOf(byTime)];
  const bytes = room.bytes(one.bytes + (other?.bytes ?? 0));
  encodeBuckets(byStep, one, bytes.subarray(0, one.bytes));
  if (byTime && other) encodeBuckets(byTime, other, bytes.subarray(one.bytes));
  return bytes;
}

/** The curve of some bytes, in the room's memory if one is given. Throws a RangeError where they are none. */
export function decodeCurve(bytes: Uint8Array, room?: CodecRoom): Curve {
  const first = decodeBuckets(bytes, 0, room?.byStep);
  if (first.buckets.order === "both" && first.end === bytes.length) return new Curve(first.buckets);
  const second = decodeBuckets(bytes, first.end, room?.byTime);
  if (first.buckets.order !== "step" || second.buckets.order !== "time" || second.end !== bytes.length)
    throw new RangeError("a curve's axes are not what they are to be");
  return new Curve(first.buckets, second.buckets);
}

/** How many bytes buckets take, and whether those of several points have their special counts. */
interface Shape {
  readonly bytes: number;
  readonly severalBytes: number;
}

function shapeOf({ rows }: Buckets): Shape {
  let special = false;
  let singles = 0;
  for (let bucket = 0; bucket < rows.length; bucket++) {
    if (rows.points(bucket) === 1) singles += 1;
    else if (hasSpecial(rows, bucket)) special = true;
  }
  const severalBytes = SEVERAL_BYTES + (special ? SPECIAL_BYTES : 0);
  const several = (rows.length - singles) * severalBytes;
  return { bytes: HEAD_BYTES + bitsBytesOf(rows.length) + singles * ONE_BYTES + several, severalBytes };
}

function encodeBuckets({ order, width, rows }: Buckets, { severalBytes }: Shape, bytes: Uint8Array): void {
  const { length } = rows;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  bytes[0] = ORDERS.indexOf(order);
  bytes[1] = Number(severalBytes > SEVERAL_BYTES);
  view.setFloat64(4, width, true);
  view.setUint32(12, length, true);
  const from = bytesOf(rows);
  let at = HEAD_BYTES + bitsBytesOf(length);
  const put = (start: number, count: number) => {
    bytes.set(from.subarray(start, start + count), at);
    at += count;
  };
  for (let bucket = 0; bucket < length; bucket++) {
    const start = bucket * STRIDE * 8;
    if (rows.points(bucket) === 1) {
      const byte = HEAD_BYTES + (bucket >> 3);
      bytes[byte] = (bytes[byte] as number) | (1 << (bucket & 7));
      put(start + 8 * X_FIRST, 8);
      put(start + 8 * Y_FIRST, 8);
      put(start + 8 * FIRST, 8);
    } else put(start, severalBytes);
  }
}

function decodeBuckets(
  bytes: Uint8Array,
  start: number,
  rows = new BucketRows(),
): { readonly buckets: Buckets; readonly end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const order = ORDERS[view.getUint8(start)];
  const severalBytes = SEVERAL_BYTES + (view.getUint8(start + 1) === 1 ? SPECIAL_BYTES : 0);
  const width = view.getFloat64(start + 4, true);
  const length = view.getUint32(start + 12, true);
  let at = start + HEAD_BYTES + bitsBytesOf(length);
  if (!order || !(width >= 1) || length === 0 || at + length * ONE_BYTES > bytes.length)
    throw new RangeError("a curve's buckets can't be read");
  rows.reserve(length);
  const to = bytesOf(rows);
  for (let bucket = 0; bucket < length; bucket++) {
    const isOne = ((view.getUint8(start + HEAD_BYTES + (bucket >> 3)) >> (bucket & 7)) & 1) === 1;
    const count = isOne ? ONE_BYTES : severalBytes;
    if (at + count > bytes.length) throw new RangeError("a curve's buckets are cut off");
    const some = bytes.subarray(at, at + count);
    if (isOne) setOne(rows, to, bucket, some);
    else setSeveral(to, bucket, some);
    at += count;
  }
  rows.length = length;
  return { buckets: new Buckets(order, rows, width), end: at };
}

function setSeveral(to: Uint8Array, bucket: number, bytes: Uint8Array): void {
  const start = bucket * STRIDE * 8;
  to.set(bytes, start);
  // The memory may have been used before.
  to.fill(0, start + bytes.length, start + STRIDE * 8);
}

/** A bucket out of the point that it holds. */
function setOne(rows: BucketRows, to: Uint8Array, bucket: number, point: Uint8Array): void {
  const start = bucket * STRIDE * 8;
  for (const [from, place] of [X_FIRST, Y_FIRST, FIRST].entries()) {
    const part = point.subarray(8 * from, 8 * from + 8);
    to.set(part, start + 8 * place);
    to.set(part, start + 8 * (place + 1));
  }
  to.fill(0, start + 4 * POINTS, start + STRIDE * 8);
  const value = rows.value(bucket, FIRST);
  const hasValue = value - value === 0;
  rows.doubles[bucket * STRIDE + MIN] = hasValue ? value : Number.POSITIVE_INFINITY;
  rows.doubles[bucket * STRIDE + MAX] = hasValue ? value : Number.NEGATIVE_INFINITY;
  rows.addTo(bucket, POINTS, 1);
  if (!hasValue) rows.addTo(bucket, value > 0 ? POSITIVE : value < 0 ? NEGATIVE : NAN, 1);
}

function bytesOf({ doubles }: BucketRows): Uint8Array {
  return new Uint8Array(doubles.buffer, doubles.byteOffset, doubles.byteLength);
}

function hasSpecial(rows: BucketRows, bucket: number): boolean {
  const { nan, positive, negative } = rows.counts(bucket);
  return nan + positive + negative > 0;
}

function bitsBytesOf(length: number): number {
  return Math.ceil(length / 32) * 4;
}
