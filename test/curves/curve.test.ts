import test from "ava";
import fc from "fast-check";
import { Curve } from "../../src/curves/curve.js";
import { PointReader } from "../../src/curves/points.js";
import { summaryOf } from "../../src/curves/summary.js";
import {
  bucketOf,
  bucketsOf,
  columnOf,
  faultOf,
  inOrder,
  type LoggedPoint,
  loggedPieces,
} from "./logged-points.js";

const reader = new PointReader();
const AXES = ["step", "time"] as const;

function curveOf(pieces: readonly LoggedPoint[][], lengthMax: number): Curve {
  const curve = new Curve();
  for (const piece of pieces) curve.add(reader.read(columnOf(piece)), lengthMax);
  return curve;
}

const faultsOf = (curve: Curve, points: readonly LoggedPoint[]) =>
  AXES.map((axis) => faultOf(bucketsOf(curve, axis), points, axis)).filter(Boolean);

test("each bucket says exactly what its points say, along either axis, in whatever way they were logged", (t) => {
  fc.assert(
    fc.property(loggedPieces, fc.integer({ min: 2, max: 40 }), (pieces, lengthMax) => {
      const curve = curveOf(pieces, lengthMax);
      t.deepEqual(faultsOf(curve, pieces.flat()), []);
      for (const axis of AXES) t.true(bucketsOf(curve, axis).length <= lengthMax);
    }),
    { numRuns: 80 },
  );
  t.pass();
});

test("what was put together of pieces says the same, however they reach into one another", (t) => {
  fc.assert(
    fc.property(
      fc.array(loggedPieces, { minLength: 2, maxLength: 4 }),
      fc.integer({ min: 2, max: 40 }),
      fc.integer({ min: 2, max: 60 }),
      (parts, lengthMax, mergedMax) => {
        const merged = new Curve();
        for (const pieces of parts) {
          merged.merge(curveOf(pieces, lengthMax));
          merged.shrink(mergedMax);
        }
        t.deepEqual(faultsOf(merged, parts.flat(2)), []);
        // What comes later goes on in what was put together.
        const more = parts[0]?.[0] ?? [];
        merged.add(reader.read(columnOf(more)), mergedMax);
        t.deepEqual(faultsOf(merged, [...parts.flat(2), ...more]), []);
      },
    ),
    { numRuns: 80 },
  );
});

test("a summary says what all points say", (t) => {
  fc.assert(
    fc.property(loggedPieces, fc.integer({ min: 2, max: 40 }), (pieces, lengthMax) => {
      const points = pieces.flat();
      const all = bucketOf(inOrder(points, "step"), "step");
      const [last] = inOrder(points, "step").slice(-1);
      const summary = summaryOf(curveOf(pieces, lengthMax));
      const min = summary.min <= summary.max ? summary.min : Number.NaN;
      const max = summary.min <= summary.max ? summary.max : Number.NaN;
      t.is(summary.points, all.points);
      t.true(Object.is(min, all.min) || min === all.min);
      t.true(Object.is(max, all.max) || max === all.max);
      t.deepEqual(
        [summary.lastStep, summary.lastTimestampMs, summary.lastValue],
        [last?.step, last?.timestampMs, last?.value],
      );
      t.is(summary.firstStep, all.xFirst);
      t.is(summary.latestTimestampMs, inOrder(points, "time").at(-1)?.timestampMs ?? 0n);
    }),
    { numRuns: 40 },
  );
});

test("points without an end take no more than so many buckets, and no spike is lost", (t) => {
  const curve = new Curve();
  const [count, piece] = [200_000, 1_000];
  const spike = 123_457;
  for (let from = 0; from < count; from += piece) {
    const points = Array.from({ length: piece }, (_, index) => ({
      step: BigInt(from + index),
      timestampMs: BigInt(from + index),
      value: from + index === spike ? 1e9 : 0,
    }));
    curve.add(reader.read(columnOf(points)), 1_000);
  }
  const buckets = bucketsOf(curve, "step");
  t.true(buckets.length <= 1_000 && buckets.length >= 480);
  const high = buckets.filter(({ max }) => max === 1e9);
  t.is(high.length, 1);
  t.true(high.every(({ xFirst, xLast }) => xFirst <= BigInt(spike) && xLast >= BigInt(spike)));
});
