/** What `runs show` and `runs list` tell of runs at a server: also of many points, of many runs, and while it is away. */
import { readFileSync, writeFileSync } from "node:fs";
import ava, { type ExecutionContext } from "ava";
import { openClients } from "../../src/cli/daemon/client.js";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import type { BackendRun } from "../../src/model/target.js";
import type { Run } from "../../src/runs/run.js";
import { openStore } from "../../src/store/store.js";
import { TABLES } from "../../src/store/tables.js";
import type { ScratchHome } from "../support/home.js";
import { homeAtServer } from "../support/home-at-server.js";
import { serverForAll } from "../support/mlflow-server.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { ScriptedMlflow } from "../support/scripted-mlflow.js";
import { serialTestWith } from "../support/test-with.js";
import { until } from "../support/until.js";

const test = serialTestWith(MLFLOW_3);
const server = serverForAll(ava);

const FINISHED = { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 9_000n };
const ANSWER_MS_MAX = 110_000;

async function running(t: ExecutionContext, url: string) {
  const { home, daemon } = await homeAtServer(t, url);
  const producer = new RawProducer(daemon.endpoint.endpoint);
  producer.hello();
  return { home, daemon, producer };
}

async function flushed(t: ExecutionContext, home: ScratchHome): Promise<void> {
  const { code, stderr } = await home.here(["flush", "--timeout=500"]);
  t.is(code, 0, stderr);
}

/** What GetRunData says of a run, with curves of up to so many points. */
async function dataOf(t: ExecutionContext, endpoint: string, runId: string, curvePoints: number) {
  const clients = openClients(endpoint);
  t.teardown(() => clients.close());
  const request = { runId, curves: 5, curvePoints, curveKeys: [] };
  const { metrics, ...others } = await clients.call(
    clients.runs.getRunData.bind(clients.runs),
    request,
    30_000,
  );
  return { ...others, metrics: new Map(metrics.map((metric) => [metric.key, metric])) };
}

test("a curve of 25,000 points at a server is drawn evenly to its end; without the server what is known is, and that is said", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const { home, daemon, producer } = await running(t, server().url);
  const { endpoint } = daemon.endpoint;
  const runId = newRunId();
  const start = { runStart: startOf(), params: [{ key: "lr", value: "0.1" }] };
  producer.batch(1, runId, { ...start, metrics: pointsOf("loss", 25_000) });
  producer.batch(2, runId, { metrics: pointsOf("short", 3) });
  await producer.acknowledged(2);
  await flushed(t, home);

  const whole = await dataOf(t, endpoint, runId, 80);
  t.like(whole, { tracker: "remote", missing: "" });
  isEven(t, whole.metrics.get("loss")?.curveSteps ?? [], 25_000, 80);
  t.deepEqual(whole.metrics.get("short")?.curveValues, [0, 1, 2]);
  const drawn = await home.here(["runs", "show", runId, "--curve=loss"]);
  t.regex(drawn.stdout, /24,?999/, drawn.stderr);

  await server().kill();
  producer.batch(3, runId, { metrics: pointsOf("late", 2) });
  await producer.acknowledged(3);
  const known = await dataOf(t, endpoint, runId, 80);
  t.regex(known.missing, /^remote can't be asked now: this is what is known here \(/);
  t.is(known.tracker, "");
  t.deepEqual(known.params, [{ key: "lr", value: "0.1" }]);
  t.is(known.metrics.get("loss")?.value, 24_999);
  isEven(t, known.metrics.get("loss")?.curveSteps ?? [], 25_000, 80);
  t.deepEqual(known.metrics.get("late")?.curveSteps, [0n, 1n]);
  const search = ["runs", "list", "--filter=metrics.loss > 24998 and params.lr = '0.1'", "-o", "json"];
  const away = await home.here(search);
  t.is(away.code, 0, away.stderr);
  t.regex(away.stderr, /^remote can't be asked now: its runs are as they are known here\.\n$/);
  t.like(JSON.parse(away.stdout) as object[], [
    { run_id: runId, "metrics.loss": 24_999, "params.lr": "0.1" },
  ]);

  await server().restart();
  await flushed(t, home);
  // For a moment nobody asks a server that has just been found away.
  const back = await until(
    "the server is asked again",
    () => home.here(search),
    ({ stderr }) => stderr === "",
  );
  t.is(back.stdout.includes(runId), true);
  const none = await home.here(["runs", "list", "--filter=metrics.loss > 24999", "-o", "json"]);
  t.deepEqual(JSON.parse(none.stdout), []);
});

/** Steps rise, from the first to the last, without a hole of more than a few pieces. */
function isEven(t: ExecutionContext, steps: readonly bigint[], count: number, most: number): void {
  t.is(steps[0], 0n);
  t.is(steps.at(-1), BigInt(count - 1));
  t.true(steps.length <= most && steps.length > most / 2, `${steps.length} points`);
  const apart = steps.slice(1).map((step, index) => Number(step - (steps[index] ?? 0n)));
  t.true(Math.min(...apart) > 0 && Math.max(...apart) < (4 * count) / most, String(steps));
}

const RUNS = 10_000;
/** Each of these has some kilobytes at the server. */
const PARAMS = Array.from({ length: 20 }, (_, index) => ({ key: `p${index}`, value: "x".repeat(100) }));
const MEMORY_MB_MAX = 250;

/** What a process takes at most while something is done, above what it took before; in MB, and 0 where no system tells. */
async function growthOf<Value>(pid: number, work: () => Promise<Value>): Promise<[Value, number]> {
  if (process.platform !== "linux") return [await work(), 0];
  const megabytes = (name: string) =>
    Number(
      new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1],
    ) / 1024;
  // The highest is counted from here.
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
  const before = megabytes("VmRSS");
  const value = await work();
  return [value, megabytes("VmHWM") - before];
}

