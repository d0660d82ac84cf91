/** What the page reads: what is in view and changed, and no more. */
import test from "ava";
import {
  PointsSource,
  type ReadCurvesRequest,
  type ReadPointsRequest,
} from "../../src/gen/stepwell/v1/curves.js";
import { CurveReader, type InView } from "../../src/reading/curve-reader.js";
import { curveOf } from "../cli/watch/told.js";
import { until } from "../support/until.js";

const VIEW: InView = {
  ...{ runIds: ["a"], axis: "step", range: undefined },
  groups: [
    { keys: ["loss", "acc"], buckets: 80 },
    { keys: ["system/cpu"], buckets: 10 },
  ],
};

function reading() {
  const asked: ReadCurvesRequest[] = [];
  const points: ReadPointsRequest[] = [];
  const failures: unknown[] = [];
  let fails = false;
  const source = {
    readCurves: async (request: ReadCurvesRequest) => {
      if (fails) throw new Error("away");
      asked.push(request);
      const curves = request.runIds.flatMap((runId) =>
        request.keys.map((key) => ({
          ...curveOf(
            key,
            [
              [1, 2],
              [3, 4],
            ],
            runId,
          ),
          hasPoints: true,
        })),
      );
      return await Promise.resolve({ curves, gaps: [] });
    },
    readPoints: async (request: ReadPointsRequest) => {
      points.push(request);
      const four = { steps: [0n, 1n, 2n, 3n], timestampsMs: [0n, 1n, 2n, 3n], values: [1, 2, 3, 4] };
      return await Promise.resolve({
        ...four,
        ...{ source: PointsSource.POINTS_SOURCE_LOCAL_STORE, isCut: false, missing: "" },
      });
    },
  };
  const told: (readonly string[])[] = [];
  const reader = new CurveReader({
    source: () => source,
    changed: (keys) => told.push(keys),
    failed: (error) => failures.push(error),
    ...{ pointsMax: 100, pointCurvesMax: 4 },
  });
  const isAsked = (count: number) =>
    until(
      "it asks",
      () => asked.length,
      (is) => is === count,
      { everyMs: 5 },
    );
  return {
    reader,
    asked,
    points,
    told,
    failures,
    isAsked,
    fail: (is: boolean) => {
      fails = is;
    },
  };
}

test("what is in view is asked once, with what is known where it changed; the rest is not", async (t) => {
  const { reader, asked, isAsked } = reading();
  reader.look(VIEW);
  reader.look(VIEW);
  await isAsked(2);
  t.deepEqual(
    asked.map(({ keys, buckets }) => [keys, buckets]),
    [
      [["loss", "acc"], 80],
      [["system/cpu"], 10],
    ],
  );
  t.is(reader.get("loss", "a")?.points.length, 2);
  reader.change(["acc", "elsewhere"]);
  await isAsked(3);
  t.deepEqual(asked[2]?.keys, ["acc"]);
  t.deepEqual(
    asked[2]?.known.map(({ key }) => key),
    ["acc"],
  );
  reader.look({ ...VIEW, groups: [{ keys: ["elsewhere"], buckets: 80 }] });
  await isAsked(4);
  t.deepEqual(asked[3]?.known, []);
});

test("another run, size, axis or part is read anew; what was of another axis is not drawn", async (t) => {
  const { reader, asked, isAsked } = reading();
  const one = { ...VIEW, groups: [{ keys: ["loss"], buckets: 80 }] };
  reader.look(one);
  await isAsked(1);
  reader.look({ ...one, runIds: ["a", "b"] });
  await isAsked(2);
  t.deepEqual(asked[1]?.runIds, ["a", "b"]);
  reader.look({ ...one, axis: "time" });
  t.is(reader.get("loss", "a"), undefined);
  await isAsked(3);
  t.not(reader.get("loss", "a"), undefined);
  reader.look({ ...one, groups: [{ keys: ["loss"], buckets: 200 }] });
  await isAsked(4);
  t.is(asked[3]?.buckets, 200);
});

test("of a part the points themselves are drawn, and the buckets stay what changes are put into", async (t) => {
  const { reader, asked, points, told, isAsked } = reading();
  reader.look({ ...VIEW, range: [1.5, 2.5], groups: [{ keys: ["loss"], buckets: 80 }] });
  await isAsked(1);
  await until(
    "points are there",
    () => reader.get("loss", "a")?.points.length,
    (count) => count === 4,
    { everyMs: 5 },
  );
  t.deepEqual([asked[0]?.from, asked[0]?.to], [1n, 3n]);
  // Where the first bucket begins: by that it is known where points stand on an axis of the run's own time.
  t.deepEqual([points[0]?.from, points[0]?.to], [0n, 3n]);
  t.deepEqual(told[0], ["loss"]);
  reader.change(["loss"]);
  await isAsked(2);
  t.is(reader.get("loss", "a")?.points.length, 4);
});

test("a read that fails is told, and done again when it is asked for", async (t) => {
  const { reader, failures, isAsked, fail } = reading();
  fail(true);
  reader.look(VIEW);
  await until(
    "it fails",
    () => failures.length,
    (count) => count === 1,
    { everyMs: 5 },
  );
  fail(false);
  reader.changeAll();
  await isAsked(2);
  t.not(reader.get("loss", "a"), undefined);
});
