/** What the page and the terminal do alike with a curve's buckets. Pure: nothing is shown that was not logged. */
import type { Curve, ReadPointsResponse } from "../gen/stepwell/v1/curves.js";

/** What curves stand along, as people say it. */
export type Axis = "step" | "time" | "relative";

type Points = Pick<ReadPointsResponse, "steps" | "timestampsMs" | "values">;

/** A curve with what changed of it. */
export function merged(known: Curve | undefined, fresh: Curve): Curve {
  const from = fresh.fromBucket;
  if (!known || from === 0) return fresh;
  const keep = <Each>(before: readonly Each[], after: readonly Each[]) => [
    ...before.slice(0, from),
    ...after,
  ];
  // A column without a bucket that has any is left out: it is zeros where another part has some.
  const count = (before: readonly bigint[], after: readonly bigint[]) => {
    if (before.length === 0 && after.length === 0) return [];
    const filled = (column: readonly bigint[], length: number) =>
      column.length > 0 ? column : new Array<bigint>(length).fill(0n);
    return keep(filled(before, known.points.length), filled(after, fresh.points.length));
  };
  return {
    ...fresh,
    fromBucket: 0,
    xFirst: keep(known.xFirst, fresh.xFirst),
    xLast: keep(known.xLast, fresh.xLast),
    min: keep(known.min, fresh.min),
    max: keep(known.max, fresh.max),
    first: keep(known.first, fresh.first),
    last: keep(known.last, fresh.last),
    points: keep(known.points, fresh.points),
    nanPoints: count(known.nanPoints, fresh.nanPoints),
    positiveInfinityPoints: count(known.positiveInfinityPoints, fresh.positiveInfinityPoints),
    negativeInfinityPoints: count(known.negativeInfinityPoints, fresh.negativeInfinityPoints),
  };
}

/**
 * The value of each bucket, smoothed by an exponential average without the pull of its beginning; null where a bucket has no
 * finite value. A bucket weighs as much as its points; of those the middle of its values is taken.
 */
export function smoothed(curve: Curve, smoothing: number): (number | null)[] {
  let sum = 0;
  let weight = 0;
  return curve.points.map((points, at) => {
    // Their sum may be more than a number holds.
    const value = (curve.min[at] ?? Number.NaN) / 2 + (curve.max[at] ?? Number.NaN) / 2;
    if (!Number.isFinite(value)) return null;
    const kept = smoothing ** Number(points);
    sum = sum * kept + value * (1 - kept);
    weight = weight * kept + (1 - kept);
    return sum / weight;
  });
}

/** The sign of what no line can show in a bucket: 0 for what is not a number, else that of an infinity; undefined: nothing. */
export function oddIn(curve: Curve, at: number): number | undefined {
  if ((curve.positiveInfinityPoints[at] ?? 0n) > 0n) return 1;
  if ((curve.negativeInfinityPoints[at] ?? 0n) > 0n) return -1;
  return (curve.nanPoints[at] ?? 0n) > 0n ? 0 : undefined;
}

/** The same curve point by point. Of relative time the places are those of the timestamps, from where the curve has its first. */
export function withPoints(curve: Curve, { steps, timestampsMs, values }: Points, axis: Axis): Curve {
  const startMs = axis === "relative" ? (timestampsMs[0] ?? 0n) - (curve.xFirst[0] ?? 0n) : 0n;
  const places = axis === "step" ? steps : timestampsMs.map((ms) => ms - startMs);
  const count = (is: (value: number) => boolean) => values.map((value) => (is(value) ? 1n : 0n));
  const finite = values.map((value) => (Number.isFinite(value) ? value : Number.NaN));
  return {
    ...curve,
    isExact: true,
    ...{ xFirst: [...places], xLast: [...places], points: values.map(() => 1n) },
    ...{ min: finite, max: finite, first: [...values], last: [...values] },
    nanPoints: count(Number.isNaN),
    positiveInfinityPoints: count((value) => value === Number.POSITIVE_INFINITY),
    negativeInfinityPoints: count((value) => value === Number.NEGATIVE_INFINITY),
  };
}
