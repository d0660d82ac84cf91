/** What is told of a curve without its buckets. */
import { type BucketSum, LAST, X_FIRST, X_LAST, Y_LAST } from "./bucket-rows.js";
import type { Curve } from "./curve.js";

export interface CurveSummary extends BucketSum {
  readonly firstStep: bigint;
  readonly firstTimestampMs: bigint;
  readonly latestTimestampMs: bigint;
  /** The point with the highest step; of several the one that was logged last. */
  readonly lastStep: bigint;
  readonly lastTimestampMs: bigint;
  readonly lastValue: number;
}

/** The summary of a curve that has points. */
export function summaryOf(curve: Curve): CurveSummary {
  const { rows } = curve.byStep;
  const last = rows.length - 1;
  const time = curve.along("time");
  const shift = time.isOther ? Y_LAST - X_LAST : 0;
  return {
    ...rows.sum(0, rows.length),
    firstStep: rows.place(0, X_FIRST),
    firstTimestampMs: time.buckets.rows.place(0, X_FIRST + shift),
    latestTimestampMs: time.buckets.rows.place(time.buckets.length - 1, X_LAST + shift),
    lastStep: rows.place(last, X_LAST),
    lastTimestampMs: rows.place(last, Y_LAST),
    lastValue: rows.value(last, LAST),
  };
}

/** The summary of two curves of one metric together, of which the second was logged later. */
export function joinedSummary(one: CurveSummary, later: CurveSummary): CurveSummary {
  const last = later.lastStep >= one.lastStep ? later : one;
  const least = (a: bigint, b: bigint) => (a < b ? a : b);
  const { lastStep, lastTimestampMs, lastValue } = last;
  return {
    points: one.points + later.points,
    nan: one.nan + later.nan,
    positive: one.positive + later.positive,
    negative: one.negative + later.negative,
    min: Math.min(one.min, later.min),
    max: Math.max(one.max, later.max),
    firstStep: least(one.firstStep, later.firstStep),
    firstTimestampMs: least(one.firstTimestampMs, later.firstTimestampMs),
    latestTimestampMs: -least(-one.latestTimestampMs, -later.latestTimestampMs),
    ...{ lastStep, lastTimestampMs, lastValue },
  };
}
