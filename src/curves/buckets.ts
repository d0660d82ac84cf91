/**
 * Buckets: points of one metric in an order, as many as fit.
 *
 * Each bucket holds points that follow one another, and says of them exactly: where the first and the last stand, their
 * values, the least and the greatest finite value, how many there are, and how many are NaN or infinite. At first each
 * bucket holds one point. When there is no room for another bucket, neighbours are put together, two and two, and from then on a
 * bucket takes twice as many points (its width). So memory is bounded, and no spike is ever lost.
 *
 * The order is by steps, by timestamps, or by both where they agree, as they nearly always do: then one row of buckets
 * serves both axes. Points that stand at the same place are in the order in which they were logged. A point that comes
 * late goes into the bucket that reaches over its place, or beside it.
 */
import {
  BucketRows,
  FIRST,
  LAST,
  MAX,
  MIN,
  NAN,
  NEGATIVE,
  POINTS,
  POSITIVE,
  specialOf,
  X_FIRST,
  X_LAST,
  Y_FIRST,
  Y_LAST,
} from "./bucket-rows.js";
import { interleave } from "./interleave.js";
import type { Points } from "./points.js";
import { type RowsMemory, STRIDE } from "./rows-memory.js";

/** What the buckets are in the order of. */
export type Order = "both" | "step" | "time";

export class Buckets {
  readonly order: Order;
  /** Points that a bucket takes in order. */
  width = 1;
  /** Rises when buckets that were there before change otherwise than by points behind the last one. */
  generation = 0;
  #rows: BucketRows;

  constructor(order: Order, rows = new BucketRows(), width = 1) {
    this.order = order;
    this.width = width;
    this.#rows = rows;
  }

  /** The buckets as they lie in memory, to be read until the next change. */
  get rows(): BucketRows {
    return this.#rows;
  }

  get length(): number {
    return this.#rows.length;
  }

  /** The same in another order, which they are in as well; in memory of their own, or beside these. */
  copy(order: Order, isBeside = false): Buckets {
    const rows = this.#rows.copy(isBeside);
    if (order === "time" && this.order !== "time") rows.swapAxes();
    return new Buckets(order, rows, this.width);
  }

