import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import {
  FIRST_PACE,
  type Pace,
  paceAfter,
  paceAfterLull,
  UnderWay,
} from "../../../src/sinks/mlflow-rest/under-way.js";

/** Where the pace is after many windows on a server that does so well with 1, 2, 3 and 4. */
function limitsOn(rates: readonly number[], windows: number): number[] {
  const limits: number[] = [];
  let pace: Pace = FIRST_PACE;
  for (let window = 0; window < windows; window++) {
    pace = paceAfter(pace, rates[pace.limit - 1] ?? 0);
    limits.push(pace.limit);
  }
  return limits;
}

const countOf = (limits: readonly number[], limit: number) => limits.filter((one) => one === limit).length;

test("a server that is slower with each comes down to one, and is seldom asked again", (t) => {
  const limits = limitsOn([2900, 2400, 1800, 1000], 200);
  t.deepEqual(limits.slice(0, 7), [3, 2, 2, 2, 2, 1, 1]);
  t.true(limits.filter((limit) => limit > 1).length < 16, limits.join(""));
});

test("a server that does best with two keeps them", (t) => {
  t.true(countOf(limitsOn([1000, 1900, 1900, 1500], 200), 2) > 190);
});

test("a server that gets faster with each gets all four", (t) => {
  const limits = limitsOn([1000, 1800, 2400, 2900], 200);
  t.true(countOf(limits, 4) > 180, limits.join(""));
});

test("with less to send than a trial takes the trial ends, and the next tries fewer", (t) => {
  const trial = paceAfter(FIRST_PACE, 1000);
  t.is(trial.limit, 3);
  const after = paceAfterLull(trial);
  t.like(after, { limit: 2, best: 2, bestRate: 1000 });
  t.is(paceAfter(after, 1000).limit, 1);
});

/** How many were under way most often in the later half of so many packs of so many lanes, at a server with a cost for each number. */
async function usualOn(msOf: (underWay: number) => number, lanes: number, packs: number): Promise<number> {
  let nowMs = 0;
  const gate = new UnderWay(() => nowMs);
  const seen: number[] = [];
  const ends: { atMs: number; end: () => void }[] = [];
  let left = packs;
  const lane = async () => {
    while (left-- > 0)
      await gate.run(async () => {
        await new Promise<void>((end) => ends.push({ atMs: nowMs + msOf(ends.length + 1), end }));
        return { entries: 1000 };
      });
  };
  const all = Promise.all(Array.from({ length: lanes }, lane));
  for (let done = 0; done < packs; done++) {
    await new Promise(setImmediate);
    seen.push(ends.length);
    ends.sort((one, other) => one.atMs - other.atMs);
    const next = ends.shift();
    nowMs = Math.max(nowMs, next?.atMs ?? nowMs);
    next?.end();
  }
  await all;
  const later = seen.slice(packs / 2);
  return [1, 2, 3, 4].toSorted((one, other) => countOf(later, other) - countOf(later, one))[0] ?? 0;
}

test("as many lanes as go at a time are enough to learn from", async (t) => {
  const parallel = () => 100;
  t.is(await usualOn(parallel, 4, 400), 4);
  t.is(await usualOn(parallel, 6, 400), 4);
  t.is(await usualOn(parallel, 2, 400), 2);
  const oneByOne = (underWay: number) => 100 * underWay ** 1.5;
  t.is(await usualOn(oneByOne, 4, 400), 1);
  t.is(await usualOn(oneByOne, 2, 400), 1);
});

test("no more are under way than the pace allows, and one that hangs takes nobody's place", async (t) => {
  const gate = new UnderWay();
  let busy = 0;
  let peak = 0;
  const work = async () => {
    peak = Math.max(peak, ++busy);
    await sleep(2);
    busy -= 1;
    return { entries: 0 };
  };
  await Promise.all(Array.from({ length: 10 }, () => gate.run(work)));
  t.is(peak, FIRST_PACE.limit);
  const hanging = new AbortController();
  const hang = async () => {
    await sleep(60_000, undefined, { signal: hanging.signal }).catch(() => undefined);
    return { entries: 0 };
  };
  const hung = Promise.all(Array.from({ length: FIRST_PACE.limit }, () => gate.run(hang)));
  await gate.run(work);
  t.is(busy, 0, "the one behind them went while they hung");
  hanging.abort();
  await hung;
});

test("work that fails gives its place back", async (t) => {
  const gate = new UnderWay();
  await t.throwsAsync(
    gate.run(() => Promise.reject(new Error("no"))),
    { message: "no" },
  );
  t.deepEqual(await gate.run(async () => ({ entries: 3 })), { entries: 3 });
});
