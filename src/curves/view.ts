/**
 * What is shown of a curve: its buckets in a range, put together so that there are no more than were asked for. Of a curve that
 * only grew since a reader saw it, it is what changed.
 */
import { crc32 } from "node:zlib";
import { type BucketRows, FIRST, LAST, X_FIRST, X_LAST, Y_FIRST } from "./bucket-rows.js";
import type { Buckets } from "./buckets.js";

/** What a reader has of a view; it only gives it back. */
export interface ViewVersion {
  readonly generation: bigint;
  readonly number: bigint;
}

/** A range along an axis. */
export interface ViewRange {
  /** Both ends are in it. */
  readonly from: bigint | undefined;
  readonly to: bigint | undefined;
  /** Is taken from what stands along the axis, as the start of a run. */
  readonly origin: bigint;
  /** Buckets, or points, at most. */
  readonly most: number;
}

export interface ViewRequest extends ViewRange {
  /** Tells this layout of the buckets from all others of the curve. */
  readonly layout: string;
  /** What the reader has of an earlier view. */
  readonly known: ViewVersion | undefined;
}

/** Buckets in columns. */
export interface CurveView {
  readonly version: ViewVersion;
  /** Where they go in what the reader has. */
  readonly fromBucket: number;
  readonly isExact: boolean;
  readonly xFirst: bigint[];
  readonly xLast: bigint[];
  readonly min: number[];
  readonly max: number[];
  readonly first: number[];
  readonly last: number[];
  readonly points: number[];
  /** Empty where there are none. */
  readonly nan: number[];
  readonly positive: number[];
  readonly negative: number[];
}

/** Shows buckets along their axis; `isOther`: along the other one, whose order they are in as well. */
export function viewOf(
  { rows, generation: laid }: Buckets,
  isOther: boolean,
  request: ViewRequest,
): CurveView {
  const shift = isOther ? Y_FIRST - X_FIRST : 0;
  const { origin } = request;
  const { begin, end } = rangeOf(rows, shift, request);
  let together = 1;
  while (Math.ceil((end - begin) / together) > request.most) together *= 2;
  const layout = `${request.layout} ${laid} ${begin} ${together}`;
  const generation = (BigInt(crc32(`one ${layout}`)) << 32n) | BigInt(crc32(`two ${layout}`));
  const total = pointsBefore(rows, rows.length);
  const known = request.known?.generation === generation ? Number(request.known.number) : 0;
  const unchanged = Math.min(Math.max(bucketsThrough(rows, known) - begin, 0), end - begin);
  const isAllKnown = unchanged === end - begin;
  const fromBucket = isAllKnown ? Math.ceil(unchanged / together) : Math.floor(unchanged / together);
  const view: CurveView = {
    version: { generation, number: BigInt(total) },
    ...{ fromBucket, isExact: isExact(rows, begin, end) },
    ...{ xFirst: [], xLast: [], min: [], max: [], first: [], last: [], points: [] },
    ...{ nan: [], positive: [], negative: [] },
  };
  for (let at = begin + fromBucket * together; at < end; at += together)
    addTogether(view, rows, { at, end: Math.min(end, at + together), shift, origin });
  return hasSpecial(view) ? view : { ...view, nan: [], positive: [], negative: [] };
}

interface Some {
  readonly at: number;
  readonly end: number;
  readonly shift: number;
  readonly origin: bigint;
}

function addTogether(view: CurveView, rows: BucketRows, { at, end, shift, origin }: Some): void {
  const { min, max, ...sums } = rows.sum(at, end);
  view.xFirst.push(rows.place(at, X_FIRST + shift) - origin);
  view.xLast.push(rows.place(end - 1, X_LAST + shift) - origin);
  view.min.push(min <= max ? min : Number.NaN);
  view.max.push(min <= max ? max : Number.NaN);
  view.first.push(rows.value(at, FIRST));
  view.last.push(rows.value(end - 1, LAST));
  view.points.push(sums.points);
  view.nan.push(sums.nan);
  view.positive.push(sums.positive);
  view.negative.push(sums.negative);
}

function hasSpecial({ nan, positive, negative }: CurveView): boolean {
  return [nan, positive, negative].some((counts) => counts.some((count) => count > 0));
}

function isExact(rows: BucketRows, begin: number, end: number): boolean {
  for (let bucket = begin; bucket < end; bucket++) if (rows.points(bucket) > 1) return false;
  return true;
}

function pointsBefore(rows: BucketRows, end: number): number {
  let points = 0;
  for (let bucket = 0; bucket < end; bucket++) points += rows.points(bucket);
  return points;
}

/** Points one by one, in columns. */
export interface SinglePoints {
  readonly steps: bigint[];
  readonly timestampsMs: bigint[];
  readonly values: number[];
  /** There are more in the range. */
  readonly isCut: boolean;
}

/** The points of a range, where each of its buckets holds one; else undefined. */
export function singlesOf(
  { rows, order }: Buckets,
  isOther: boolean,
  range: ViewRange,
): SinglePoints | undefined {
  const { begin, end } = rangeOf(rows, isOther ? Y_FIRST - X_FIRST : 0, range);
  if (!isExact(rows, begin, end)) return undefined;
  const last = Math.min(end, begin + range.most);
  const places = Array.from({ length: Math.max(0, last - begin) }, (_, index) => begin + index);
  const [step, time] = order === "time" ? [Y_FIRST, X_FIRST] : [X_FIRST, Y_FIRST];
  return {
    steps: places.map((bucket) => rows.place(bucket, step)),
    timestampsMs: places.map((bucket) => rows.place(bucket, time)),
    values: places.map((bucket) => rows.value(bucket, FIRST)),
    isCut: last < end,
  };
}

/** The buckets that reach into a range. */
export function rangeOf(rows: BucketRows, shift: number, { from, to, origin }: ViewRange) {
  const { length } = rows;
  const begins = (at: number) => rows.place(at, X_LAST + shift) - origin >= (from ?? 0n);
  const isOver = (at: number) => rows.place(at, X_FIRST + shift) - origin > (to ?? 0n);
  const begin = from === undefined ? 0 : firstWhere(length, begins);
  const end = to === undefined ? length : firstWhere(length, isOver);
  return { begin, end: Math.max(begin, end) };
}

/** How many buckets are as they were when the curve had so many points, if it only grew. */
function bucketsThrough(rows: BucketRows, points: number): number {
  let sum = 0;
  for (let bucket = 0; bucket < rows.length; bucket++) {
    sum += rows.points(bucket);
    if (sum > points) return bucket;
  }
  return rows.length;
}

/** The first index for which something holds, which from then on always does. */
function firstWhere(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