  /** Adds points from one of them on, as long as they come in order; answers the first that does not, or how many there are. */
  append(points: Points, from: number, lengthMax: number): number {
    const { count } = points;
    let index = from;
    while (index < count) {
      const last = this.length - 1;
      const room = last < 0 ? 0 : this.width - this.#rows.points(last);
      if (room <= 0) {
        if (last >= 0 && !this.#isBehind(points, index)) return index;
        if (this.#makesRoom(lengthMax, count - index)) this.#open(this.#rows.length++, points, index++);
        continue;
      }
      const end = Math.min(count, index + room);
      index = this.#fill(last, points, index, end);
      if (index < end) return index;
    }
    return index;
  }

  /** Adds points from one of them on, in whatever order they come; for buckets in one order. */
  insert(points: Points, from: number, lengthMax: number): void {
    let index = from;
    for (;;) {
      index = this.append(points, index, lengthMax);
      if (index >= points.count) return;
      this.#insert(points, index, lengthMax);
      index += 1;
    }
  }

  /** Whether all of other buckets' points come behind these, on both axes where the order is both. */
  isBefore({ rows }: Buckets): boolean {
    const last = this.length - 1;
    if (last < 0 || rows.length === 0) return true;
    if (rows.compare(0, X_FIRST, this.#rows, last, X_LAST) < 0) return false;
    return this.order !== "both" || rows.compare(0, Y_FIRST, this.#rows, last, Y_LAST) >= 0;
  }

  /** Takes other buckets of the same order, whose points were logged later; in the order of both they come behind these. */
  merge(later: Buckets): void {
    if (this.isBefore(later)) this.#rows.append(later.rows);
    else {
      this.#rows = interleave(this.#rows, later.rows);
      this.generation += 1;
    }
    this.width = Math.max(this.width, later.width);
  }

  /** Puts neighbours together until there are no more buckets than that. */
  shrink(lengthMax: number): void {
    const rows = this.#rows;
    while (rows.length > lengthMax) {
      this.width *= 2;
      this.generation += 1;
      let kept = 0;
      for (let bucket = 1; bucket < rows.length; bucket++) {
        if (rows.points(kept) + rows.points(bucket) <= this.width) rows.join(kept, bucket);
        else rows.move(++kept, bucket);
      }
      rows.length = kept + 1;
    }
  }

  /** Puts neighbours together as shrink does, and moves to other memory. */
  compact(lengthMax: number, memory: RowsMemory): void {
    this.shrink(lengthMax);
    this.#rows.moveTo(memory);
  }

  /** One more bucket fits; false where neighbours were put together, so that the last one may take points again. */
  #makesRoom(lengthMax: number, coming: number): boolean {
    if (this.length >= lengthMax) {
      this.shrink(Math.max(1, Math.floor(lengthMax / 2)));
      return false;
    }
    this.#rows.makeRoom(lengthMax, coming);
    return true;
  }

  /** Adds points to the last bucket as long as they come in order; answers the first that was not added. */
  #fill(bucket: number, points: Points, from: number, end: number): number {
    const { values } = points;
    const isBoth = this.order === "both";
    const isTime = this.order === "time";
    const xs = isTime ? points.timestampsMs : points.steps;
    const ys = isTime ? points.steps : points.timestampsMs;
    const { doubles, words } = this.#rows;
    const at = bucket * STRIDE;
    const xAt = 2 * (at + X_LAST);
    const yAt = 2 * (at + Y_LAST);
    let xLow = (words[xAt] as number) >>> 0;
    let xHigh = words[xAt + 1] as number;
    let yLow = (words[yAt] as number) >>> 0;
    let yHigh = words[yAt + 1] as number;
    let min = doubles[at + MIN] as number;
    let max = doubles[at + MAX] as number;
    let nan = 0;
    let positive = 0;
    let negative = 0;
    let index = from;
    for (; index < end; index++) {
      const low = (xs[2 * index] as number) >>> 0;
      const high = xs[2 * index + 1] as number;
      if (high < xHigh || (high === xHigh && low < xLow)) break;
      const otherLow = (ys[2 * index] as number) >>> 0;
      const otherHigh = ys[2 * index + 1] as number;
      if (isBoth && (otherHigh < yHigh || (otherHigh === yHigh && otherLow < yLow))) break;
      xLow = low;
      xHigh = high;
      yLow = otherLow;
      yHigh = otherHigh;
      const value = values[index] as number;
      // Of an infinity and of NaN this is NaN.
      if (value - value === 0) {
        if (value < min) min = value;
        if (value > max) max = value;
      } else if (value > 0) positive += 1;
      else if (value < 0) negative += 1;
      else nan += 1;
    }
    if (index === from) return index;
    words[xAt] = xLow;
    words[xAt + 1] = xHigh;
    words[yAt] = yLow;
    words[yAt + 1] = yHigh;
    doubles[at + MIN] = min;
    doubles[at + MAX] = max;
    doubles[at + LAST] = values[index - 1] as number;
    this.#rows.addTo(bucket, POINTS, index - from);
    if (nan > 0) this.#rows.addTo(bucket, NAN, nan);
    if (positive > 0) this.#rows.addTo(bucket, POSITIVE, positive);
    if (negative > 0) this.#rows.addTo(bucket, NEGATIVE, negative);
    return index;
  }

  /** Adds a point that comes late. */
  #insert(points: Points, index: number, lengthMax: number): void {
    this.generation += 1;
    for (;;) {
      const bucket = this.#bucketBefore(points, index);
      const next = bucket + 1;
      const isWithin = bucket >= 0 && this.#compare(points, index, bucket, X_LAST) <= 0;
      // Else it stands between two buckets, or before the first.
      if (isWithin || (bucket >= 0 && this.#rows.points(bucket) < this.width))
        return this.#add(bucket, points, index);
      if (next < this.length && this.#rows.points(next) < this.width) return this.#add(next, points, index);
      if (!this.#makesRoom(lengthMax, 1)) continue;
      this.#rows.openAt(next);
      return this.#open(next, points, index);
    }
  }

  /** The last bucket that begins where a point stands, or before; -1: none does. */
  #bucketBefore(points: Points, index: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#compare(points, index, middle, X_FIRST) >= 0) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Below, at or above 0 where a point stands before, at or behind a place of a bucket. */
  #compare(points: Points, index: number, bucket: number, what: number): number {
    const places = what < Y_FIRST === (this.order === "time") ? points.timestampsMs : points.steps;
    const word = 2 * (bucket * STRIDE + what);
    const { words } = this.#rows;
    const high = (places[2 * index + 1] as number) - (words[word + 1] as number);
    return high !== 0 ? high : ((places[2 * index] as number) >>> 0) - ((words[word] as number) >>> 0);
  }

  /** Whether a point stands at the last bucket's end or behind it, on both axes where the order is both. */
  #isBehind(points: Points, index: number): boolean {
    const last = this.length - 1;
    if (this.#compare(points, index, last, X_LAST) < 0) return false;
    return this.order !== "both" || this.#compare(points, index, last, Y_LAST) >= 0;
  }

  /** Makes a bucket out of one point. */
  #open(bucket: number, points: Points, index: number): void {
    const isTime = this.order === "time";
    const xs = isTime ? points.timestampsMs : points.steps;
    const ys = isTime ? points.steps : points.timestampsMs;
    this.#rows.setPoint(bucket, xs, ys, points.values[index] as number, index);
  }

  /** Adds a point to a bucket at the place where it stands; at the same place it was logged later than what is there. */
  #add(bucket: number, points: Points, index: number): void {
    if (this.#compare(points, index, bucket, X_FIRST) < 0) this.#setEnd(bucket, X_FIRST, points, index);
    if (this.#compare(points, index, bucket, X_LAST) >= 0) this.#setEnd(bucket, X_LAST, points, index);
    this.#count(bucket, points.values[index] as number);
  }

  /** Takes a point for the first of a bucket, or for the last. */
  #setEnd(bucket: number, end: number, points: Points, index: number): void {
    const { doubles, words } = this.#rows;
    const isTime = this.order === "time";
    const xs = isTime ? points.timestampsMs : points.steps;
    const ys = isTime ? points.steps : points.timestampsMs;
    const at = bucket * STRIDE;
    const x = 2 * (at + end);
    const y = x + 2 * (Y_FIRST - X_FIRST);
    words[x] = xs[2 * index] as number;
    words[x + 1] = xs[2 * index + 1] as number;
    words[y] = ys[2 * index] as number;
    words[y + 1] = ys[2 * index + 1] as number;
    doubles[at + (end === X_FIRST ? FIRST : LAST)] = points.values[index] as number;
  }

  #count(bucket: number, value: number): void {
    const { doubles } = this.#rows;
    const at = bucket * STRIDE;
    this.#rows.addTo(bucket, POINTS, 1);
    if (value - value === 0) {
      if (value < (doubles[at + MIN] as number)) doubles[at + MIN] = value;
      if (value > (doubles[at + MAX] as number)) doubles[at + MAX] = value;
    } else this.#rows.addTo(bucket, specialOf(value), 1);
  }
}
