import type { Curve } from "../../src/gen/stepwell/v1/curves.js";

type Columns =
  | "min"
  | "max"
  | "first"
  | "last"
  | "points"
  | "nanPoints"
  | "positiveInfinityPoints"
  | "negativeInfinityPoints";

/** What a curve says of buckets, each as the values of its points. */
export function columnsOf(buckets: readonly (readonly number[])[]): Pick<Curve, Columns> {
  const finite = buckets.map((values) => values.filter(Number.isFinite));
  const count = (is: (value: number) => boolean) => buckets.map((values) => BigInt(values.filter(is).length));
  return {
    min: finite.map((values) => (values.length > 0 ? Math.min(...values) : Number.NaN)),
    max: finite.map((values) => (values.length > 0 ? Math.max(...values) : Number.NaN)),
    first: buckets.map((values) => values[0] ?? Number.NaN),
    last: buckets.map((values) => values.at(-1) ?? Number.NaN),
    points: buckets.map((values) => BigInt(values.length)),
    nanPoints: count(Number.isNaN),
    positiveInfinityPoints: count((value) => value === Number.POSITIVE_INFINITY),
    negativeInfinityPoints: count((value) => value === Number.NEGATIVE_INFINITY),
  };
}
