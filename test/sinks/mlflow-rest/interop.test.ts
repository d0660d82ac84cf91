/** The sink on a real `mlflow server`, read back by MLflow's own client. */
import ava, { type ExecutionContext } from "ava";
import { newDatabase, startMlflowPostgres } from "../../support/mlflow-postgres.js";
import { MlflowServer, type MlflowUser, serverForAll } from "../../support/mlflow-server.js";
import type { Postgres } from "../../support/postgres.js";
import { newRunId } from "../../support/producer.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../../support/python-environment.js";
import { testWith } from "../../support/test-with.js";
import { pack, rowsOf, START, trainingPoints } from "../mlflow-sqlite/packs.js";
import { RealMlflow } from "../mlflow-sqlite/real-mlflow.js";
import { keptRunIds, restSink, settled } from "./rest.js";

const test = testWith(MLFLOW_3);
const ADMIN = { username: "admin", password: "Correct-Horse-9" };

const DELIVERED = { kind: "delivered", refused: [] };

const open = serverForAll(ava);
const closed = serverForAll(ava, () => ({ user: ADMIN }));
const databases: Postgres[] = [];
const onPostgres = serverForAll(ava, async () => {
  const database = await startMlflowPostgres();
  databases.push(database);
  const store = database.uriOf(await newDatabase(database));
  return { store, workers: 2 };
});
ava.after.always(async () => {
  for (const database of databases) await database.remove();
});

/** A sink on the server, MLflow's client on it, and two runs in an experiment of their own. */
async function setUp(t: ExecutionContext, server: MlflowServer, user?: MlflowUser) {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const runIds = keptRunIds();
  const settings = async (): Promise<Record<string, string>> =>
    user ? { tracking_username: user.username, tracking_password: user.password } : {};
  const sink = restSink(t, server.url, { runIds, settings });
  const env: Record<string, string> = user
    ? { MLFLOW_TRACKING_USERNAME: user.username, MLFLOW_TRACKING_PASSWORD: user.password }
    : {};
  const client = await RealMlflow.at(t, MLFLOW_3, server.url, env);
  const idOf = (runId: string) => {
    const run = runIds.kept.get(runId);
    return run?.kind === "known" ? run.mlflowRunId : "";
  };
  const [runId, otherRunId] = [newRunId(), newRunId()];
  const start = { ...START, experimentName: `of ${runId}` };
  const packOf: typeof pack = (seq, points, rest) => pack(seq, points, { runId, start, ...rest });
  return { sink, client, idOf, runIds, runId, otherRunId, start, packOf };
}

async function deliversAll(t: ExecutionContext, server: MlflowServer, user?: MlflowUser): Promise<void> {
  const { sink, client, idOf, runId, start, packOf } = await setUp(t, server, user);
  const points = trainingPoints(0, 120);
  const odd = [
    ["odd", 9_007_199_254_740_993n, 5n, Number.NaN],
    ["odd", -9_223_372_036_854_775_808n, 9_007_199_254_740_993n, 0.1],
    ["odd", 1n, 0n, Number.POSITIVE_INFINITY],
    ["odd", 2n, 0n, 5e-324],
    ["val/漢 é:1", 0n, 1n, 1e21],
  ] as const;
  const params = Array.from({ length: 230 }, (_, index) => ({ key: `p${index}`, value: `v"\\\n${index}` }));
  const tags = [
    { key: "a", value: "old" },
    { key: "a", value: "😀 new" },
  ];
  t.deepEqual(await settled(sink, packOf(1, [...odd, ...points], { params, tags })), DELIVERED);
  const end = { status: "FAILED", endTimeMs: 1_700_000_000_900 } as const;
  t.deepEqual(await settled(sink, packOf(2, [], { removedTags: ["a", "never"], end })), DELIVERED);
  const shown = await client.read(idOf(runId));
  t.like(shown, {
    experiment: start.experimentName,
    name: START.runName,
    status: "FAILED",
    start: START.startTimeMs,
    end: end.endTimeMs,
  });
  t.deepEqual(shown.params, Object.fromEntries(params.map(({ key, value }) => [key, value])));
  t.is(shown.tags["a"], undefined);
  t.is(shown.tags["stepwell.run_id"], runId);
  t.is(shown.tags["mlflow.source.name"], "train.py");
  const count = Object.values(shown.history).reduce((sum, history) => sum + history.length, 0);
  t.is(count, points.length + odd.length);
  t.deepEqual(
    shown.history["train/metric-3"],
    points
      .filter(([key]) => key === "train/metric-3")
      .map(([, step, ms, value]) => [String(step), String(ms), pythonText(value)]),
  );
  t.deepEqual(
    shown.history["odd"]?.map((point) => point.join(" ")).sort(),
    [
      "9007199254740993 5 nan",
      "-9223372036854775808 9007199254740993 0.1",
      "1 0 1.7976931348623157e+308",
      "2 0 5e-324",
    ].sort(),
  );
  t.deepEqual(shown.history["val/漢 é:1"], [["0", "1", "1e+21"]]);
}

