/** Runs in MLflow's own PostgreSQL database, read back by MLflow's client. */
import ava from "ava";
import { postgresForAll } from "../../support/mlflow-postgres.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../../support/python-environment.js";
import { testWith } from "../../support/test-with.js";
import { OTHER_RUN_ID, type Point, pack, RUN_ID, START, trainingPoints } from "../mlflow-sqlite/packs.js";
import { RealMlflow } from "../mlflow-sqlite/real-mlflow.js";
import { freshStore, lanesOn } from "./store.js";

const test = testWith(MLFLOW_3);
const server = postgresForAll(ava);
const DELIVERED = { kind: "delivered", refused: [] } as const;

test("all of a run is there for MLflow's client, each number as it was logged", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const { store, database } = await freshStore(t, server());
  const lanes = lanesOn(store);
  const odd: Point[] = [
    ["odd", 9_007_199_254_740_993n, 5n, Number.NaN],
    ["odd", -9_223_372_036_854_775_808n, 9_007_199_254_740_993n, 0.1],
    ["odd", 1n, 0n, Number.POSITIVE_INFINITY],
    ["odd", 2n, 0n, 5e-324],
    ["odd", 3n, 0n, -0],
    ["val/漢 é:1", 0n, 1n, 1e21],
  ];
  const params = Array.from({ length: 230 }, (_, index) => ({
    key: `p${index}`,
    value: `v"\\\n{},NULL ${index}`,
  }));
  const tags = [
    { key: "a", value: "old" },
    { key: "a", value: "😀 new" },
    { key: "mlflow.runName", value: "renamed" },
  ];
  t.deepEqual(await lanes.write(pack(1, [...odd, ...trainingPoints(0, 120)], { params, tags })), [DELIVERED]);
  const end = { status: "FAILED", endTimeMs: 1_700_000_000_900 } as const;
  t.deepEqual(await lanes.write(pack(2, trainingPoints(120, 3), { removedTags: ["a", "never"], end })), [
    DELIVERED,
  ]);
  const mlflow = await RealMlflow.at(t, MLFLOW_3, server().uriOf(database));
  const shown = await mlflow.read(RUN_ID);
  t.like(shown, {
    experiment: START.experimentName,
    name: "renamed",
    status: "FAILED",
    start: START.startTimeMs,
    end: end.endTimeMs,
    artifacts: `mlflow-artifacts:/1/${RUN_ID}/artifacts`,
  });
  t.deepEqual(shown.params, Object.fromEntries(params.map(({ key, value }) => [key, value])));
  t.like(shown.tags, { "mlflow.source.name": "train.py", "mlflow.user": "ada", "mlflow.runName": "renamed" });
  t.is(shown.tags["a"], undefined);
  t.is(shown.history["train/metric-3"]?.length, 123);
  t.is(shown.latest["odd"], "nan");
  t.deepEqual(shown.history["odd"]?.sort(), [
    ["-9223372036854775808", "9007199254740993", "0.1"],
    ["1", "0", "1.7976931348623157e+308"],
    ["2", "0", "5e-324"],
    ["3", "0", "-0.0"],
    ["9007199254740993", "5", "nan"],
  ]);
});

test("packs of many runs share a transaction, and what a transaction wrote is counted by home", async (t) => {
  const { store, database } = await freshStore(t, server());
  const lanes = lanesOn(store);
  const [one, other] = [
    pack(1, [["loss", 0n, 1n, 0.5]]),
    pack(2, [["loss", 1n, 2n, 0.25]], { runId: OTHER_RUN_ID }),
  ];
  t.deepEqual(await lanes.write(one, other), [DELIVERED, DELIVERED]);
  t.deepEqual([...lanes.known.values()], [1]);
  t.is(await store.writesOf(one.author.homeId), 1);
  t.deepEqual(
    await server().query(database, "SELECT run_uuid, step::int FROM latest_metrics ORDER BY step"),
    [
      [RUN_ID, 0],
      [OTHER_RUN_ID, 1],
    ],
  );
});
