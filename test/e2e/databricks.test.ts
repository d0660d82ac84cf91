/** From a client's stream through the daemon to a workspace that appends, loses answers, ends tokens and counts requests. */
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { scratchHome } from "../support/home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { type Reaction, ScriptedMlflow } from "../support/scripted-mlflow.js";
import { giveTokens } from "../support/scripted-oauth.js";

const RUNS = 90;
const POINTS = 30;
const FINISHED = { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 9_000n };
/** What Databricks documents, and a quarter of a second's worth at once for each of two daemons. */
const IN_ONE_SECOND_MAX = 47 + 2 * 12;

test("90 runs with lost answers, a token that ends and a killed daemon: once each, at the workspace's rate", async (t) => {
  t.timeout(240_000);
  const workspace = await ScriptedMlflow.start(t, { appends: true, greets: false });
  const tokens = giveTokens(workspace, { id: "sp-id", secret: "sp-secret" });
  let asked = 0;
  workspace.rule(({ path }): Reaction | undefined => {
    if (!/runs\/(log-batch|create)/.test(path)) return undefined;
    asked += 1;
    if (asked === 40) tokens.revoke();
    if (asked % 11 === 0) return { status: 429, body: '{"error_code":"REQUEST_LIMIT_EXCEEDED"}' };
    return asked % 7 === 0 ? "break-after" : undefined;
  });
  const home = await scratchHome(t);
  await home.json(["secret", "create", "principal", "--id=sp-id", "--secret=sp-secret"]);
  await home.json([
    ...["experiment-tracker", "register", "bricks", "--flavor=mlflow", "--tracking_uri=databricks"],
    ...[`--databricks_host=${workspace.url}`, "--databricks_client_id={{principal.id}}"],
    "--databricks_client_secret={{principal.secret}}",
  ]);
  await home.json(["stack", "register", "bricks", "-e", "bricks", "--set"]);
  await home.stepwell(["daemon", "stop"]);
  const first = await home.startDaemon();
  const producer = new RawProducer(first.endpoint.endpoint);
  producer.hello();
  const runIds = Array.from({ length: RUNS }, newRunId);
  for (const [index, runId] of runIds.entries()) {
    const entries = { metrics: pointsOf("loss", POINTS), params: [{ key: "lr", value: "0.1" }] };
    producer.batch(index + 1, runId, { runStart: startOf(), ...entries, runEnd: FINISHED });
  }
  await producer.acknowledged(RUNS);
  while (workspace.of("log-batch").length < 30) await sleep(20);
  await first.end("SIGKILL");
  t.true(workspace.of("log-batch").length < RUNS, "it is killed in the midst of it");
  await home.startDaemon();
  for (let code = 4; code === 4; ) {
    ({ code } = await home.stepwell(["flush", "--timeout=30"]));
    t.true([0, 4].includes(code), `flush ended with ${code}`);
  }
  t.is(workspace.store.runs.length, RUNS, "no run is there twice");
  for (const runId of runIds) {
    const { points, params, status } = workspace.store.run(runId);
    t.is(points.length, POINTS);
    t.is(new Set(points).size, POINTS, "no point is there twice");
    t.deepEqual([[...params], status], [[["lr", "0.1"]], "FINISHED"]);
  }
  t.true(tokens.count >= 3, "a token for each daemon, and one more");
  const times = workspace.of("log-batch").map(({ atMs }) => atMs);
  const inOneSecond = times.map((from) => times.filter((at) => at >= from && at < from + 1000).length);
  t.true(Math.max(...inOneSecond) <= IN_ONE_SECOND_MAX, `${Math.max(...inOneSecond)} in one second`);
});
