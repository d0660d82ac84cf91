/** Steps through the real daemon into the local store: what they share, and how it ends. */
import anyTest, { type ExecutionContext } from "ava";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { readEndpoint } from "../../src/home/endpoint.js";
import { holdLock, query } from "../sinks/mlflow-sqlite/database.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { homeForAll } from "../support/home-for-all.js";
import { newId, StepsClient, stepOf as stepOnTracker } from "../support/steps-client.js";
import { until } from "../support/until.js";

// One after the other: each starts processes.
const test = anyTest.serial;

/** One daemon for the tests that neither end it nor leave anything that waits. */
const shared = homeForAll(anyTest, (home) => home.startDaemonOrFind());

/** An active stack with one tracker, which has a store of its own. */
async function setUp(t: ExecutionContext, home = shared(), name = `t${newId()}`) {
  const path = `${home.paths.home}/${name}.db`;
  const uri = `--tracking_uri=sqlite:///${path}`;
  await home.json(["experiment-tracker", "register", name, "--flavor=mlflow", uri]);
  await home.json(["stack", "register", name, "-e", name, "--set"]);
  const step = (more: Parameters<typeof stepOnTracker>[0] = {}) =>
    stepOnTracker({ experimentTrackers: [name], ...more });
  return { home, steps: new StepsClient(t, await home.startDaemonOrFind()), path, name, stepOf: step };
}

/** Everything is in the store: name, status, end time and the reason tag of its runs, by name. */
async function runsIn(home: ScratchHome, path: string): Promise<unknown[][]> {
  const flushed = await home.here(["flush"]);
  if (flushed.code !== 0) throw new Error(flushed.stderr);
  const reason = "(SELECT count(*) FROM tags WHERE run_uuid = r.run_uuid AND key = 'stepwell.end_reason')";
  return query(path, `SELECT name, status, end_time, ${reason} FROM runs r ORDER BY name`);
}

test("fifty steps that begin at once share one run of their pipeline's experiment", async (t) => {
  const { home, steps, path, stepOf } = await setUp(t);
  const pipelineRunId = newId();
  const all = Array.from({ length: 50 }, (_, index) => stepOf({ pipelineRunId, stepName: `s${index}` }));
  const started = await Promise.all(all.map((step) => steps.start(step)));
  t.is(new Set(started.map(({ trackings }) => trackings[0]?.runId)).size, 1);
  await Promise.all(all.map((step) => steps.finish(step, "FINISHED", 77n)));
  t.deepEqual(await runsIn(home, path), [["digits-run", "FINISHED", "77", "0"]]);
  const sql = "SELECT e.name FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id";
  t.deepEqual(query(path, sql), [["digits"]]);
});

test("the worst status of a pipeline run's steps stays, a step that begins makes it running, a retry replaces its step", async (t) => {
  const { home, steps, path, stepOf } = await setUp(t);
  const pipelineRunId = newId();
  const [bad, good] = [
    stepOf({ pipelineRunId, stepName: "bad" }),
    stepOf({ pipelineRunId, stepName: "good" }),
  ];
  await steps.start(bad);
  await steps.finish(bad, "FAILED", 10n);
  t.deepEqual(await runsIn(home, path), [["digits-run", "FAILED", "10", "0"]]);
  await steps.start(good);
  t.deepEqual(await runsIn(home, path), [["digits-run", "RUNNING", null, "0"]]);
  await steps.finish(good, "FINISHED", 20n);
  t.deepEqual(await runsIn(home, path), [["digits-run", "FAILED", "20", "0"]]);
  const again = { ...bad, stepRunId: newId() };
  await steps.start(again);
  await steps.finish(again, "FINISHED", 30n);
  t.deepEqual(await runsIn(home, path), [["digits-run", "FINISHED", "30", "0"]]);
});

