/** What of the page needs no browser: addresses, lines, rows. */
import test from "ava";
import type { Curve, WatchedRun } from "../../src/gen/stepwell/v1/curves.js";
import type { Run } from "../../src/gen/stepwell/v1/runs.js";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { merged, withPoints } from "../../src/model/curve-parts.js";
import { matched } from "../../src/web/curves/key-matched.js";
import { rawLine, smoothLine } from "../../src/web/curves/lines.js";
import { CURVES, hashOf, placeOf, type Route, readRoute } from "../../src/web/route/route.js";
import { diffRows } from "../../src/web/runs/diff-rows.js";
import { hasText, isSearch, type RunRow, sorted, withWatched } from "../../src/web/runs/run-rows.js";
import { columnsOf } from "../support/curve-columns.js";

const NONE: Curve = {
  ...{ runId: "a", key: "loss", version: undefined, fromBucket: 0, isExact: false, hasPoints: false },
  ...{ xFirst: [], xLast: [], min: [], max: [], first: [], last: [], points: [] },
  ...{ nanPoints: [], positiveInfinityPoints: [], negativeInfinityPoints: [] },
};

/** A curve of buckets, each as the values of its points at places 10 apart. */
function curveOf(buckets: readonly (readonly number[])[]): Curve {
  return {
    ...NONE,
    xFirst: buckets.map((_, at) => BigInt(10 * at)),
    xLast: buckets.map((values, at) => BigInt(10 * at + values.length - 1)),
    ...columnsOf(buckets),
  };
}

test("a line goes through the first, least, greatest and last value of each bucket, and breaks where none is a number", (t) => {
  const { xs, ys, odd } = rawLine(curveOf([[1, 9, 0, 2], [5], [Number.NaN], [3, Number.POSITIVE_INFINITY]]));
  t.deepEqual(ys, [1, 0, 9, 2, 5, null, 3, null]);
  t.true(
    xs.every((x, at) => at === 0 || x > (xs[at - 1] ?? 0)),
    "places rise",
  );
  t.deepEqual(odd, [
    { x: 20, sign: 0 },
    { x: 30, sign: 1 },
  ]);
  t.deepEqual(rawLine(NONE), { xs: [], ys: [], odd: [] });
});

test("points at one place stand beside each other, and the largest steps that there are do too", (t) => {
  const same = { ...curveOf([[1], [2], [3]]), xFirst: [7n, 7n, 7n], xLast: [7n, 7n, 7n] };
  const far = {
    ...same,
    xFirst: [2n ** 62n, 2n ** 62n, 2n ** 63n - 1n],
    xLast: [2n ** 62n, 2n ** 62n, 2n ** 63n - 1n],
  };
  for (const { xs } of [rawLine(same), rawLine(far), smoothLine(far, 0.5)])
    t.true(
      xs.every((x, at) => at === 0 || x > (xs[at - 1] ?? 0)),
      `${xs}`,
    );
});

test("a smoothed line weighs buckets by their points and begins without a pull", (t) => {
  const flat = smoothLine(curveOf([[4], [4], [4]]), 0.9);
  for (const y of flat.ys) t.true(Math.abs((y ?? 0) - 4) < 1e-9);
  const single = smoothLine(curveOf([[0], [0], [0], [0], [8]]), 0.9).ys.at(-1) ?? 0;
  const heavy = smoothLine(curveOf([[0], [0], [0], [0], new Array<number>(8).fill(8)]), 0.9).ys.at(-1) ?? 0;
  t.true(heavy > single);
  t.is(smoothLine(curveOf([[1], [Number.NaN], [1]]), 0.5).ys[1], null);
});

test("what changed of a curve takes the place of its end; counts that a part leaves out are zeros", (t) => {
  const before = { ...curveOf([[1], [2], [3]]), nanPoints: [] };
  const fresh = { ...curveOf([[Number.NaN], [5]]), fromBucket: 2 };
  const whole = merged(before, fresh);
  t.deepEqual(whole.points, [1n, 1n, 1n, 1n]);
  t.deepEqual(whole.last, [1, 2, Number.NaN, 5]);
  t.deepEqual(whole.nanPoints, [0n, 0n, 1n, 0n]);
  t.is(merged(before, { ...fresh, fromBucket: 0 }).points.length, 2);
  t.is(merged(undefined, fresh), fresh);
  // Nothing changed.
  t.deepEqual(merged(before, { ...NONE, fromBucket: 3 }).last, before.last);
});

test("single points take the place of buckets along each axis", (t) => {
  const curve = { ...curveOf([[1, 2, 3]]), xFirst: [500n], xLast: [700n] };
  const points = { steps: [1n, 2n], timestampsMs: [10_500n, 10_700n], values: [1, Number.NaN] };
  t.deepEqual(withPoints(curve, points, "step").xFirst, [1n, 2n]);
  t.deepEqual(withPoints(curve, points, "time").xFirst, [10_500n, 10_700n]);
  t.deepEqual(withPoints(curve, points, "relative").xFirst, [500n, 700n]);
  t.deepEqual(rawLine(withPoints(curve, points, "step")).ys, [1, null]);
});

test("an address says the whole view, and what it can't mean is left out", (t) => {
  const routes: Route[] = [
    { view: "runs", query: "a b", sort: "-points", columns: ["params.lr", "metrics.a/b"] },
    {
      ...CURVES,
      runIds: ["a", "b"],
      keys: "^x|y$",
      axis: "time",
      isLog: true,
      smoothing: 0.5,
      pinned: ["k&k"],
      one: "=",
      range: [-5, 2.5],
    },
    CURVES,
    { view: "diff", runIds: ["a"], isDifferentOnly: true },
    { view: "daemon" },
  ];
  for (const route of routes) t.deepEqual(readRoute(hashOf(route)), route);
  t.is(readRoute("").view, "runs");
  t.deepEqual(readRoute("#/curves?axis=constructor&smooth=7&from=3&to=1&log=yes"), {
    ...CURVES,
    smoothing: 0.99,
  });
});

