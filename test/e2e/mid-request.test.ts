/**
 * The whole way of a step, from StartStep to FinishStep, to real servers on PostgreSQL and with
 * basic authentication; and the daemon, the server and the step killed while a request is under
 * way, which a proxy in between knows.
 */
import { setTimeout as sleep } from "node:timers/promises";
import ava, { type ExecutionContext } from "ava";
import { RealMlflow, type ShownRun } from "../sinks/mlflow-sqlite/real-mlflow.js";
import { GateProxy } from "../support/gate-proxy.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { newDatabase, startMlflowPostgres } from "../support/mlflow-postgres.js";
import { type MlflowUser, serverForAll } from "../support/mlflow-server.js";
import type { Postgres } from "../support/postgres.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../support/python-environment.js";
import { identityOf, idleProcess, StepsClient, stepOf } from "../support/steps-client.js";
import { serialTestWith } from "../support/test-with.js";
import { until } from "../support/until.js";

const test = serialTestWith(MLFLOW_3);
const ADMIN: MlflowUser = { username: "admin", password: "Correct-Horse-9" };
const databases: Postgres[] = [];
const onPostgres = serverForAll(ava, async () => {
  const database = await startMlflowPostgres();
  databases.push(database);
  const store = database.uriOf(await newDatabase(database));
  return { store, workers: 2 };
});
const closed = serverForAll(ava, () => ({ user: ADMIN }));
ava.after.always(async () => {
  for (const database of databases) await database.remove();
});

const KINDS = [
  { kind: "PostgreSQL", server: onPostgres, user: undefined },
  { kind: "basic authentication", server: closed, user: ADMIN },
] as const;

/** A home whose only tracker, "remote", is the server behind a proxy. */
async function setUp(t: ExecutionContext, { server, user }: (typeof KINDS)[number]) {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const { url } = server();
  const proxy = await GateProxy.start(t, url);
  const home = await scratchHome(t);
  const daemon = await home.startDaemon();
  if (user) await home.json(["secret", "create", "s", `--user=${user.username}`, `--pass=${user.password}`]);
  await home.json([
    ...["experiment-tracker", "register", "remote", "--flavor=mlflow", `--tracking_uri=${proxy.url}`],
    ...(user ? ["--tracking_username={{s.user}}", "--tracking_password={{s.pass}}"] : ["--auth=none"]),
  ]);
  await home.json(["stack", "register", "remote", "-e", "remote", "--set"]);
  const env: Record<string, string> = user
    ? { MLFLOW_TRACKING_USERNAME: user.username, MLFLOW_TRACKING_PASSWORD: user.password }
    : {};
  const client = await RealMlflow.at(t, MLFLOW_3, url, env);
  return { home, daemon, proxy, client, experiment: `of ${newRunId()}` };
}

const stepIn = (experimentName: string, pid: number) =>
  stepOf({
    experimentTrackers: ["remote"],
    stepSettings: [{ key: "experiment_tracker.mlflow", experimentName, nested: false, tags: { a: "b" } }],
    process: identityOf(pid),
  });

async function drain(t: ExecutionContext, home: ScratchHome): Promise<void> {
  for (let code = 4; code === 4; ) {
    ({ code } = await home.here(["flush", "--timeout=30"]));
    t.true([0, 4].includes(code), `flush ended with ${code}`);
  }
}

/** The experiment's only run, as the server has it. */
async function onlyRun(t: ExecutionContext, client: RealMlflow, experiment: string): Promise<ShownRun> {
  const { runs } = await client.find(experiment);
  t.is(runs.length, 1, "no run is there twice");
  return await client.read(runs[0] ?? "");
}

/** Every point of a metric is there once. */
function hasAll(t: ExecutionContext, { history }: ShownRun, key: string, count: number): void {
  const wanted = Array.from({ length: count }, (_, index) => [`${index}`, `${1000 + index}`, `${index}.0`]);
  t.deepEqual(history[key], wanted);
}