test("a nested step has a child run with the tags, which a retry uses again; the parent holds tags only", async (t) => {
  const { home, steps, path, stepOf } = await setUp(t);
  const nested = { key: "experiment_tracker.mlflow", experimentName: "mine", nested: true, tags: { a: "1" } };
  const step = stepOf({
    stepSettings: [nested],
    pipelineSettings: [{ ...nested, tags: { a: "0", b: "2" } }],
  });
  const [first] = (await steps.start(step)).trackings;
  const [second] = (await steps.start({ ...step, stepRunId: newId() })).trackings;
  t.is(first?.runId, second?.runId);
  t.not(first?.runId, first?.parentRunId);
  await steps.finish(step, "FAILED");
  t.deepEqual(await runsIn(home, path), [
    ["digits-run", "RUNNING", null, "0"],
    ["train", "RUNNING", null, "0"],
  ]);
  const tags = (runId = "") =>
    query(
      path,
      "SELECT key, value FROM tags WHERE run_uuid = ? AND key IN ('a', 'b', 'mlflow.parentRunId') ORDER BY key",
      runId,
    );
  t.deepEqual(tags(first?.parentRunId), [
    ["a", "1"],
    ["b", "2"],
  ]);
  t.deepEqual(tags(first?.runId), [
    ["a", "1"],
    ["b", "2"],
    ["mlflow.parentRunId", first?.parentRunId],
  ]);
});

test("beginning and ending a step twice is the same as once; an unknown step and a bad status are refused", async (t) => {
  const { home, steps, path, stepOf } = await setUp(t);
  const step = stepOf();
  const [first, second] = [await steps.start(step), await steps.start(step)];
  // The daemon keeps no pass that it could give a second time.
  const withoutPass = ({ trackings, ...others }: typeof first) => ({
    ...others,
    trackings: trackings.map((tracking) => ({ ...tracking, mlflowTrackingUri: "" })),
  });
  t.deepEqual(withoutPass(first), withoutPass(second));
  await steps.finish(step, "FINISHED", 10n);
  await steps.finish(step, "FINISHED", 10n);
  t.deepEqual(await runsIn(home, path), [["digits-run", "FINISHED", "10", "0"]]);
  const unknown = await t.throwsAsync(steps.finish(stepOf(), "FINISHED"));
  t.is((unknown as unknown as { code: string }).code, "STEPWELL_STEP_UNKNOWN");
  const bad = await t.throwsAsync(steps.start(stepOf({ stepRunId: "x" })));
  t.is((bad as unknown as { code: string }).code, "STEPWELL_RUN_ID_INVALID");
});

test("a step on all trackers has a run at each; one whose store is locked does not hold the other", async (t) => {
  const { home, steps, path, name, stepOf } = await setUp(t);
  const other = `${home.paths.home}/other.db`;
  await home.json([
    "experiment-tracker",
    "register",
    "other",
    "--flavor=mlflow",
    `--tracking_uri=sqlite:///${other}`,
  ]);
  await home.json(["stack", "register", "both", "-e", name, "-e", "other", "--set"]);
  const warmUp = stepOf({ experimentTrackers: [], allExperimentTrackers: true });
  await steps.start(warmUp);
  await steps.finish(warmUp, "FINISHED", 1n);
  t.is((await home.here(["flush"])).code, 0);
  const unlock = holdLock(other);
  const step = stepOf({ experimentTrackers: [], allExperimentTrackers: true, pipelineRunName: "second" });
  const { trackings } = await steps.start(step);
  t.deepEqual(
    trackings.map(({ tracker }) => tracker),
    [name, "other"],
  );
  await steps.finish(step, "FINISHED", 9n);
  const finished = () => query(path, "SELECT count(*) FROM runs WHERE status = 'FINISHED'")[0]?.[0];
  await until("both runs are finished", finished, (count) => count === "2");
  unlock();
  t.is((await home.here(["flush"])).code, 0);
  t.deepEqual(query(other, "SELECT name, status FROM runs ORDER BY name"), [
    ["digits-run", "FINISHED"],
    ["second", "FINISHED"],
  ]);
});

test("a pipeline's last run shows its steps with where they logged to", async (t) => {
  const { home, steps, path, stepOf } = await setUp(t);
  const pipelineName = "last";
  const first = stepOf({ pipelineName, startTimeMs: 100n });
  const [tracking] = (await steps.start(first)).trackings;
  await steps.finish(first, "FAILED", 200n);
  // A step that uses no tracker is shown too.
  const plain = stepOf({
    ...{ pipelineName, pipelineRunId: first.pipelineRunId },
    ...{ stepName: "plain", experimentTrackers: [] },
  });
  t.deepEqual((await steps.start(plain)).trackings, []);
  await steps.finish(plain, "FINISHED", 300n);
  const { lastRun } = await steps.pipeline(pipelineName);
  t.like(lastRun, {
    pipelineRunId: first.pipelineRunId,
    runName: "digits-run",
    status: 4,
    startTimeMs: 100n,
  });
  t.deepEqual(
    lastRun?.steps.map(({ stepName, status, endTimeMs }) => [stepName, status, endTimeMs]),
    [
      ["train", 4, 200n],
      ["plain", 3, 300n],
    ],
  );
  t.is((await home.here(["flush"])).code, 0);
  const delivered = (await steps.pipeline(pipelineName)).lastRun?.steps[0]?.trackings[0];
  t.like(delivered, {
    mlflowRunId: tracking?.runId,
    experimentTrackerUrl: `sqlite:///${path}`,
    mlflowExperimentId: query(path, "SELECT experiment_id FROM experiments WHERE name = 'last'")[0]?.[0],
  });
  const older = stepOf({ pipelineName, startTimeMs: 50n });
  await steps.start(older);
  t.is((await steps.pipeline(pipelineName)).lastRun?.pipelineRunId, first.pipelineRunId);
  const unknown = await t.throwsAsync(steps.pipeline("las"));
  t.is((unknown as unknown as { code: string }).code, "STEPWELL_PIPELINE_UNKNOWN");
  t.truthy(home);
});

