import test from "ava";
import fc from "fast-check";
import { DURATION_BOUNDS, Durations } from "../../src/model/durations.js";

test("a duration is counted once, in the first bucket whose bound is not below it", (t) => {
  const durations = new Durations();
  for (const ms of [0, 0.5, 0.500_1, 60_000, 60_000.1, 1e9]) durations.add(ms);
  t.is(durations.counts[0], 2);
  t.is(durations.counts[1], 1);
  t.is(durations.counts.at(-2), 1);
  t.is(durations.counts.at(-1), 2);
  t.is(durations.counts.length, DURATION_BOUNDS.length + 1);
});

test("sums are those of what was counted, and a clock that went back counts as no time", (t) => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: -1e3, max: 1e6, noNaN: true })), (all) => {
      const durations = new Durations();
      for (const ms of all) durations.add(ms);
      const sum = all.reduce((total, ms) => total + Math.max(0, ms) / 1_000, 0);
      const under = (seconds: number) => all.filter((ms) => Math.max(0, ms) / 1_000 <= seconds).length;
      let through = 0;
      for (const [bucket, bound] of DURATION_BOUNDS.entries()) {
        through += durations.counts[bucket] ?? 0;
        if (through !== under(bound)) return false;
      }
      return through + (durations.counts.at(-1) ?? 0) === all.length && durations.sumSeconds === sum;
    }),
  );
  t.pass();
});
