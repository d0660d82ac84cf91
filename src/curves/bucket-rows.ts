/**
 * Buckets as they lie in memory: one behind the other in one piece, 80 bytes each. A run may have thousands of metrics, and
 * an object for each number would take more than the numbers.
 *
 *   0 x of the first point   8 x of the last   16 y of the first   24 y of the last   (int64)
 *  32 min   40 max   48 value of the first   56 value of the last   (doubles)
 *  64 points   68 NaN   72 Infinity   76 -Infinity   (uint32)
 *
 * x is what the buckets are in the order of, y the other of step and timestamp. min and max are of the finite values: Infinity
 * and -Infinity where there is none. An int64 is read as two halves: as a bigint it would cost more than all else.
 */
import { type RowsMemory, SINGLE_ROWS, STRIDE } from "./rows-memory.js";

/** Where each of a bucket's doubles stands in it. */
export const X_FIRST = 0;
export const X_LAST = 1;
export const Y_FIRST = 2;
export const Y_LAST = 3;
export const MIN = 4;
export const MAX = 5;
export const FIRST = 6;
export const LAST = 7;
/** Counts, in words of 32 bits. */
export const POINTS = 16;
export const NAN = 17;
export const POSITIVE = 18;
export const NEGATIVE = 19;
const ROOM_MIN = 1;

/** How many of a bucket's values are what. */
export interface BucketCounts {
  readonly points: number;
  readonly nan: number;
  readonly positive: number;
  readonly negative: number;
}

/** What several buckets come to. */
export interface BucketSum extends BucketCounts {
  /** Of the finite values; Infinity and -Infinity where there is none. */
  readonly min: number;
  readonly max: number;
}

export class BucketRows {
  length = 0;
  /** The same memory as numbers and as halves of int64; another one after it grew. */
  doubles: Float64Array<ArrayBuffer>;
  words: Int32Array<ArrayBuffer>;

  #memory: RowsMemory;

  constructor(room = ROOM_MIN, memory = SINGLE_ROWS) {
    this.#memory = memory;
    this.doubles = memory.take(Math.max(ROOM_MIN, room));
    this.words = wordsOf(this.doubles);
  }

