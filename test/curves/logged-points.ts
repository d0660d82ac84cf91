/** Points as a program logs them, what is to be shown of them, and what is shown: for tests that hold one against the other. */
import fc from "fast-check";
import {
  type BucketRows,
  FIRST,
  LAST,
  MAX,
  MIN,
  X_FIRST,
  X_LAST,
  Y_FIRST,
} from "../../src/curves/bucket-rows.js";
import type { Curve } from "../../src/curves/curve.js";
import type { ColumnView } from "../../src/model/batch-view.js";

/** One point as it was logged. */
export interface LoggedPoint {
  readonly step: bigint;
  readonly timestampMs: bigint;
  readonly value: number;
}

/** A bucket as it is shown, or as it is to be. */
export interface ShownBucket {
  readonly xFirst: bigint;
  readonly xLast: bigint;
  readonly min: number;
  readonly max: number;
  readonly first: number;
  readonly last: number;
  readonly points: number;
  readonly nan: number;
  readonly positive: number;
  readonly negative: number;
}

export type Axis = "step" | "time";

const [LOWEST, HIGHEST] = [-(2n ** 63n), 2n ** 63n - 1n];

const stepWay = fc.constantFrom<"rising" | "any" | "falling" | "same" | "jumping" | "extreme">(
  ...(["rising", "rising", "any", "falling", "same", "jumping", "extreme"] as const),
);
const value = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: -1e3, max: 1e3, noNaN: true }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 5e-324),
  },
);

/** Pieces of a metric, each logged in its own way: in order, backwards, at one step, far apart, at the ends of int64. */
export const loggedPieces: fc.Arbitrary<LoggedPoint[][]> = fc.array(
  fc
    .record({
      way: stepWay,
      timeWay: stepWay,
      from: fc.integer({ min: -500, max: 2_000 }),
      fromMs: fc.integer({ min: 0, max: 2_000 }),
      values: fc.array(value, { minLength: 1, maxLength: 60 }),
      seed: fc.nat(),
    })
    .map(({ way, timeWay, from, fromMs, values, seed }) =>
      values.map((each, index) => ({
        step: placeOf(way, from, index, seed),
        timestampMs: nonNegative(placeOf(timeWay, fromMs, index, seed >> 3)),
        value: each,
      })),
    ),
  { minLength: 1, maxLength: 8 },
);

function placeOf(way: string, from: number, index: number, seed: number): bigint {
  const some = BigInt(Math.imul(seed + index, 2_654_435_761) >>> 0);
  if (way === "rising") return BigInt(from + index);
  if (way === "falling") return BigInt(from - index);
  if (way === "same") return BigInt(from);
  if (way === "jumping") return BigInt(from) + BigInt(index) * 10n ** 15n;
  if (way === "extreme")
    return [LOWEST, LOWEST + 1n, -1n, 0n, 2n ** 53n + some, HIGHEST - 1n, HIGHEST][index % 7] ?? 0n;
  return BigInt(from) + (some % 97n);
}

function nonNegative(place: bigint): bigint {
  return place < 0n ? 0n : place;
}

/** Points as a column of a batch. */
export function columnOf(points: readonly LoggedPoint[], key = "loss"): ColumnView {
  const bytes = (array: BigInt64Array | Float64Array) => new Uint8Array(array.buffer);
  return {
    key,
    modelId: "",
    steps: bytes(BigInt64Array.from(points, ({ step }) => step)),
    timestampsMs: bytes(BigInt64Array.from(points, ({ timestampMs }) => timestampMs)),
    values: bytes(Float64Array.from(points, (point) => point.value)),
  };
}

/** The points of a curve in the order of an axis; those at the same place as they were logged. */
export function inOrder(points: readonly LoggedPoint[], axis: Axis): LoggedPoint[] {
  const place = (point: LoggedPoint) => (axis === "step" ? point.step : point.timestampMs);
  // A sort of arrays is stable.
  return points.toSorted((one, other) =>
    place(one) < place(other) ? -1 : Number(place(one) > place(other)),
  );
}

/** What a bucket of these points has to say. */
export function bucketOf(points: readonly LoggedPoint[], axis: Axis): ShownBucket {
  const place = (point: LoggedPoint | undefined) =>
    (axis === "step" ? point?.step : point?.timestampMs) ?? 0n;
  const values = points.map((point) => point.value);
  const finite = values.filter(Number.isFinite);
  return {
    ...{ xFirst: place(points[0]), xLast: place(points.at(-1)) },
    ...{
      min: finite.length > 0 ? Math.min(...finite) : Number.NaN,
      max: finite.length > 0 ? Math.max(...finite) : Number.NaN,
    },
    ...{ first: values[0] ?? 0, last: values.at(-1) ?? 0, points: points.length },
    nan: values.filter(Number.isNaN).length,
    positive: values.filter((each) => each === Number.POSITIVE_INFINITY).length,
    negative: values.filter((each) => each === Number.NEGATIVE_INFINITY).length,
  };
}

/** The buckets of a curve along an axis, as they are kept. */
export function bucketsOf(curve: Curve, axis: Axis): ShownBucket[] {
  const { buckets, isOther } = curve.along(axis);
  const shift = isOther ? Y_FIRST - X_FIRST : 0;
  return Array.from({ length: buckets.length }, (_, at) => shownBucket(buckets.rows, at, shift));
}

function shownBucket(rows: BucketRows, at: number, shift: number): ShownBucket {
  const [min, max] = [rows.value(at, MIN), rows.value(at, MAX)];
  return {
    ...{ xFirst: rows.place(at, X_FIRST + shift), xLast: rows.place(at, X_LAST + shift) },
    ...{ min: min <= max ? min : Number.NaN, max: min <= max ? max : Number.NaN },
    ...{ first: rows.value(at, FIRST), last: rows.value(at, LAST), ...rows.counts(at) },
  };
}

/** What is wrong with buckets that are to hold all of these points, one sentence; undefined: nothing. */
export function faultOf(
  shown: readonly ShownBucket[],
  points: readonly LoggedPoint[],
  axis: Axis,
): string | undefined {
  const ordered = inOrder(points, axis);
  let at = 0;
  for (const [index, bucket] of shown.entries()) {
    const slice = ordered.slice(at, at + bucket.points);
    at += bucket.points;
    const wanted = bucketOf(slice, axis);
    for (const field of Object.keys(wanted) as (keyof ShownBucket)[]) {
      // -0 and 0 are the same value of a minimum.
      const isSame = Object.is(bucket[field], wanted[field]) || bucket[field] === wanted[field];
      if (!isSame)
        return `${axis}: bucket ${index} has ${field} ${bucket[field]}, its points ${wanted[field]}`;
    }
  }
  return at === points.length ? undefined : `${axis}: ${at} points are shown of ${points.length}`;
}
