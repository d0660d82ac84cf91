/**
 * A home that was put back, copied or moved, at a server, which keeps no cursors of ours: nothing is swallowed. What was
 * journaled and not confirmed is sent by both; how a server that appends takes it is in sinks/mlflow-rest/copies.
 */
import { cpSync, readFileSync, renameSync, rmSync } from "node:fs";
import test, { type ExecutionContext } from "ava";
import { scratchHome } from "../support/home.js";
import { homeAtServer } from "../support/home-at-server.js";
import { copyHome, flushed, logSteps, steps } from "../support/outside-store.js";
import { newRunId } from "../support/producer.js";
import { ScriptedMlflow } from "../support/scripted-mlflow.js";
import { pointsOf } from "../support/scripted-store.js";
import { testWithVolumes, volume } from "../support/volume.js";

async function setUp(t: ExecutionContext) {
  t.timeout(300_000);
  const server = await ScriptedMlflow.start(t);
  const { home, daemon } = await homeAtServer(t, server.url);
  const away = { is: false };
  server.rule(({ path }) => (away.is && path.endsWith("/log-batch") ? { status: 503 } : undefined));
  /** The steps that the server has of a run, each as often as it has it. */
  const stepsOf = (runId: string) =>
    server.store
      .run(runId)
      .points.map((point) => Number(/"step":(\d+)/.exec(point)?.[1]))
      .sort((one, other) => one - other);
  return { server, home, daemon, away, stepsOf };
}

test("a home that was put back, at a server: all arrives once, in one run, also what it has forgotten of", async (t) => {
  const { home, daemon: first, away, stepsOf } = await setUp(t);
  const [known, unknown] = [newRunId(), newRunId()];
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
  const { home, daemon: first, away, stepsOf } = await setUp(t);
  const runId = newRunId();
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

for (const [where, needed] of [
  ["on its disk", () => test],
  ["to another disk", testWithVolumes],
] as const)
  needed()(
    `a home that is stopped and moved ${where} delivers what it had, and goes on with its runs`,
    async (t) => {
      const { home, daemon: first, away, stepsOf } = await setUp(t);
      const [begun, unknown] = [newRunId(), newRunId()];
      // Without a keychain it is in the vault, which lies in the home.
      t.is((await home.here(["secret", "create", "team", "--token=kept-here"])).code, 0);
      await logSteps(first.endpoint.endpoint, begun, 0, 50);
      await flushed(t, home);
      away.is = true;
      await logSteps(first.endpoint.endpoint, begun, 50, 10);
      await logSteps(first.endpoint.endpoint, unknown, 0, 20);
      t.is((await home.here(["daemon", "stop", "--timeout=0"])).code, 0);
      const id = readFileSync(home.paths.homeIdFile, "utf8");
      const isOther = where === "to another disk";
      const moved = isOther ? `${await volume(t, 40_000)}/home` : `${home.paths.home}-moved`;
      if (isOther) {
        cpSync(home.paths.home, moved, { recursive: true });
        rmSync(home.paths.home, { recursive: true });
      } else renameSync(home.paths.home, moved);
      away.is = false;
      const env = { STEPWELL_HOME: moved };
      const there = async (...words: string[]) => await home.here(words, env);
      const started = await there("daemon", "start", "-o", "json");
      t.teardown(() => there("daemon", "stop", "--timeout=0"));
      t.is(started.code, 0, started.stderr);
      const { endpoint } = JSON.parse(started.stdout) as { endpoint: string };
      await logSteps(endpoint, begun, 1_000, 5, true);
      const flush = await there("flush");
      t.is(flush.code, 0, flush.stderr);
      t.deepEqual(stepsOf(begun), steps([0, 60], [1_000, 5]));
      t.deepEqual(stepsOf(unknown), steps([0, 20]));
      const { notices } = JSON.parse((await there("status", "-o", "json")).stdout) as { notices: string[] };
      t.deepEqual(notices, []);
      t.is(readFileSync(`${moved}/home-id`, "utf8"), id);
      t.regex((await there("secret", "get", "team", "--show", "-o", "json")).stdout, /"kept-here"/);
    },
  );

test("one run from two nodes that both began it before either could find the other is two, and nothing is lost", async (t) => {
  const { server, home, daemon } = await setUp(t);
  const { home: other } = await homeAtServer(t, server.url);
  // Neither finds what the other one makes meanwhile.
  server.rule(({ path }) => (path.endsWith("/runs/search") ? { status: 200, body: "{}" } : undefined));
  const runId = newRunId();
  await logSteps(daemon.endpoint.endpoint, runId, 0, 10);
  await logSteps(await other.startDaemonOrFind(), runId, 1_000, 10);
  await flushed(t, home);
  await flushed(t, other);
  const points = server.store.runs.map((run) => pointsOf(run).map(({ step }) => Number(step)));
  t.deepEqual(
    points.sort(([one = 0], [other = 0]) => one - other),
    [steps([0, 10]), steps([1_000, 10])],
  );
});
