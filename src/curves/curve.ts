/** One metric of one run: its buckets along each axis. */
import { LAST, MAX, MIN, X_FIRST, X_LAST, Y_LAST } from "./bucket-rows.js";
import { Buckets } from "./buckets.js";
import type { Points } from "./points.js";

/** What is told of a curve without its buckets. */
export interface CurveSummary {
  readonly points: number;
  readonly nan: number;
  readonly positive: number;
  readonly negative: number;
  /** Of the finite values; undefined where there is none. */
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly firstStep: bigint;
  readonly firstTimestampMs: bigint;
  readonly latestTimestampMs: bigint;
  /** The point with the highest step. */
  readonly lastStep: bigint;
  readonly lastTimestampMs: bigint;
  readonly lastValue: number;
}

export class Curve {
  /** In the order of steps; of both axes until the first point that is in order on one alone. */
  byStep: Buckets;
  /** In the order of timestamps, once that is another one. */
  byTime: Buckets | undefined;

  constructor(byStep = new Buckets("both"), byTime?: Buckets) {
    this.byStep = byStep;
    this.byTime = byTime;
  }

  /** Bytes of memory that its buckets take. */
  get bytes(): number {
    return this.byStep.rows.bytes + (this.byTime?.rows.bytes ?? 0);
  }

  /** Adds points that were logged after all that it has. */
  add(points: Points, lengthMax: number): void {
    let from = 0;
    if (!this.byTime) {
      from = this.byStep.append(points, 0, lengthMax);
      if (from === points.count) return;
      this.#split();
    }
    this.byStep.insert(points, from, lengthMax);
    this.byTime?.insert(points, from, lengthMax);
  }

  /** Takes all of another one, whose points were logged after all that it has. */
  merge(later: Curve): void {
    if (!this.byTime && !later.byTime && this.byStep.isBefore(later.byStep))
      return this.byStep.merge(later.byStep);
    if (!this.byTime) this.#split();
    this.byStep.merge(later.byStep.copy("step"));
    this.byTime?.merge((later.byTime ?? later.byStep).copy("time"));
  }

  /** Puts neighbours together until no axis has more buckets than that. */
  shrink(lengthMax: number): void {
    this.byStep.shrink(lengthMax);
    this.byTime?.shrink(lengthMax);
  }

  copy(): Curve {
    return new Curve(this.byStep.copy(this.byStep.order), this.byTime?.copy("time"));
  }

  /** Its buckets along an axis, and whether that is the other one of those in the order of both. */
  along(axis: "step" | "time"): { readonly buckets: Buckets; readonly isOther: boolean } {
    if (axis === "step") return { buckets: this.byStep, isOther: false };
    return this.byTime ? { buckets: this.byTime, isOther: false } : { buckets: this.byStep, isOther: true };
  }

  #split(): void {
    this.byTime = this.byStep.copy("time");
    this.byStep = this.byStep.copy("step");
  }
}

/** What is told of a curve that has points. */
export function summaryOf(curve: Curve): CurveSummary {
  const { rows } = curve.byStep;
  const sums = { points: 0, nan: 0, positive: 0, negative: 0 };
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let bucket = 0; bucket < rows.length; bucket++) {
    const counts = rows.counts(bucket);
    sums.points += counts.points;
    sums.nan += counts.nan;
    sums.positive += counts.positive;
    sums.negative += counts.negative;
    min = Math.min(min, rows.value(bucket, MIN));
    max = Math.max(max, rows.value(bucket, MAX));
  }
  const last = rows.length - 1;
  const time = curve.along("time");
  const shift = time.isOther ? Y_LAST - X_LAST : 0;
  const hasFinite = min <= max;
  return {
    ...sums,
    min: hasFinite ? min : undefined,
    max: hasFinite ? max : undefined,
    firstStep: rows.place(0, X_FIRST),
    firstTimestampMs: time.buckets.rows.place(0, X_FIRST + shift),
    latestTimestampMs: time.buckets.rows.place(time.buckets.length - 1, X_LAST + shift),
    lastStep: rows.place(last, X_LAST),
    lastTimestampMs: rows.place(last, Y_LAST),
    lastValue: rows.value(last, LAST),
  };
}
