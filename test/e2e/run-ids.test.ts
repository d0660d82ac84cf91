/** One run, by whichever id it is asked for: ours, the server's, or one that somebody else began. */
import ava, { type ExecutionContext } from "ava";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { RealMlflow } from "../sinks/mlflow-sqlite/real-mlflow.js";
import type { ScratchHome } from "../support/home.js";
import { homeAtServer } from "../support/home-at-server.js";
import { serverForAll } from "../support/mlflow-server.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { serialTestWith } from "../support/test-with.js";

const test = serialTestWith(MLFLOW_3);
const server = serverForAll(ava);

const GOES_ON = { status: RunStatus.RUN_STATUS_RUNNING, endTimeMs: 0n };
const FINISHED = { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 9_000n };

async function homeHere(t: ExecutionContext): Promise<ScratchHome> {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  return (await homeAtServer(t, server().url)).home;
}

type Entries = Parameters<RawProducer["batch"]>[2];

/** One client's batches, acknowledged and delivered. */
async function log(
  t: ExecutionContext,
  home: ScratchHome,
  batches: readonly [runId: string, entries: Entries][],
): Promise<void> {
  const producer = new RawProducer(await home.startDaemonOrFind());
  producer.hello();
  for (const [index, [runId, entries]] of batches.entries()) producer.batch(index + 1, runId, entries);
  await producer.acknowledged(batches.length);
  t.deepEqual(
    producer.answers.filter(({ $case }) => $case === "rejection"),
    [],
  );
  producer.close();
  const flushed = await home.here(["flush", "--timeout=500"]);
  t.is(flushed.code, 0, flushed.stderr);
}

async function mlflowIdOf(home: ScratchHome, runId: string): Promise<string> {
  const run = (await home.json(["runs", "show", runId])) as { deliveries: { mlflow_run_id: string }[] };
  return run.deliveries[0]?.mlflow_run_id ?? "";
}

const begin = (experimentName: string, parentRunId = "") =>
  ({ ...startOf(), experimentName, parentRunId }) as ReturnType<typeof startOf>;

test("a run goes on by the id that MLflow shows: it is the same run, also for commands", async (t) => {
  const home = await homeHere(t);
  const experiment = `resumed ${newRunId()}`;
  const runId = newRunId();
  await log(t, home, [
    [runId, { runStart: begin(experiment), metrics: pointsOf("loss", 3), runEnd: FINISHED }],
  ]);
  const shownId = await mlflowIdOf(home, runId);
  t.not(shownId, runId);
  await log(t, home, [
    [shownId, { runStart: begin(experiment), runEnd: GOES_ON }],
    [shownId, { metrics: pointsOf("accuracy", 2) }],
    [shownId, { params: [{ key: "again", value: "yes" }], runEnd: FINISHED }],
  ]);
  const client = await RealMlflow.at(t, MLFLOW_3, server().url);
  t.deepEqual((await client.find(experiment)).runs, [shownId]);
  const run = await client.read(shownId);
  t.is(run.history["loss"]?.length, 3);
  t.is(run.history["accuracy"]?.length, 2);
  t.deepEqual(run.params, { again: "yes" });
  t.is(run.status, "FINISHED");
  t.is(((await home.json(["runs", "show", shownId])) as { run_id: string }).run_id, runId);
  t.is(((await home.json(["runs", "list"])) as unknown[]).length, 1);
  t.is((await home.here(["dead-letter", "list", "--run", shownId])).code, 0);
});

test("a parent's id is the server's there, whether a start or a tag names it, and by whichever id", async (t) => {
  const home = await homeHere(t);
  const experiment = `parents ${newRunId()}`;
  const [parent, byTag, byStart] = [newRunId(), newRunId(), newRunId()];
  await log(t, home, [
    [byTag, { runStart: begin(experiment), tags: [{ key: "mlflow.parentRunId", value: parent }] }],
    [parent, { runStart: begin(experiment) }],
  ]);
  const shownId = await mlflowIdOf(home, parent);
  await log(t, home, [[byStart, { runStart: begin(experiment, shownId) }]]);
  const client = await RealMlflow.at(t, MLFLOW_3, server().url);
  for (const child of [byTag, byStart])
    t.is((await client.read(await mlflowIdOf(home, child))).tags["mlflow.parentRunId"], shownId);
});

test("a run that MLflow's own client began goes on by its id", async (t) => {
  const home = await homeHere(t);
  const experiment = `theirs ${newRunId()}`;
  const runId = newRunId();
  await log(t, home, [[runId, { runStart: begin(experiment), metrics: pointsOf("loss", 1) }]]);
  const client = await RealMlflow.at(t, MLFLOW_3, server().url);
  const { own } = await client.write(await mlflowIdOf(home, runId));
  await log(t, home, [[own, { runStart: begin(experiment), runEnd: GOES_ON, metrics: pointsOf("ours", 2) }]]);
  t.is((await client.find(experiment)).runs.length, 2);
  const run = await client.read(own);
  t.is(run.history["ours"]?.length, 2);
  t.is(run.history["loss"]?.length, 1);
  t.is(run.status, "RUNNING");
});

test("one run id from two homes is one run, whoever is at the server first", async (t) => {
  const [first, second] = [await homeHere(t), await homeHere(t)];
  const experiment = `shared ${newRunId()}`;
  const runId = newRunId();
  const goesOn = log(t, second, [
    [runId, { runStart: begin(experiment), runEnd: GOES_ON, metrics: pointsOf("second", 2) }],
  ]);
  await log(t, first, [[runId, { runStart: begin(experiment), metrics: pointsOf("first", 2) }]]);
  await goesOn;
  const client = await RealMlflow.at(t, MLFLOW_3, server().url);
  const { runs } = await client.find(experiment);
  t.is(runs.length, 1);
  const run = await client.read(runs[0] ?? "");
  t.is(run.history["first"]?.length, 2);
  t.is(run.history["second"]?.length, 2);
});
