/**
 * A home that was put back or copied, at a server, which keeps no cursors of ours: nothing is swallowed. What was
 * journaled and not confirmed is sent by both; how a server that appends takes it is in sinks/mlflow-rest/copies.
 */
import { renameSync, rmSync } from "node:fs";
import test, { type ExecutionContext } from "ava";
import { scratchHome } from "../support/home.js";
import { homeAtServer } from "../support/home-at-server.js";
import { copyHome, flushed, logSteps, steps } from "../support/outside-store.js";
import { newRunId } from "../support/producer.js";
import { ScriptedMlflow } from "../support/scripted-mlflow.js";

async function setUp(t: ExecutionContext) {
  t.timeout(300_000);
  const server = await ScriptedMlflow.start(t);
  const home = await homeAtServer(t, server.url);
  t.is((await home.here(["daemon", "stop"])).code, 0);
  const away = { is: false };
  server.rule(({ path }) => (away.is && path.endsWith("/log-batch") ? { status: 503 } : undefined));
  /** The steps that the server has of a run, each as often as it has it. */
  const stepsOf = (runId: string) =>
    server.store
      .run(runId)
      .points.map((point) => Number(/"step":(\d+)/.exec(point)?.[1]))
      .sort((one, other) => one - other);
  return { server, home, away, stepsOf };
}

test("a home that was put back, at a server: all arrives once, in one run, also what it has forgotten of", async (t) => {
  const { home, away, stepsOf } = await setUp(t);
  const [known, unknown] = [newRunId(), newRunId()];
  const first = await home.startDaemon();
  await logSteps(first.endpoint.endpoint, known, 0, 50);
  await flushed(t, home);
  away.is = true;
  await logSteps(first.endpoint.endpoint, known, 50, 10);
  await first.end("SIGKILL");
  const snapshot = `${home.paths.home}.snapshot`;
  copyHome(home.paths.home, snapshot);
  away.is = false;
  const second = await home.startDaemon();
  await logSteps(second.endpoint.endpoint, known, 60, 40);
  await logSteps(second.endpoint.endpoint, unknown, 0, 20);
  await flushed(t, home);
  await second.end("SIGKILL");
  rmSync(home.paths.home, { recursive: true });
  renameSync(snapshot, home.paths.home);
  const third = await home.startDaemon();
  await logSteps(third.endpoint.endpoint, known, 1_000, 30);
  await logSteps(third.endpoint.endpoint, unknown, 2_000, 10, true);
  await flushed(t, home);
  t.deepEqual(stepsOf(known), steps([0, 100], [1_000, 30]));
  // Found by its tag: the server has it once, with all of both.
  t.deepEqual(stepsOf(unknown), steps([0, 20], [2_000, 10]));
});

test("two live copies of one home, at a server: all of both arrives once", async (t) => {
  const { home, away, stepsOf } = await setUp(t);
  const runId = newRunId();
  const first = await home.startDaemon();
  await logSteps(first.endpoint.endpoint, runId, 0, 50);
  await flushed(t, home);
  away.is = true;
  await logSteps(first.endpoint.endpoint, runId, 50, 10);
  await first.end("SIGKILL");
  const copy = await scratchHome(t);
  copyHome(home.paths.home, copy.paths.home);
  away.is = false;
  const [one, other] = await Promise.all([home.startDaemon(), copy.startDaemon()]);
  for (let round = 0; round < 3; round++) {
    await logSteps(one.endpoint.endpoint, runId, 1_000 + round * 10, 10);
    await logSteps(other.endpoint.endpoint, runId, 2_000 + round * 10, 10);
  }
  await flushed(t, home);
  await flushed(t, copy);
  t.deepEqual(stepsOf(runId), steps([0, 60], [1_000, 30], [2_000, 30]));
});
