/** Runs whose process is gone, and runs whose process only looks gone, through the real daemon. */
import { setTimeout as sleep } from "node:timers/promises";
import anyTest, { type ExecutionContext } from "ava";
import type { ProcessIdentity } from "../../src/gen/stepwell/v1/types.js";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { query } from "../sinks/mlflow-sqlite/database.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { identityOf, idleProcess, newId, StepsClient, stepOf } from "../support/steps-client.js";
import { until } from "../support/until.js";

// One after the other: each starts processes.
const test = anyTest.serial;

async function setUp(t: ExecutionContext) {
  const home = await scratchHome(t);
  await home.json(["experiment-tracker", "register", "tracker", "--flavor=mlflow"]);
  await home.json(["stack", "register", "local", "-e", "tracker", "--set"]);
  const endpoint = await home.startDaemonOrFind();
  return { home, endpoint, path: `${home.paths.artifactStoreFolder}/mlflow.db` };
}

/** A run that a process has begun, with a point logged. */
async function runOf(endpoint: string, process: ProcessIdentity) {
  const producer = new RawProducer(endpoint);
  const runId = newRunId();
  producer.hello({ process });
  producer.batch(1, runId, { runStart: startOf(), metrics: pointsOf("loss", 3) });
  await producer.acknowledged(1);
  return { producer, runId };
}

const standing = (path: string, runId: string) =>
  query(
    path,
    "SELECT status, (SELECT value FROM tags WHERE run_uuid = r.run_uuid AND key = 'stepwell.end_reason') FROM runs r WHERE run_uuid = ?",
    runId,
  )[0];

/** The run's row of the store, once it has the status. */
const untilStatus = (home: ScratchHome, path: string, runId: string, status: string) =>
  until(
    `the run is ${status}`,
    async () => {
      await home.here(["flush"]);
      return standing(path, runId);
    },
    (row) => row?.[0] === status,
  );

test("a run whose process is killed ends as KILLED with the reason, after all that was logged", async (t) => {
  const { home, endpoint, path } = await setUp(t);
  const child = idleProcess(t);
  const { producer, runId } = await runOf(endpoint, identityOf(child.pid));
  // A forked child may hold the stream for as long as it likes: the stream stays open here.
  child.kill("SIGKILL");
  const [status, reason] = (await untilStatus(home, path, runId, "KILLED")) as [string, string];
  t.is(status, "KILLED");
  t.regex(reason, new RegExp(`^The process ${child.pid} is gone`));
  t.deepEqual(query(path, "SELECT count(*) FROM metrics WHERE run_uuid = ?", runId), [["3"]]);
  producer.cut();
});

test("a stopped process and one without a stream keep their runs, also over a restart of the daemon", async (t) => {
  const { home, endpoint, path } = await setUp(t);
  const [stopped, silent] = [idleProcess(t), idleProcess(t)];
  const one = await runOf(endpoint, identityOf(stopped.pid));
  const two = await runOf(endpoint, identityOf(silent.pid));
  stopped.kill("SIGSTOP");
  one.producer.cut();
  two.producer.cut();
  await sleep(6_000);
  await home.here(["daemon", "stop"]);
  await home.startDaemonOrFind();
  await sleep(4_000);
  await home.here(["flush"]);
  t.deepEqual(standing(path, one.runId), ["RUNNING", null]);
  t.deepEqual(standing(path, two.runId), ["RUNNING", null]);
  // The daemon that came after knows whom to watch.
  silent.kill("SIGKILL");
  t.like(await untilStatus(home, path, two.runId, "KILLED"), { 0: "KILLED" });
  t.deepEqual(standing(path, one.runId), ["RUNNING", null]);
});

test("a process that dies while the daemon is down is noticed by the next one; a reused pid deceives nobody", async (t) => {
  const { home, endpoint, path } = await setUp(t);
  const [dying, other] = [idleProcess(t), idleProcess(t)];
  const { runId } = await runOf(endpoint, identityOf(dying.pid));
  const reused = await runOf(endpoint, {
    ...identityOf(other.pid),
    startTicks: identityOf(other.pid).startTicks - 1n,
  });
  const { startTicks, ...rest } = identityOf(other.pid);
  const step = stepOf({ process: { ...rest, startTicks: startTicks - 1n } });
  const [tracking] = (await new StepsClient(t, endpoint).start(step)).trackings;
  await home.here(["daemon", "stop"]);
  dying.kill("SIGKILL");
  await home.startDaemonOrFind();
  t.like(await untilStatus(home, path, tracking?.runId ?? "", "KILLED"), { 0: "KILLED" });
  t.like(await untilStatus(home, path, runId, "KILLED"), { 0: "KILLED" });
  t.like(await untilStatus(home, path, reused.runId, "KILLED"), { 0: "KILLED" });
});

test("a run that ended normally is left alone when its process is gone", async (t) => {
  const { home, endpoint, path } = await setUp(t);
  const child = idleProcess(t);
  const { producer, runId } = await runOf(endpoint, identityOf(child.pid));
  producer.batch(2, runId, { runEnd: { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 9n } });
  await producer.acknowledged(2);
  child.kill("SIGKILL");
  await sleep(3_000);
  await home.here(["flush"]);
  t.deepEqual(standing(path, runId), ["FINISHED", null]);
});

test("a lost step makes its pipeline's run KILLED; one that finishes later has the last word", async (t) => {
  const { home, endpoint, path } = await setUp(t);
  const steps = new StepsClient(t, endpoint);
  const child = idleProcess(t);
  const pipelineRunId = newId();
  const step = stepOf({ pipelineRunId, process: identityOf(child.pid) });
  const runId = (await steps.start(step)).trackings[0]?.runId ?? "";
  child.kill("SIGKILL");
  const [status, reason] = (await untilStatus(home, path, runId, "KILLED")) as [string, string];
  t.is(status, "KILLED");
  t.regex(reason, /is gone/);
  t.like((await steps.pipeline("digits")).lastRun?.steps[0], {
    status: RunStatus.RUN_STATUS_KILLED,
    endReason: reason,
  });
  await steps.finish(step, "FINISHED", 9n);
  t.deepEqual(await untilStatus(home, path, runId, "FINISHED"), ["FINISHED", null]);
});
