/** From a client's stream through the daemon to a workspace that appends, loses answers, ends tokens and counts requests. */
import { setTimeout as sleep } from "node:timers/promises";
import anyTest, { type ExecutionContext } from "ava";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { SERVER_REQUESTS_MAX } from "../../src/model/limits.js";
import { registerWorkspace } from "../support/databricks-home.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { type Reaction, ScriptedMlflow } from "../support/scripted-mlflow.js";
import { giveTokens } from "../support/scripted-oauth.js";
import { until } from "../support/until.js";

// One after the other: each starts processes.
const test = anyTest.serial;

const FINISHED = { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 9_000n };
/** What Databricks documents for log-batch; what two trackers have under way may come at once after a pause of this process. */
const PER_SECOND_MAX = 47 + 2 * SERVER_REQUESTS_MAX;

/** A home whose only tracker is a new workspace, by a service principal. */
async function setUp(t: ExecutionContext) {
  t.timeout(1_200_000);
  const workspace = await ScriptedMlflow.start(t, { appends: true, greets: false });
  const tokens = giveTokens(workspace, { id: "sp-id", secret: "sp-secret" });
  const home = await scratchHome(t);
  const daemon = await home.startDaemon();
  await registerWorkspace(home, workspace);
  return { workspace, tokens, home, daemon };
}

/** So many runs of 30 points and a param, from one client. Resolves when they are on disk. */
async function logRuns(endpoint: string, count: number): Promise<string[]> {
  const producer = new RawProducer(endpoint);
  producer.hello();
  const runIds = Array.from({ length: count }, newRunId);
  for (const [index, runId] of runIds.entries()) {
    const entries = { metrics: pointsOf("loss", 30), params: [{ key: "lr", value: "0.1" }] };
    producer.batch(index + 1, runId, { runStart: startOf(), ...entries, runEnd: FINISHED });
    if (index % 30 === 29) await producer.acknowledged(index + 1);
  }
  await producer.acknowledged(count);
  return runIds;
}

async function drain(t: ExecutionContext, home: ScratchHome): Promise<void> {
  for (let code = 4; code === 4; ) {
    ({ code } = await home.here(["flush", "--timeout=30"]));
    t.true([0, 4].includes(code), `flush ended with ${code}`);
  }
}

/** Each run is there once, and each point of it. */
function hasAll(t: ExecutionContext, { store }: ScriptedMlflow, runIds: readonly string[]): void {
  t.is(store.runs.length, runIds.length);
  for (const runId of runIds) {
    const { points, params, status } = store.run(runId);
    t.deepEqual([points.length, new Set(points).size], [30, 30]);
    t.deepEqual([[...params], status], [[["lr", "0.1"]], "FINISHED"]);
  }
}

test("lost answers, batches that come late, a token that ends and a killed daemon double nothing at a workspace that appends", async (t) => {
  const { workspace, tokens, home, daemon } = await setUp(t);
  let asked = 0;
  workspace.rule(({ path }): Reaction | undefined => {
    if (!/runs\/(log-batch|create)/.test(path)) return undefined;
    asked += 1;
    if (asked === 40) tokens.revoke();
    if (asked % 11 === 0) return { status: 429, body: '{"error_code":"REQUEST_LIMIT_EXCEEDED"}' };
    if (asked % 13 === 0) return { late: sleep(2_000), breaks: true };
    return asked % 7 === 0 ? "break-after" : undefined;
  });
  const runIds = await logRuns(daemon.endpoint.endpoint, 90);
  await until(
    "30 requests have come",
    () => workspace.of("log-batch").length,
    (count) => count >= 30,
    { everyMs: 20 },
  );
  await daemon.end("SIGKILL");
  t.true(workspace.of("log-batch").length < runIds.length, "it is killed in the midst of it");
  await home.startDaemon();
  await drain(t, home);
  hasAll(t, workspace, runIds);
  t.true(tokens.count >= 3, "a token for each daemon, and one more");
});

test("hundreds of small requests of 30 runs on two trackers reach their workspace at its documented rate", async (t) => {
  const { workspace, tokens, home, daemon } = await setUp(t);
  await home.json(["experiment-tracker", "copy", "bricks", "other"]);
  // A proxy that takes little makes requests of what is one otherwise.
  workspace.rule(({ body }) => (body.length > 2_000 ? { status: 413 } : undefined));
  const producer = new RawProducer(daemon.endpoint.endpoint);
  const runIds = Array.from({ length: 30 }, newRunId);
  producer.hello();
  for (const [index, runId] of runIds.entries()) {
    const runStart = startOf(["bricks", "other"]);
    producer.batch(index + 1, runId, { runStart, metrics: pointsOf("loss", 100), runEnd: FINISHED });
  }
  await producer.acknowledged(runIds.length);
  await drain(t, home);
  t.is(workspace.store.runs.length, 2 * runIds.length);
  for (const { points } of workspace.store.runs)
    t.deepEqual([points.length, new Set(points).size], [100, 100]);
  t.is(tokens.count, 2, "one for each tracker");
  const times = workspace.of("log-batch").map(({ atMs }) => atMs);
  t.true(times.length > 150, `${times.length} requests`);
  const inOneSecond = times.map((from) => times.filter((at) => at >= from && at < from + 1000).length);
  t.true(Math.max(...inOneSecond) <= PER_SECOND_MAX, `${Math.max(...inOneSecond)} in one second`);
});