/** As Python writes a double of ordinary size. */
function pythonText(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value).replace(/e-(\d)$/, "e-0$1");
}

test("a server on SQLite gets every point, param, tag and status as it was logged", (t) =>
  deliversAll(t, open()));

test("a server on PostgreSQL with two workers gets it all, too", (t) => deliversAll(t, onPostgres()));

test("what PostgreSQL has no room for is refused alone: a run's name; and for good: an experiment's", async (t) => {
  const { sink, client, idOf, runId, otherRunId, start, packOf } = await setUp(t, onPostgres());
  const named = { ...start, runName: "é".repeat(251), user: "u".repeat(257) };
  const outcome = await settled(sink, packOf(1, trainingPoints(0, 3), { start: named }));
  t.like(outcome, { kind: "delivered" });
  t.like(outcome.kind === "delivered" ? outcome.refused : [], [
    { kind: "tag", key: "mlflow.runName", value: named.runName, code: "STEPWELL_ENTRY_REFUSED" },
  ]);
  t.deepEqual(await settled(sink, packOf(2, [], { tags: [{ key: "a", value: "b" }] })), DELIVERED);
  const { tags, history } = await client.read(idOf(runId));
  t.like(tags, { "mlflow.user": named.user, "mlflow.source.name": start.sourceName, a: "b" });
  t.is(history["train/metric-0"]?.length, 3);
  t.is((await client.find(start.experimentName)).runs.length, 1);

  const unusable = { ...start, experimentName: "é".repeat(257) };
  t.like(await settled(sink, packOf(1, [], { runId: otherRunId, start: unusable })), {
    kind: "refused",
    code: "STEPWELL_EXPERIMENT_UNUSABLE",
  });
});

test("a server with basic authentication gets it all, too", (t) => deliversAll(t, closed(), ADMIN));

test("so does one with both: PostgreSQL and basic authentication", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const [database] = databases;
  if (!database) throw new Error("there is no PostgreSQL");
  const store = database.uriOf(await newDatabase(database));
  const server = await MlflowServer.start({ store, user: ADMIN });
  t.teardown(() => server.remove());
  const refused = await fetch(`${server.url}/api/2.0/mlflow/experiments/get-by-name?experiment_name=Default`);
  t.is(refused.status, 401, "it asks for them");
  await deliversAll(t, server, ADMIN);
});

