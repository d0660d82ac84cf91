/** Curves as dots: nothing is hidden, and nothing is drawn that was not logged. */
import test from "ava";
import fc from "fast-check";
import { BRAILLE } from "../../../src/cli/output/plot.js";
import { rasterOf } from "../../../src/cli/watch/raster.js";
import { curveOf } from "./told.js";

const SIZE = { width: 20, height: 5, dots: BRAILLE, isLog: false, smoothing: 0, range: undefined };

/** Whether a dot is set, from the left and from the bottom. */
function isDot({ bits, width, height }: ReturnType<typeof rasterOf>, x: number, y: number): boolean {
  const down = height * BRAILLE.rows - 1 - y;
  const cell = Math.floor(down / BRAILLE.rows) * width + Math.floor(x / BRAILLE.columns);
  const bit = (down % BRAILLE.rows) + BRAILLE.rows * (x % BRAILLE.columns);
  return (((bits[cell] ?? 0) >> bit) & 1) === 1;
}

test("the least and the greatest of every bucket have dots, however many points a column has", (t) => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  const buckets = fc.array(fc.array(value, { minLength: 1, maxLength: 30 }), {
    minLength: 2,
    maxLength: 120,
  });
  fc.assert(
    fc.property(buckets, (given) => {
      const curve = curveOf("loss", given);
      const raster = rasterOf([curve], SIZE);
      const [low, high] = raster.yRange ?? [0, 0];
      fc.pre(high > low);
      const rowOf = (y: number) => Math.round(((y - low) / (high - low)) * (SIZE.height * BRAILLE.rows - 1));
      const columnOf = (x: bigint | undefined) =>
        Math.round((Number(x) / raster.xRange[1]) * (SIZE.width * BRAILLE.columns - 1));
      for (let at = 0; at < curve.points.length; at++)
        for (const extreme of [curve.min[at] ?? 0, curve.max[at] ?? 0]) {
          const [from, to] = [columnOf(curve.xFirst[at]), columnOf(curve.xLast[at])];
          const row = rowOf(extreme);
          let isThere = false;
          // Halves of a dot may be rounded up or down.
          for (let x = from; x <= to; x++)
            for (const y of [row - 1, row, row + 1]) isThere ||= isDot(raster, x, y);
          if (!isThere) return false;
        }
      return true;
    }),
    { numRuns: 60 },
  );
  t.pass();
});

test("one spike among ten thousand points is a dot at the top", (t) => {
  const buckets = Array.from({ length: 40 }, () => new Array<number>(250).fill(0));
  (buckets[17] ?? [])[3] = 1;
  const raster = rasterOf([curveOf("loss", buckets)], SIZE);
  const tops = Array.from({ length: 40 }, (_, x) => x).filter((x) => isDot(raster, x, 19));
  t.deepEqual(tops, [17]);
});

test("what is no finite number breaks the line and is marked under it", (t) => {
  const values = [1, 1, Number.NaN, Number.NaN, 5, Number.POSITIVE_INFINITY, 5, Number.NEGATIVE_INFINITY];
  const raster = rasterOf(
    [
      curveOf(
        "loss",
        values.map((value) => [value]),
      ),
    ],
    { ...SIZE, width: 8 },
  );
  t.deepEqual(
    [...raster.odd].map(([, sign]) => sign),
    [0, 0, 1, -1],
  );
  t.deepEqual(raster.yRange, [1, 5]);
  // Between 1 and 5 there is nothing.
  for (let y = 1; y < 19; y++) for (let x = 0; x < 16; x++) t.false(isDot(raster, x, y), `${x} ${y}`);
  const none = rasterOf([curveOf("loss", [[Number.NaN]]), undefined], SIZE);
  t.is(none.yRange, undefined);
  t.true(none.bits.every((bits) => bits === 0));
});

test("a logarithmic scale is for positive values alone; equal ones stand in the middle", (t) => {
  const curve = curveOf("lr", [[0.001], [0.01], [0.1], [1], [10]]);
  const raster = rasterOf([curve], { ...SIZE, isLog: true });
  t.true(raster.isLog);
  t.true(isDot(raster, 20, 10) || isDot(raster, 20, 9), "the middle of five decades");
  t.false(rasterOf([curveOf("x", [[0], [1]])], { ...SIZE, isLog: true }).isLog);
  const flat = rasterOf([curveOf("x", [[3], [3]])], SIZE);
  t.true(isDot(flat, 0, 9));
});

test("what is behind a smoothed line stays, and takes no cell of it", (t) => {
  const values = Array.from({ length: 60 }, (_, at) => [at % 2]);
  const raster = rasterOf([curveOf("loss", values)], { ...SIZE, smoothing: 0.9 });
  const front = raster.owners.filter((owner, at) => owner === 1 && raster.isBehind[at] === 0).length;
  const behind = raster.isBehind.filter((is) => is === 1).length;
  t.true(front >= 10 && front < 60, `${front}`);
  t.true(behind > 20, `${behind}`);
});

test("the largest steps and values there are are drawn; a part shows what is in it", (t) => {
  const far = {
    ...curveOf("x", [[-Number.MAX_VALUE], [Number.MAX_VALUE]]),
    xFirst: [-(2n ** 63n), 2n ** 63n - 1n],
  };
  const raster = rasterOf([{ ...far, xLast: far.xFirst }], SIZE);
  t.true(isDot(raster, 0, 0) && isDot(raster, 39, 19));
  const part = rasterOf([curveOf("x", [[0], [1], [2], [3]])], { ...SIZE, range: [1, 2] });
  t.deepEqual(part.yRange, [1, 2]);
  t.deepEqual(part.xRange, [1, 2]);
});
