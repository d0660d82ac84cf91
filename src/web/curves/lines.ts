/** Makes lines of a curve's buckets. Pure: every point that is drawn was logged. */
import type { Curve } from "../../gen/stepwell/v1/curves.js";
import { oddIn, smoothed } from "../../model/curve-parts.js";

/** A line as the plot takes it: places rise strictly; null is a break. */
export interface Line {
  readonly xs: readonly number[];
  readonly ys: readonly (number | null)[];
  /** Where there are points that no line can show: not a number, or infinite. */
  readonly odd: readonly { readonly x: number; readonly sign: number }[];
}

/** So little of the whole width lies between points that stand at one place. */
const NUDGE = 1e-7;

/** The curve itself: of each bucket the first value, the least, the greatest, and the last. */
export function rawLine(curve: Curve): Line {
  const xs: number[] = [];
  const ys: (number | null)[] = [];
  const odd: { x: number; sign: number }[] = [];
  const nudge = nudgeOf(curve);
  const put = (x: number, y: number) => {
    pushRising(xs, x, nudge);
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

/** Smoothed. */
export function smoothLine(curve: Curve, smoothing: number): Line {
  const xs: number[] = [];
  const nudge = nudgeOf(curve);
  for (const place of curve.xLast) pushRising(xs, Number(place), nudge);
  return { xs, ys: smoothed(curve, smoothing), odd: [] };
}

/** Adds a place, a little behind the one before where it is not. */
function pushRising(xs: number[], x: number, nudge: number): void {
  const before = xs.at(-1) ?? Number.NEGATIVE_INFINITY;
  xs.push(x > before ? x : before + nudge);
}

function nudgeOf({ xFirst, xLast }: Curve): number {
  const width = Number(xLast.at(-1) ?? 0n) - Number(xFirst[0] ?? 0n);
  return Math.max(width * NUDGE, Number.EPSILON * Math.abs(Number(xLast.at(-1) ?? 0n)) * 4, 1e-12);
}

/** The value of the place that is nearest. */
export function valueAt({ xs, ys }: Line, x: number): number | null {
  let [from, to] = [0, xs.length - 1];
  while (to - from > 1) {
    const middle = (from + to) >> 1;
    if ((xs[middle] ?? 0) < x) from = middle;
    else to = middle;
  }
  const isFirst = Math.abs((xs[from] ?? 0) - x) <= Math.abs((xs[to] ?? 0) - x);
  return ys[isFirst ? from : to] ?? null;
}
