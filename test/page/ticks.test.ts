/** Grids of plots: for every range of numbers there are few ticks, within it, with words that differ. */
import test from "ava";
import { inView } from "../../src/web/curves/draw-line.js";
import {
  logTicksOf,
  paddedHeight,
  ticksOf,
  tickWords,
  timeTicksOf,
  timeWords,
} from "../../src/web/curves/ticks.js";

const WAYS = { ticksOf, logTicksOf, timeTicksOf };
const ENDS = [
  ...[0, 1, 3, 0.1, 1e-7, 5e-324, 2e-310, 1e15, 1e21, 1e300, Number.MAX_VALUE, 2 ** 63, 8.64e15, 8.65e15],
  ...[1_000_000, 1_000_005, 0.7012, 0.7012005, 1_796_000_000_000, 9_223_372_036_854],
].flatMap((end) => [end, -end]);
const word = (value: number) => value.toPrecision(2);

test("ticks are few, rise, and are within any range that there is", (t) => {
  let ranges = 0;
  for (const min of [...ENDS, Number.NaN, Number.NEGATIVE_INFINITY])
    for (const max of [...ENDS, Number.NaN, Number.POSITIVE_INFINITY])
      for (const most of [0, 1, 6, 40, 1e9, Number.NaN])
        for (const [name, ticks] of Object.entries(WAYS)) {
          const found = ticks(min, max, most);
          const isFine =
            found.length <= 350 &&
            found.every(
              (tick, at) =>
                tick >= min * (min > 0 ? 1 - 1e-9 : 1 + 1e-9) &&
                tick <= max &&
                tick > (found[at - 1] ?? -Infinity),
            );
          if (!isFine) t.fail(`${name} of ${min} to ${max}, ${most}: ${found.slice(0, 5)} (${found.length})`);
          timeWords(found);
          ranges += 1;
        }
  t.true(ranges > 10_000);
});

test("a range has ticks, at round numbers, and none between two steps", (t) => {
  t.deepEqual(ticksOf(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  t.deepEqual(ticksOf(0.05, 0.35, 3), [0.1, 0.2, 0.3]);
  t.deepEqual(ticksOf(0, 2, 6, 1), [0, 1, 2]);
  t.deepEqual(ticksOf(-1e308, 1e308, 4), [-1e308, -5e307, 0, 5e307, 1e308]);
  t.deepEqual(logTicksOf(0.002, 3_000, 10), [0.01, 0.1, 1, 10, 100, 1_000]);
  t.true(logTicksOf(2, 4, 4).length >= 2);
  for (const [min, max] of [paddedHeight(3, 3, false), paddedHeight(3, 3, true), paddedHeight(0, 0, false)])
    t.true(min < max);
  t.deepEqual(paddedHeight(Infinity, -Infinity, true), [1, 10]);
});

test("neighbours are told apart, and no digit more is written", (t) => {
  t.deepEqual(tickWords([0, 1, 2], word), ["0.0", "1.0", "2.0"]);
  t.deepEqual(tickWords([1_000_000, 1_000_005], word), ["1000000", "1000005"]);
  t.deepEqual(tickWords([0.7012, 0.70121], word), ["0.7012", "0.70121"]);
  t.deepEqual(tickWords([], word), []);
});

test("times are those of a clock here, with the date where it changes", (t) => {
  const day = new Date(2026, 10, 30, 23, 50).getTime();
  const ticks = timeTicksOf(day, day + 20 * 60_000, 4);
  t.deepEqual(
    timeWords(ticks),
    ["23:50\n2026-11-30", "23:55", "00:00\n2026-12-01", "00:05", "00:10"].filter(
      (_, at) => at < ticks.length,
    ),
  );
  t.true(ticks.length >= 3);
  const years = timeTicksOf(0, 9_223_372_036_854, 6);
  t.deepEqual([...new Set(timeWords(years).map((each) => each.length))], [4], "years alone");
  t.deepEqual(timeWords([day, day + 2]), ["00.000\n2026-11-30 23:50", "00.002"]);
});

test("what is in view of a line is all within a range, and one more at each end", (t) => {
  const xs = [0, 1, 2, 3, 4];
  t.deepEqual(inView({ xs }, 1.5, 2.5), { begin: 1, end: 4 });
  t.deepEqual(inView({ xs }, undefined, undefined), { begin: 0, end: 5 });
  t.deepEqual(inView({ xs: [] }, 0, 1), { begin: 0, end: 0 });
  t.deepEqual(inView({ xs }, 9, 10), { begin: 4, end: 5 });
});