test("a pack that comes again after a lost answer doubles nothing, and a run reopens", async (t) => {
  const { sink, client, idOf, runIds, runId, start, packOf } = await setUp(t, open());
  const send = (seq: number) => settled(sink, packOf(seq, trainingPoints(0, 20)));
  t.deepEqual(await send(1), DELIVERED);
  t.deepEqual(await send(1), DELIVERED);
  const again = restSink(t, open().url, { runIds });
  t.deepEqual(await settled(again, packOf(1, trainingPoints(0, 20))), DELIVERED);
  const killed = { status: "KILLED", endTimeMs: 5_000 } as const;
  t.deepEqual(await settled(sink, packOf(2, [], { end: killed })), DELIVERED);
  t.is((await client.read(idOf(runId))).status, "KILLED");
  t.deepEqual(await settled(sink, packOf(3, [], { end: { status: "RUNNING", endTimeMs: 0 } })), DELIVERED);
  const shown = await client.read(idOf(runId));
  t.is(shown.status, "RUNNING");
  t.is(shown.end, 5_000, "no call of MLflow's API takes it back");
  t.is(Object.values(shown.history).flat().length, 400);
  t.is((await client.find(start.experimentName)).runs.length, 1);
});

test("a child run has its parent's id on the server, and waits until that is there", async (t) => {
  const { sink, client, idOf, runId, otherRunId, start, packOf } = await setUp(t, open());
  const child = packOf(1, [], { runId: otherRunId, start: { ...start, parentRunId: runId } });
  t.like(await settled(sink, child), {
    kind: "retry",
    reason: `The parent run ${runId} is not made yet.`,
  });
  t.deepEqual(await settled(sink, packOf(1)), DELIVERED);
  t.deepEqual(await settled(sink, child), DELIVERED);
  t.is((await client.read(idOf(otherRunId))).tags["mlflow.parentRunId"], idOf(runId));
});

test("points of a logged model are with the model, also when they come again; those of none are refused", async (t) => {
  const { sink, client, idOf, runIds, runId, packOf } = await setUp(t, open());
  t.deepEqual(await settled(sink, packOf(1)), DELIVERED);
  const model = await client.makeModel(idOf(runId));
  const points = Array.from({ length: 250 }, (_, step) => ["auc", BigInt(step), 5n, step / 250] as const);
  const ofModel = (modelId: string) => ({ ...rowsOf(points), modelIds: [modelId] });
  t.deepEqual(await settled(sink, packOf(2, [], { metrics: ofModel(model) })), DELIVERED);
  const again = restSink(t, open().url, { runIds });
  t.deepEqual(await settled(again, packOf(2, [], { metrics: ofModel(model) })), DELIVERED);
  const found = await client.modelMetrics(model);
  t.is(found.length, 250);
  t.deepEqual(
    new Set(found.map(([, step]) => Number(step))),
    new Set(points.map(([, step]) => Number(step))),
  );
  t.is((await client.read(idOf(runId))).history["auc"]?.length, 250);

  const stray = packOf(3, [], { metrics: { ...rowsOf([["auc", 999n, 5n, 1]]), modelIds: ["m-none"] } });
  const outcome = await settled(sink, stray);
  t.like(outcome, { kind: "delivered", refused: [{ kind: "metric", key: "auc", modelId: "m-none" }] });
});

test("a param that another program gave another value is refused alone", async (t) => {
  const { sink, client, idOf, runId, packOf } = await setUp(t, open());
  t.deepEqual(await settled(sink, packOf(1)), DELIVERED);
  await client.write(idOf(runId));
  const params = [
    { key: "before", value: "1" },
    { key: "their", value: "ours" },
    { key: "after", value: "2" },
  ];
  const outcome = await settled(
    sink,
    packOf(2, trainingPoints(0, 3), { params, tags: [{ key: "t", value: "v" }] }),
  );
  t.like(outcome, { kind: "delivered" });
  const refused = outcome.kind === "delivered" ? outcome.refused : [];
  t.is(refused.length, 1);
  t.like(refused[0], { kind: "param", key: "their", value: "ours", code: "STEPWELL_PARAM_CHANGED" });
  const shown = await client.read(idOf(runId));
  t.like(shown.params, { before: "1", their: "p", after: "2" });
  t.is(shown.tags["t"], "v");
  t.is(shown.history["train/metric-0"]?.length, 3);
});