for (const row of KINDS) {
  test(`a step on a server with ${row.kind} outlives SIGKILL of the daemon and the server in mid-request, each entry once`, async (t) => {
    const { home, daemon: first, proxy, client, experiment } = await setUp(t, row);
    const step = stepIn(experiment, idleProcess(t).pid);
    let daemon = first;
    let producer = new RawProducer(daemon.endpoint.endpoint);
    let epoch = 1n;
    const killDaemon = async () => {
      await daemon.end("SIGKILL");
      daemon = await home.startDaemon();
      producer = new RawProducer(daemon.endpoint.endpoint, producer.producerId);
      producer.hello({ epoch: ++epoch });
      await producer.answer("welcome");
    };

    const creation = proxy.trap("runs/create");
    const [tracking] = (await new StepsClient(t, daemon.endpoint.endpoint).start(step)).trackings;
    const runId = tracking?.runId ?? "";
    await creation.underWay;
    await killDaemon();

    let sequence = 0;
    const log = async (entries: Parameters<typeof producer.batch>[2]) => {
      producer.batch(++sequence, runId, entries);
      await producer.acknowledged(sequence);
    };
    await log({ params: [{ key: "lr", value: "0.1" }] });
    await drain(t, home);
    // In the midst of its work, unless it is too quick for that.
    let isAnswered = true;
    for (const afterMs of [40, 10, 0]) {
      const batch = proxy.trap("runs/log-batch");
      await log({ metrics: pointsOf(`killed after ${afterMs}`, 1_000) });
      await batch.underWay;
      await sleep(afterMs);
      ({ isAnswered } = batch);
      await row.server().kill();
      await row.server().restart();
      batch.release();
      if (!isAnswered) break;
      await drain(t, home);
    }
    t.false(isAnswered, "the server was killed while it had the request");

    const batch = proxy.trap("runs/log-batch");
    await log({ metrics: pointsOf("two", 1_000) });
    await batch.underWay;
    await killDaemon();

    const end = proxy.trap("runs/update");
    await log({ metrics: pointsOf("three", 300), tags: [{ key: "phase", value: "done" }] });
    await new StepsClient(t, daemon.endpoint.endpoint).finish(step, "FINISHED", 9_000n);
    await end.underWay;
    await killDaemon();
    await drain(t, home);

    const shown = await onlyRun(t, client, experiment);
    t.like(shown, { status: "FINISHED", end: 9_000, params: { lr: "0.1" } });
    t.like(shown.tags, { a: "b", phase: "done" });
    for (const key of Object.keys(shown.history)) hasAll(t, shown, key, key === "three" ? 300 : 1_000);
    t.is(Object.keys(shown.history).length, sequence - 1);
  });

  test(`a step that is killed in mid-request on a server with ${row.kind} ends as KILLED, behind all that it logged`, async (t) => {
    const { home, daemon, proxy, client, experiment } = await setUp(t, row);
    const child = idleProcess(t);
    const { endpoint } = daemon.endpoint;
    const [tracking] = (await new StepsClient(t, endpoint).start(stepIn(experiment, child.pid))).trackings;
    const producer = new RawProducer(endpoint);
    producer.hello({ process: identityOf(child.pid) });
    const batch = proxy.trap("runs/log-batch");
    producer.batch(1, tracking?.runId ?? "", { metrics: pointsOf("loss", 1_000) });
    producer.batch(2, tracking?.runId ?? "", { metrics: pointsOf("acc", 1_500) });
    await producer.acknowledged(2);
    await batch.underWay;
    child.kill("SIGKILL");
    producer.cut();
    batch.release();
    const reasonOf = ({ tags }: ShownRun) => tags["stepwell.end_reason"] ?? "";
    // Two requests: the reason is a tag.
    const shown = await until(
      "the run has ended, with a reason",
      async () => {
        await drain(t, home);
        return onlyRun(t, client, experiment);
      },
      (run) => run.status !== "RUNNING" && reasonOf(run) !== "",
    );
    t.is(shown.status, "KILLED");
    t.regex(reasonOf(shown), new RegExp(`^The process ${child.pid} is gone`));
    hasAll(t, shown, "loss", 1_000);
    hasAll(t, shown, "acc", 1_500);
  });
}

test("a database that goes while a server writes to it, and comes back, costs no entry and doubles none", async (t) => {
  const { home, daemon, proxy, client, experiment } = await setUp(t, KINDS[0]);
  const [database] = databases;
  const producer = new RawProducer(daemon.endpoint.endpoint);
  producer.hello();
  const batch = proxy.trap("runs/log-batch");
  const runIds = [newRunId(), newRunId(), newRunId()];
  for (const [index, runId] of runIds.entries()) {
    const runStart = { ...startOf(), experimentName: experiment } as ReturnType<typeof startOf>;
    producer.batch(2 * index + 1, runId, { runStart, metrics: pointsOf("one", 1_000) });
    producer.batch(2 * index + 2, runId, {
      metrics: pointsOf("two", 1_000),
      tags: [{ key: "a", value: "b" }],
    });
  }
  await producer.acknowledged(2 * runIds.length);
  await batch.underWay;
  await database?.end();
  batch.release();
  await until(
    "nine answers that the server failed",
    () => proxy.answers.map(({ status }) => status),
    (statuses) => statuses.filter((status) => status >= 500).length >= 9,
  );
  await database?.begin();
  await drain(t, home);
  const { runs } = await client.find(experiment);
  t.is(runs.length, runIds.length);
  for (const run of runs) {
    const shown = await client.read(run);
    hasAll(t, shown, "one", 1_000);
    hasAll(t, shown, "two", 1_000);
    t.is(shown.tags["a"], "b");
  }
});

test("what PostgreSQL has no room for becomes dead letters, and other lanes and entries go on", async (t) => {
  const { home, daemon, client, experiment } = await setUp(t, KINDS[0]);
  const producer = new RawProducer(daemon.endpoint.endpoint);
  producer.hello();
  const runs = [
    { experimentName: experiment, runName: "é".repeat(251) },
    { experimentName: `${experiment} ${"é".repeat(250)}`, runName: "of no experiment" },
    { experimentName: experiment, runName: "good" },
  ];
  for (const [index, names] of runs.entries()) {
    const runStart = { ...startOf(), ...names } as ReturnType<typeof startOf>;
    producer.batch(index + 1, newRunId(), { runStart, metrics: pointsOf("loss", 20) });
  }
  await producer.acknowledged(runs.length);
  t.is((await home.here(["flush", "--timeout=500"])).code, 5, "drained, with dead letters");
  const letters = (await home.json(["dead-letter", "list"])) as { code: string; entries: number }[];
  t.deepEqual(letters.map(({ code, entries }) => `${code} ${entries}`).sort(), [
    "STEPWELL_ENTRY_REFUSED 1",
    "STEPWELL_EXPERIMENT_UNUSABLE 21",
  ]);
  const found = await client.find(experiment);
  t.is(found.runs.length, 2);
  for (const id of found.runs) hasAll(t, await client.read(id), "loss", 20);
});
