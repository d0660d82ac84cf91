/** The whole way from a client's stream to a real `mlflow server`, with faults on it. */
import { setTimeout as sleep } from "node:timers/promises";
import ava, { type ExecutionContext } from "ava";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { RealMlflow, type ShownRun } from "../sinks/mlflow-sqlite/real-mlflow.js";
import type { ScratchHome } from "../support/home.js";
import { homeAtServer } from "../support/home-at-server.js";
import { serverForAll } from "../support/mlflow-server.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { serialTestWith } from "../support/test-with.js";

const test = serialTestWith(MLFLOW_3);
const server = serverForAll(ava);

interface RunJson {
  readonly status: string;
  readonly deliveries: readonly {
    readonly mlflow_run_id: string;
    readonly mlflow_experiment_id: string;
    readonly experiment_tracker_url: string;
    readonly delivered_points: number;
  }[];
}

async function setUp(t: ExecutionContext) {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  return await homeAtServer(t, server().url);
}

const begin = (experimentName: string) => ({ ...startOf(), experimentName }) as ReturnType<typeof startOf>;
const FINISHED = { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 9_000n };

async function flushed(t: ExecutionContext, home: ScratchHome): Promise<void> {
  const result = await home.here(["flush", "--timeout=500"]);
  t.is(result.code, 0, result.stderr);
}

async function mlflowIdOf(home: ScratchHome, runId: string): Promise<string> {
  const run = (await home.json(["runs", "show", runId])) as RunJson;
  return run.deliveries[0]?.mlflow_run_id ?? "";
}

/** Every point of one metric is there once, in order. */
function hasAll(t: ExecutionContext, shown: ShownRun, key: string, count: number): void {
  const wanted = Array.from({ length: count }, (_, index) => [`${index}`, `${1000 + index}`, `${index}.0`]);
  t.deepEqual(shown.history[key], wanted);
}

test("a server that is away at the start, in the middle and at the end of a run costs nothing", async (t) => {
  const { home, daemon } = await setUp(t);
  const { endpoint } = daemon.endpoint;
  const experiment = `outage ${newRunId()}`;
  await server().kill();
  const producer = new RawProducer(endpoint);
  const runId = newRunId();
  producer.hello();
  producer.batch(1, runId, { runStart: begin(experiment), params: [{ key: "lr", value: "0.1" }] });
  producer.batch(2, runId, { metrics: pointsOf("early", 1_500) });
  await producer.acknowledged(2);
  t.is((await home.here(["flush", "--timeout=1"])).code, 4, "it is not drained while the server is away");
  t.like((await home.json(["runs", "show", runId])) as RunJson, {
    deliveries: [{ mlflow_run_id: "", experiment_tracker_url: server().url }],
  });
  await server().restart();
  await flushed(t, home);
  await server().kill();
  producer.batch(3, runId, { metrics: pointsOf("late", 700) });
  producer.batch(4, runId, { tags: [{ key: "phase", value: "done" }], runEnd: FINISHED });
  await producer.acknowledged(4);
  await server().restart();
  await flushed(t, home);
  const client = await RealMlflow.at(t, MLFLOW_3, server().url);
  const run = (await home.json(["runs", "show", runId])) as RunJson;
  const [delivery] = run.deliveries;
  t.is(
    delivery?.experiment_tracker_url,
    `${server().url}/#/experiments/${delivery?.mlflow_experiment_id}/runs/${delivery?.mlflow_run_id}`,
  );
  const shown = await client.read(delivery?.mlflow_run_id ?? "");
  t.like(shown, { experiment, status: "FINISHED", end: 9_000, params: { lr: "0.1" } });
  t.is(shown.tags["phase"], "done");
  hasAll(t, shown, "early", 1_500);
  hasAll(t, shown, "late", 700);
  t.is((await client.find(experiment)).runs.length, 1);
});

test("30 runs at once reach a server with one worker, each once and whole", async (t) => {
  const { home, daemon } = await setUp(t);
  const { endpoint } = daemon.endpoint;
  const experiment = `crowd ${newRunId()}`;
  const runIds = Array.from({ length: 30 }, newRunId);
  const producers = runIds.map((runId) => {
    const producer = new RawProducer(endpoint);
    producer.hello();
    producer.batch(1, runId, { runStart: begin(experiment), metrics: pointsOf("loss", 1000) });
    producer.batch(2, runId, { metrics: pointsOf("acc", 400), runEnd: FINISHED });
    return producer;
  });
  for (const producer of producers) await producer.acknowledged(2);
  while ((await home.here(["flush", "--timeout=30"])).code === 4) t.log("still draining");
  const client = await RealMlflow.at(t, MLFLOW_3, server().url);
  t.is((await client.find(experiment)).runs.length, 30);
  for (const runId of runIds) {
    const shown = await client.read(await mlflowIdOf(home, runId));
    t.is(shown.status, "FINISHED");
    hasAll(t, shown, "loss", 1000);
    hasAll(t, shown, "acc", 400);
  }
});

test("SIGKILL of the daemon and of the server in mid-request doubles no run and no point, and loses none", async (t) => {
  const { home, daemon: first } = await setUp(t);
  let daemon = first;
  const experiment = `kills ${newRunId()}`;
  const runIds = Array.from({ length: 4 }, newRunId);
  const producer = new RawProducer(daemon.endpoint.endpoint);
  producer.hello();
  let sequence = 0;
  for (const runId of runIds) {
    producer.batch(++sequence, runId, { runStart: begin(experiment) });
    for (let part = 0; part < 10; part++)
      producer.batch(++sequence, runId, { metrics: pointsOf(`m${part}`, 900) });
    producer.batch(++sequence, runId, { runEnd: FINISHED });
  }
  await producer.acknowledged(sequence);
  for (let kill = 0; kill < 4; kill++) {
    await sleep(150 + 250 * kill);
    if (kill === 1) {
      await server().kill();
      await server().restart();
    }
    await daemon.end("SIGKILL");
    daemon = await home.startDaemon();
  }
  while ((await home.here(["flush", "--timeout=30"])).code === 4) t.log("still draining");
  const client = await RealMlflow.at(t, MLFLOW_3, server().url);
  t.is((await client.find(experiment)).runs.length, runIds.length, "no run is there twice");
  for (const runId of runIds) {
    const shown = await client.read(await mlflowIdOf(home, runId));
    t.is(shown.status, "FINISHED");
    for (let part = 0; part < 10; part++) hasAll(t, shown, `m${part}`, 900);
  }
});