test("rows 57, 78: with its server away a step begins, runs and ends; nothing waits for the server", async (t) => {
  const { home, steps, stepOf } = await setUp(t, await scratchHome(t));
  const nowhere = ["--tracking_uri=http://127.0.0.1:9", "--auth=none"];
  await home.json(["experiment-tracker", "register", "away", "--flavor=mlflow", ...nowhere]);
  await home.json(["stack", "register", "away", "-e", "away", "--set"]);
  const settings = [{ key: "experiment_tracker", experimentName: undefined, nested: true, tags: { a: "b" } }];
  const all = Array.from({ length: 20 }, () =>
    stepOf({ experimentTrackers: ["away"], stepSettings: settings }),
  );
  const started = await Promise.all(all.map((step) => steps.start(step)));
  t.true(started.every(({ trackings }) => trackings[0]?.experimentTrackerUrl === "http://127.0.0.1:9"));
  // A server that does not answer is asked again for minutes; twenty steps that waited for it would not end here.
  await Promise.all(all.map((step) => steps.finish(step, "FINISHED")));
  t.is((await steps.pipeline("digits")).lastRun?.status, RunStatus.RUN_STATUS_FINISHED);
  t.is((await home.here(["flush", "--timeout=1"])).code, 4);
});

test("steps that go on while the daemon is killed in the midst of calls end as they said, and share their runs", async (t) => {
  t.timeout(1_200_000);
  const { home, path, stepOf } = await setUp(t, await scratchHome(t));
  let calls = 0;
  let kills = 0;
  // Of each third call, which is a start and an end in turn.
  const killSoon = () => {
    const pid = readEndpoint(home.paths)?.pid;
    calls += 1;
    if (pid === undefined || calls % 3 !== 0) return;
    kills += 1;
    setTimeout(() => kill(pid), Math.random() * 15);
  };
  const pipelines = Array.from({ length: 3 }, (_, index) => `p${index}`);
  for (const [index, pipelineName] of pipelines.entries()) {
    const pipelineRunId = newId();
    for (let turn = 0; turn < 5; turn++) {
      const names = { pipelineName, pipelineRunName: pipelineName, stepName: `s${turn}` };
      const step = stepOf({ ...names, pipelineRunId });
      killSoon();
      await untilAnswered(t, home, (steps) => steps.start(step));
      const status = turn === 2 && index % 2 === 0 ? "FAILED" : "FINISHED";
      killSoon();
      await untilAnswered(t, home, (steps) => steps.finish(step, status, BigInt(10 + turn)));
    }
  }
  t.true(kills > 3, `${kills} kills`);
  await home.startDaemonOrFind();
  const wanted = pipelines.map((name, index) => [name, index % 2 === 0 ? "FAILED" : "FINISHED", "14", "0"]);
  t.deepEqual(await runsIn(home, path), wanted);
});

/** Makes a call until a daemon has answered it, as clients do. */
async function untilAnswered<Answer>(
  t: ExecutionContext,
  home: ScratchHome,
  call: (steps: StepsClient) => Promise<Answer>,
): Promise<Answer> {
  const ask = async () => {
    const endpoint = readEndpoint(home.paths);
    try {
      if (endpoint) return { answer: await call(new StepsClient(t, endpoint.endpoint)) };
    } catch {
      // The daemon was killed: whether it had done what it was asked is not known.
    }
    return await home.here(["daemon", "start"]);
  };
  const last = await until("a daemon answers", ask, (seen) => "answer" in seen);
  return (last as { answer: Answer }).answer;
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It was killed a moment ago.
  }
}