test("a range in an address is one that an axis has, and of each name there is one", (t) => {
  for (const [from, to] of [
    ["-1e300", "1e300"],
    ["9e18", "1e19"],
    ["1e17", "100000000000000001"],
    ["5", "5.0000000001"],
    ["-1e308", "-1e307"],
  ]) {
    const route = readRoute(`#/curves?run=a&run=a&run=&from=${from}&to=${to}`);
    t.true(route.view === "curves");
    if (route.view !== "curves") return;
    t.deepEqual(route.runIds, ["a"]);
    if (route.range === undefined) continue;
    const [min, max] = route.range;
    t.true(min < max && min >= -(2 ** 63) && max <= 2 ** 63, `${from} to ${to}: ${min} to ${max}`);
    t.true([placeOf(min), placeOf(max)].every((place) => place >= -(2n ** 63n) && place < 2n ** 63n));
  }
  t.is(placeOf(-(2 ** 63)), -(2n ** 63n));
  t.is(placeOf(-7.9), -7n);
});

test("an expression that is none leaves all keys", (t) => {
  t.deepEqual(matched(["loss", "acc"], "^L"), { keys: ["loss"], fault: "" });
  t.deepEqual(matched(["loss", "acc"], "(").keys, ["loss", "acc"]);
  t.regex(matched(["loss"], "[").fault, /no regular expression/);
});

test("the greatest numbers are smoothed as others are", (t) => {
  const { ys } = smoothLine(curveOf([[1.5e308], [1.7e308]]), 0.5);
  t.true(ys.every((y) => y !== null && y > 1.4e308 && y < Number.MAX_VALUE));
});

const rowOf = (runName: string, points: bigint, values: Record<string, string> = {}): RunRow => ({
  run: {
    ...{
      runId: `id-${runName}`,
      runName,
      experimentName: "e",
      status: RunStatus.RUN_STATUS_FAILED,
      state: 0,
      reason: "",
    },
    ...{ startTimeMs: 1n, endTimeMs: 2n, journaledPoints: points, deliveries: [] },
  } satisfies Run,
  values,
});

test("rows are found by words, sorted by any column, and empty cells come last", (t) => {
  const rows = [
    rowOf("b10", 3n, { "metrics.a": "0.5" }),
    rowOf("b9", 1n),
    rowOf("a", 2n, { "metrics.a": "-2" }),
  ];
  const names = (some: readonly RunRow[]) => some.map(({ run }) => run.runName);
  t.deepEqual(names(sorted(rows, "name")), ["a", "b9", "b10"]);
  t.deepEqual(names(sorted(rows, "-points")), ["b10", "a", "b9"]);
  t.deepEqual(names(sorted(rows, "metrics.a")), ["a", "b10", "b9"]);
  t.deepEqual(names(sorted(rows, "-metrics.a")), ["b10", "a", "b9"]);
  t.deepEqual(names(sorted(rows, "")), ["b10", "b9", "a"]);
  for (const sort of ["__proto__", "constructor", "-toString"])
    t.deepEqual(names(sorted(rows, sort)), ["b10", "b9", "a"], "a link may say anything");
  t.deepEqual(names(rows.filter((row) => hasText(row, "FAILED id-b"))), ["b10", "b9"]);
  t.true(
    ["metrics.loss < 0.3", "params.lr = '1'", "status = 'FAILED'", "attributes.run_name = 'x'"].every(
      isSearch,
    ),
  );
  t.false(["metric", "my run", "loss"].some(isSearch));
});

test("thousands of rows take what a watcher is told at once, and know what is new", (t) => {
  const rows = Array.from({ length: 10_000 }, (_, at) => rowOf(`r${at}`, 1n));
  const told = (name: string): WatchedRun => ({
    ...{ runId: `id-${name}`, runName: name, experimentName: "e", status: RunStatus.RUN_STATUS_KILLED },
    ...{ startTimeMs: 1n, endTimeMs: 3n, journaledPoints: 9n },
  });
  const begun = process.cpuUsage();
  const some = rows.slice(-1_000).map(({ run }) => told(run.runName));
  const now = withWatched(rows, some);
  t.false(now.hasNew);
  t.is(now.rows.filter(({ run }) => run.journaledPoints === 9n).length, 1_000);
  t.true(withWatched(rows, [told("other")]).hasNew);
  t.is(sorted(rows, "-name")[0]?.run.runName, "r9999");
  const { user } = process.cpuUsage(begun);
  t.true(user < 2_000_000, `${user} us`);
});

test("a comparison has each key once and says where runs differ", (t) => {
  const of = (lr: string, loss?: number) => ({
    ...{ tracker: "", missing: "", params: [{ key: "lr", value: lr }] },
    metrics:
      loss === undefined
        ? []
        : [{ key: "loss", value: loss, step: 1n, timestampMs: 1n, curveSteps: [], curveValues: [] }],
    tags: [
      { key: "mlflow.user", value: lr },
      { key: "kind", value: "x" },
    ],
  });
  t.deepEqual(diffRows([of("1", 0.5), of("2")]), [
    { kind: "param", key: "lr", values: ["1", "2"], isDifferent: true },
    { kind: "metric", key: "loss", values: ["0.5", undefined], isDifferent: true },
    { kind: "tag", key: "kind", values: ["x", "x"], isDifferent: false },
  ]);
});
