/** Makes lines of a curve's buckets. Pure: every point that is drawn was logged. */
import type { Curve, ReadPointsResponse } from "../../gen/stepwell/v1/curves.js";
import type { Axis } from "../route/route.js";

/** A line as the plot takes it: places rise strictly; null is a break. */
export interface Line {
  readonly xs: readonly number[];
  readonly ys: readonly (number | null)[];
  /** Where there are points that no line can show: not a number, or infinite. */
  readonly odd: readonly { readonly x: number; readonly sign: number }[];
}

type Points = Pick<ReadPointsResponse, "steps" | "timestampsMs" | "values">;

/** So little of the whole width lies between points that stand at one place. */
const NUDGE = 1e-7;

/** The curve itself: of each bucket the first value, the least, the greatest, and the last. */
export function rawLine(curve: Curve): Line {
  const xs: number[] = [];
  const ys: (number | null)[] = [];
  const odd: { x: number; sign: number }[] = [];
  const nudge = nudgeOf(curve);
  const put = (x: number, y: number) => {
    const before = xs.at(-1) ?? Number.NEGATIVE_INFINITY;
    xs.push(x > before ? x : before + nudge);
    ys.push(Number.isFinite(y) ? y : null);
  };
  for (let at = 0; at < curve.points.length; at++) {
    const [from, to] = [Number(curve.xFirst[at]), Number(curve.xLast[at])];
    const sign = oddIn(curve, at);
    if (sign !== undefined) odd.push({ x: from, sign });
    if (curve.points[at] === 1n) {
      put(from, curve.first[at] ?? Number.NaN);
      continue;
    }
    const [first, last] = [curve.first[at] ?? Number.NaN, curve.last[at] ?? Number.NaN];
    const [min, max] = [curve.min[at] ?? Number.NaN, curve.max[at] ?? Number.NaN];
    put(from, first);
    // What falls first is drawn so: the line goes to the nearer of the two before the other.
    const near = Math.abs(first - min) <= Math.abs(first - max) ? [min, max] : [max, min];
    for (const [index, value] of near.entries()) {
      const isNew = value !== first && value !== last;
      if (isNew) put(from + ((to - from) * (index + 1)) / 3, value);
    }
    put(to, last);
  }
  return { xs, ys, odd };
}

/**
 * Smoothed by an exponential average without the pull of its beginning. A bucket weighs as much as its points; of those
 * the middle of its values is taken.
 */
export function smoothLine(curve: Curve, smoothing: number): Line {
  const xs: number[] = [];
  const ys: (number | null)[] = [];
  const nudge = nudgeOf(curve);
  let sum = 0;
  let weight = 0;
  for (let at = 0; at < curve.points.length; at++) {
    const x = Number(curve.xLast[at]);
    const before = xs.at(-1) ?? Number.NEGATIVE_INFINITY;
    const [min, max] = [curve.min[at] ?? Number.NaN, curve.max[at] ?? Number.NaN];
    // Their sum may be more than a number holds.
    const value = min / 2 + max / 2;
    xs.push(x > before ? x : before + nudge);
    if (!Number.isFinite(value)) {
      ys.push(null);
      continue;
    }
    const kept = smoothing ** Number(curve.points[at]);
    sum = sum * kept + value * (1 - kept);
    weight = weight * kept + (1 - kept);
    ys.push(sum / weight);
  }
  return { xs, ys, odd: [] };
}

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

function nudgeOf({ xFirst, xLast }: Curve): number {
  const width = Number(xLast.at(-1) ?? 0n) - Number(xFirst[0] ?? 0n);
  return Math.max(width * NUDGE, Number.EPSILON * Math.abs(Number(xLast.at(-1) ?? 0n)) * 4, 1e-12);
}

function oddIn({ nanPoints, positiveInfinityPoints, negativeInfinityPoints }: Curve, at: number) {
  if (positiveInfinityPoints[at]) return 1;
  if (negativeInfinityPoints[at]) return -1;
  return nanPoints[at] ? 0 : undefined;
}