/**
 * Brings runs of one record each to the server as a daemon would have: 30,000 requests of it are 30 s of the processor,
 * and no part of what is tested.
 */
async function deliverByHand(home: ScratchHome, { store }: ScriptedMlflow, runIds: string[]): Promise<void> {
  const ask = (endpoint: string, body: object) => {
    const answer = store.answer("POST", endpoint, new URLSearchParams(), JSON.stringify(body));
    if (answer.status !== 200) throw new Error(answer.body);
    return JSON.parse(answer.body) as { experiment_id: string; run: { info: { run_id: string } } };
  };
  const { experiment_id: experimentId } = ask("experiments/create", { name: "Default" });
  const state = await openStore(home.paths.stateFolder);
  const runs = new Map((await state.list<Run>(TABLES.run)).map(({ value }) => [value.runId, value]));
  const rows = runIds.flatMap((runId, index) => {
    const run = runs.get(runId);
    const [target] = run?.targets ?? [];
    if (!run || !target) throw new Error(`${runId} is not of the tracker`);
    const tags = [{ key: "stepwell.run_id", value: runId }];
    const mlflowRunId = ask("runs/create", { experiment_id: experimentId, tags }).run.info.run_id;
    const metrics = [{ key: "loss", value: index + 1, timestamp: 1_000, step: 1 }];
    const params = [{ key: "lr", value: `${(index + 1) % 7}` }, ...PARAMS];
    ask("runs/log-batch", { run_id: mlflowRunId, metrics, params });
    ask("runs/update", { run_id: mlflowRunId, status: "FINISHED", end_time: 9_000 });
    const known: BackendRun = { kind: "known", mlflowRunId, experimentId, url: "" };
    const delivered = { [target.trackerId]: { seq: index + 1, points: 1, bytes: 1 } };
    return [
      { table: TABLES.run, key: runId, value: { ...run, delivered } satisfies Run },
      { table: TABLES.backendRun, key: `${runId}.${target.trackerId}`, value: known },
      { table: TABLES.runAlias, key: mlflowRunId, value: runId },
    ];
  });
  await state.write(rows, { sync: true });
  await state.close();
}

test("ten thousand runs at a server are searched and sorted in bounded time and memory, also while it says nothing", async (t) => {
  t.timeout(600_000);
  const scripted = await ScriptedMlflow.start(t);
  const { home, daemon: first, producer: logger } = await running(t, scripted.url);
  let isAway = true;
  scripted.rule(() => (isAway ? "break-before" : undefined));
  const runIds = Array.from({ length: RUNS }, newRunId);
  for (let index = 1; index <= RUNS; index++)
    logger.batch(index, runIds[index - 1] ?? "", {
      runStart: startOf(),
      params: [{ key: "lr", value: `${index % 7}` }, ...PARAMS.slice(0, 2)],
      metrics: [{ key: "loss", steps: [1n], timestampsMs: [1_000n], values: [index], modelId: "" }],
      runEnd: FINISHED,
    });
  await logger.acknowledged(RUNS);
  // It would wait for the server.
  await first.end("SIGKILL");
  await deliverByHand(home, scripted, runIds);
  isAway = false;
  const daemon = await home.startDaemon();
  const producer = new RawProducer(daemon.endpoint.endpoint);
  producer.hello();
  await flushed(t, home);
  t.is(scripted.of("runs/create").length, 0, "all is there");
  const pid = daemon.child.pid ?? 0;
  const ask = async (...more: string[]) => {
    const beganMs = performance.now();
    const words = ["runs", "list", "--limit=10000", "-o", "json", ...more];
    const [{ code, stdout, stderr }, grownMb] = await growthOf(pid, () => home.here(words));
    t.is(code, 0, stderr);
    const tookMs = performance.now() - beganMs;
    t.log(
      `${more.join(" ") || "all"}: ${Math.round(tookMs)} ms, ${Math.round(grownMb)} MB more of the daemon`,
    );
    t.true(tookMs < ANSWER_MS_MAX, `${more.join(" ")} took ${tookMs} ms`);
    t.true(grownMb < MEMORY_MB_MAX, `${more.join(" ")}: ${grownMb} MB more`);
    const values = (JSON.parse(stdout) as Record<string, unknown>[]).map((run) => run["metrics.loss"]);
    return { values, stderr };
  };
  t.is((await ask()).values.length, RUNS);
  const search = ["--filter=metrics.loss > 2000 and params.lr = '3'", "--order-by=metrics.loss DESC"];
  const wanted = Array.from({ length: RUNS }, (_, index) => RUNS - index).filter(
    (loss) => loss > 2_000 && loss % 7 === 3,
  );
  t.deepEqual(await ask(...search), { values: wanted, stderr: "" });
  producer.batch(1, newRunId(), { runStart: startOf(), runEnd: FINISHED });
  await producer.acknowledged(1);
  await flushed(t, home);
  scripted.rule(() => "hang");
  const away = await ask(...search);
  t.is(
    away.stderr,
    "The 10000 newest runs were looked at, and 1 older one not. " +
      "remote can't be asked now: its runs are as they are known here.\n",
  );
  t.deepEqual(away.values, wanted);
});
