import { mock } from "node:test";
import test from "ava";
import { FIRST_PACE, type Pace, type PaceBounds, paceAfter, paceAfterLull } from "../../src/flush/pace.js";
import { UnderWay } from "../../src/flush/under-way.js";
import { SLOW_REQUEST_MS } from "../../src/model/limits.js";

const BOUNDS: PaceBounds = { requestsMax: 4, quickRequestsMax: 16 };
const SLOW_MS = 200;

/** Where the pace is after many windows on a server that does so well with 1, 2, 3 and 4. */
function limitsOn(rates: readonly number[], windows: number, packMs = SLOW_MS): number[] {
  const limits: number[] = [];
  let pace: Pace = FIRST_PACE;
  for (let window = 0; window < windows; window++) {
    pace = paceAfter(pace, { rate: rates[pace.limit - 1] ?? 0, packMs }, BOUNDS);
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
  const trial = paceAfter(FIRST_PACE, { rate: 1000, packMs: SLOW_MS }, BOUNDS);
  t.is(trial.limit, 3);
  const after = paceAfterLull(trial);
  t.like(after, { limit: 2, best: 2, bestRate: 1000 });
  t.is(paceAfter(after, { rate: 1000, packMs: SLOW_MS }, BOUNDS).limit, 1);
});

test("a server that is quick gets more, as long as they make it faster and it stays quick", (t) => {
  const rates = Array.from({ length: 16 }, (_, index) => 100 * (index + 1));
  const quick = limitsOn(rates, 200, 10);
  t.true(countOf(quick, 16) > 180, quick.join(" "));
  t.false(
    limitsOn(rates, 200, SLOW_MS).some((limit) => limit > 4),
    "a slow one never gets more than four",
  );
  const flat = rates.map((rate) => Math.min(400, rate));
  t.true(countOf(limitsOn(flat, 200, 10), 4) > 180, "one that gains nothing by it keeps four");
  const last = quick.at(-1) ?? 0;
  const was: Pace = { ...FIRST_PACE, limit: last, best: last, bestRate: 1600 };
  t.like(paceAfter(was, { rate: 1600, packMs: SLOW_MS }, BOUNDS), { limit: 4, best: 4 });
});

test("a backend that takes one request never gets two", (t) => {
  let pace: Pace = { ...FIRST_PACE, limit: 1, best: 1 };
  for (let window = 0; window < 50; window++) {
    pace = paceAfter(pace, { rate: 100 + window, packMs: 1 }, { requestsMax: 1, quickRequestsMax: 1 });
    t.is(pace.limit, 1);
  }
});

/** How many were under way most often in the later half of so many packs of so many lanes, at a server with a cost for each number. */
function usualOn(msOf: (underWay: number) => number, lanes: number, packs: number): number {
  let nowMs = 0;
  const underWay = new UnderWay({ ...BOUNDS, nowMs: () => nowMs, onRoom: () => undefined });
  const seen: number[] = [];
  const ends: { atMs: number; end: (waiting: number) => void }[] = [];
  for (let done = 0; done < packs; done++) {
    while (underWay.hasRoom && ends.length < lanes) {
      const end = underWay.begin();
      ends.push({ atMs: nowMs + msOf(ends.length + 1), end: (waiting) => end(1000, waiting) });
    }
    seen.push(ends.length);
    ends.sort((one, other) => one.atMs - other.atMs);
    const next = ends.shift();
    nowMs = Math.max(nowMs, next?.atMs ?? nowMs);
    next?.end(lanes - ends.length - 1);
  }
  for (const { end } of ends) end(0);
  const later = seen.slice(packs / 2);
  return [1, 2, 3, 4, 8, 16].toSorted((one, other) => countOf(later, other) - countOf(later, one))[0] ?? 0;
}

test("as many lanes as go at a time are enough to learn from", (t) => {
  const parallel = () => 100;
  t.is(usualOn(parallel, 4, 400), 4);
  t.is(usualOn(parallel, 6, 400), 4);
  t.is(usualOn(parallel, 2, 400), 2);
  const oneByOne = (underWay: number) => 100 * underWay ** 1.5;
  t.is(usualOn(oneByOne, 4, 400), 1);
  t.is(usualOn(oneByOne, 2, 400), 1);
  t.is(
    usualOn(() => 10, 100, 2_000),
    16,
  );
});

test("no more are under way than the pace allows, and one that hangs takes nobody's place", (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.teardown(() => mock.timers.reset());
  let rooms = 0;
  const underWay = new UnderWay({ ...BOUNDS, nowMs: () => 0, onRoom: () => void rooms++ });
  const ends = [];
  while (underWay.hasRoom) ends.push(underWay.begin());
  t.is(ends.length, FIRST_PACE.limit);
  mock.timers.tick(SLOW_REQUEST_MS);
  t.is(rooms, ends.length, "each says that it has room by now");
  while (underWay.hasRoom) ends.push(underWay.begin());
  t.is(ends.length, BOUNDS.requestsMax, "and those that hang count among what may be open at all");
  for (const end of ends) end(0, 0);
  t.true(underWay.hasRoom);
});