  /** The same in memory of their own, or beside these. */
  copy(isBeside: boolean): BucketRows {
    const rows = new BucketRows(this.length, isBeside ? this.#memory : SINGLE_ROWS);
    rows.append(this);
    return rows;
  }

  /** They are not used any more. */
  drop(): void {
    this.#memory.give(this.doubles);
  }

  /** Puts others behind these. */
  append(others: BucketRows): void {
    this.reserve(this.length + others.length);
    this.doubles.set(others.doubles.subarray(0, others.length * STRIDE), this.length * STRIDE);
    this.length += others.length;
  }

  /** Makes room for so many in all. */
  reserve(room: number): void {
    if (room * STRIDE > this.doubles.length) this.#resize(room);
  }

  /** Moves these to other memory; what they were in is dropped as a whole. */
  moveTo(memory: RowsMemory): void {
    this.#memory = { take: (rows) => memory.take(rows), give: () => undefined };
    this.#resize(this.length);
    this.#memory = memory;
  }

  /** Bytes of memory that they take. */
  get bytes(): number {
    return this.doubles.byteLength;
  }

  /** Makes room for one more, and for some beyond that, up to so many in all; so many may come just now. */
  makeRoom(lengthMax: number, coming: number): void {
    const { length } = this;
    if (length * STRIDE < this.doubles.length) return;
    const wanted = Math.max(2 * length, length + coming);
    this.#resize(Math.max(length + 1, Math.min(wanted, lengthMax)));
  }

  /** MIN, MAX, FIRST or LAST of a bucket. */
  value(bucket: number, what: number): number {
    return this.doubles[bucket * STRIDE + what] as number;
  }

  /** X_FIRST, X_LAST, Y_FIRST or Y_LAST of a bucket. */
  place(bucket: number, what: number): bigint {
    const word = 2 * (bucket * STRIDE + what);
    return (BigInt(this.words[word + 1] as number) << 32n) | BigInt((this.words[word] as number) >>> 0);
  }

  points(bucket: number): number {
    return (this.words[2 * bucket * STRIDE + POINTS] as number) >>> 0;
  }

  counts(bucket: number): BucketCounts {
    const word = 2 * bucket * STRIDE;
    const at = (what: number) => (this.words[word + what] as number) >>> 0;
    return { points: at(POINTS), nan: at(NAN), positive: at(POSITIVE), negative: at(NEGATIVE) };
  }

  /** What buckets come to from a place on, up to another: counts, and of the finite values the least and the greatest. */
  sum(from: number, to: number): BucketSum {
    let [points, nan, positive, negative] = [0, 0, 0, 0];
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    const { words, doubles } = this;
    // Without an object for each: a run's list of keys looks at all buckets.
    for (let at = from * STRIDE; at < to * STRIDE; at += STRIDE) {
      points += (words[2 * at + POINTS] as number) >>> 0;
      nan += (words[2 * at + NAN] as number) >>> 0;
      positive += (words[2 * at + POSITIVE] as number) >>> 0;
      negative += (words[2 * at + NEGATIVE] as number) >>> 0;
      min = Math.min(min, doubles[at + MIN] as number);
      max = Math.max(max, doubles[at + MAX] as number);
    }
    return { points, nan, positive, negative, min, max };
  }

  /** Below, at or above 0 where a place of one of these buckets is before, at or behind one of another's. */
  compare(bucket: number, what: number, other: BucketRows, otherBucket: number, otherWhat: number): number {
    const one = 2 * (bucket * STRIDE + what);
    const two = 2 * (otherBucket * STRIDE + otherWhat);
    const high = (this.words[one + 1] as number) - (other.words[two + 1] as number);
    return high !== 0 ? high : ((this.words[one] as number) >>> 0) - ((other.words[two] as number) >>> 0);
  }

  /** Adds to one of a bucket's counts. */
  addTo(bucket: number, what: number, count: number): void {
    const word = 2 * bucket * STRIDE + what;
    this.words[word] = (this.words[word] as number) + count;
  }

  /** Makes a bucket out of one point: its place among those along x and y, as halves, and its value. */
  setPoint(bucket: number, xs: Int32Array, ys: Int32Array, value: number, index: number): void {
    const { doubles, words } = this;
    const at = bucket * STRIDE;
    setPlaces(words, 2 * (at + X_FIRST), xs, index);
    setPlaces(words, 2 * (at + Y_FIRST), ys, index);
    const hasValue = value - value === 0;
    doubles[at + MIN] = hasValue ? value : Number.POSITIVE_INFINITY;
    doubles[at + MAX] = hasValue ? value : Number.NEGATIVE_INFINITY;
    doubles[at + FIRST] = value;
    doubles[at + LAST] = value;
    const counts = 2 * at;
    words[counts + POINTS] = 1;
    words[counts + NAN] = 0;
    words[counts + POSITIVE] = 0;
    words[counts + NEGATIVE] = 0;
    if (!hasValue) words[counts + specialOf(value)] = 1;
  }

  /** Puts another's bucket in the place of one of these. */
  set(bucket: number, from: BucketRows, fromBucket: number): void {
    const at = fromBucket * STRIDE;
    this.doubles.set(from.doubles.subarray(at, at + STRIDE), bucket * STRIDE);
  }

  /** Moves a bucket to another place. */
  move(to: number, from: number): void {
    if (to === from) return;
    // As calls of `copyWithin` this was a third of all that curves took of a series (a profile of 12,000,000 points).
    const { words } = this;
    const start = 2 * from * STRIDE;
    const back = 2 * (from - to) * STRIDE;
    for (let word = start; word < start + 2 * STRIDE; word++) words[word - back] = words[word] as number;
  }

  /** Moves those from a place on up by one, for which there has to be room. */
  openAt(bucket: number): void {
    const at = bucket * STRIDE;
    this.doubles.copyWithin(at + STRIDE, at, this.length * STRIDE);
    this.length += 1;
  }

  /** Puts a bucket into one before it; what stands last is the other's unless the end is kept. */
  join(into: number, from: number, keepsEnd = false): void {
    const [to, at] = [into * STRIDE, from * STRIDE];
    const { doubles, words } = this;
    doubles[to + MIN] = Math.min(doubles[to + MIN] as number, doubles[at + MIN] as number);
    doubles[to + MAX] = Math.max(doubles[to + MAX] as number, doubles[at + MAX] as number);
    for (let what = POINTS; what <= NEGATIVE; what++) this.addTo(into, what, words[2 * at + what] as number);
    if (keepsEnd) return;
    doubles[to + LAST] = doubles[at + LAST] as number;
    for (const what of [X_LAST, Y_LAST]) copyPlace(words, to + what, at + what);
  }

  /** Makes x of y, and y of x. */
  swapAxes(): void {
    const { words } = this;
    for (let bucket = 0; bucket < this.length; bucket++) {
      const at = 2 * bucket * STRIDE;
      for (let word = at + 2 * X_FIRST; word < at + 2 * Y_FIRST; word++) {
        const other = word + 2 * (Y_FIRST - X_FIRST);
        [words[word], words[other]] = [words[other] as number, words[word] as number];
      }
    }
  }

  #resize(room: number): void {
    const before = this.doubles;
    this.doubles = this.#memory.take(room);
    this.doubles.set(before.subarray(0, this.length * STRIDE));
    this.#memory.give(before);
    this.words = wordsOf(this.doubles);
  }
}

function wordsOf({ buffer, byteOffset, byteLength }: Float64Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  return new Int32Array(buffer, byteOffset, byteLength / 4);
}

/** Which count has a value that is not finite. */
export function specialOf(value: number): number {
  return value > 0 ? POSITIVE : value < 0 ? NEGATIVE : NAN;
}

/** Takes a point's place for a bucket's first and for its last. */
function setPlaces(words: Int32Array, at: number, places: Int32Array, index: number): void {
  const low = places[2 * index] as number;
  const high = places[2 * index + 1] as number;
  words[at] = low;
  words[at + 1] = high;
  words[at + 2] = low;
  words[at + 3] = high;
}

/** As halves: as a double it could be a NaN, whose bits need not stay. */
function copyPlace(words: Int32Array, to: number, from: number): void {
  words[2 * to] = words[2 * from] as number;
  words[2 * to + 1] = words[2 * from + 1] as number;
}
