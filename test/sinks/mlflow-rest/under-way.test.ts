import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { FIRST_PACE, type Pace, paceAfter, UnderWay } from "../../../src/sinks/mlflow-rest/under-way.js";

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

test("a server that is slower with each comes down to one, and is seldom asked again", (t) => {
  const limits = limitsOn([2900, 2400, 1800, 1000], 200);
  t.deepEqual(limits.slice(0, 5), [3, 3, 2, 2, 1]);
  t.true(limits.filter((limit) => limit > 1).length < 16, limits.join(""));
});

test("a server that gets faster with each gets all four", (t) => {
  const limits = limitsOn([1000, 1800, 2400, 2900], 200);
  t.true(limits.filter((limit) => limit === 4).length > 180, limits.join(""));
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
  t.is(peak, 4);
  const hanging = new AbortController();
  const hang = async () => {
    await sleep(60_000, undefined, { signal: hanging.signal }).catch(() => undefined);
    return { entries: 0 };
  };
  const hung = Promise.all([1, 2, 3, 4].map(() => gate.run(hang)));
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
