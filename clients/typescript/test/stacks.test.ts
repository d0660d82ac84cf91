/** Runs, stacks, trackers and secrets of the real daemon. */
import { inspect } from "node:util";
import test, { type ExecutionContext } from "ava";
import { type ScratchHome, scratchHome } from "../../../test/support/home.js";
import { ScriptedMlflow } from "../../../test/support/scripted-mlflow.js";
import { until } from "../../../test/support/until.js";
import { StepwellClient, StepwellClientError } from "../src/index.js";

const PASSWORD = "canary-lovelace";

async function connected(t: ExecutionContext): Promise<{ home: ScratchHome; client: StepwellClient }> {
  const home = await scratchHome(t);
  await home.startDaemon();
  const client = new StepwellClient({ home: home.paths.home, autostart: false });
  t.teardown(() => client.close());
  return { home, client };
}

async function rejects(t: ExecutionContext, call: Promise<unknown>, code: string): Promise<void> {
  const error = await t.throwsAsync(call, { instanceOf: StepwellClientError });
  t.is(error?.code, code);
  t.not(error?.remedy, "");
  t.false(inspect(error, { showHidden: true, depth: 9 }).includes(PASSWORD));
}

test("runs go to a tracker that was registered with a secret, by the stack that was made active", async (t) => {
  const { client } = await connected(t);
  const server = await ScriptedMlflow.start(t, { greets: true });
  const secret = await client.createSecret("server", { username: "ada", password: PASSWORD });
  t.like(secret, { name: "server", keys: ["password", "username"], backend: "vault" });
  const tracker = await client.registerTracker({
    name: "remote",
    configuration: {
      tracking_uri: server.url,
      tracking_username: "{{server.username}}",
      tracking_password: "{{server.password}}",
    },
    labels: { team: "vision" },
  });
  t.like(tracker, { name: "remote", flavor: "mlflow", labels: { team: "vision" } });
  t.is(tracker.configuration["tracking_password"], "{{server.password}}");
  const stack = await client.registerStack({ name: "away", trackers: ["remote"], setActive: true });
  t.like(stack, { name: "away", isActive: true, trackers: [tracker] });
  const run = client.startRun({ runName: "first", experimentName: "digits" });
  for (let step = 0; step < 10; step++) run.logMetric("loss", 1 / (step + 1), { step });
  run.end();
  await client.flush();
  const state = await until(
    "all is delivered",
    () => client.runState(run.runId.slice(0, 8)),
    ({ deliveries }) => deliveries[0]?.deliveredPoints === 10,
  );
  t.like(state, { runId: run.runId, runName: "first", experimentName: "digits", status: "FINISHED" });
  t.is(state.journaledPoints, 10);
  t.true((state.endTimeMs ?? 0) >= state.startTimeMs && state.startTimeMs > 1_700_000_000_000);
  const [delivery] = state.deliveries;
  t.like(delivery, { tracker: "remote", queuedPoints: 0 });
  t.true(delivery?.url.startsWith(server.url));
  t.regex(delivery?.mlflowRunId ?? "", /^[0-9a-f]{32}$/);
  const authorization = `Basic ${Buffer.from(`ada:${PASSWORD}`).toString("base64")}`;
  t.true(
    server.seen.some(
      ({ path, headers }) => /log-batch/.test(path) && headers.authorization === authorization,
    ),
  );
  t.true((await client.state()).deliveredPoints >= 10);
});

test("stacks, trackers and secrets are read; what the daemon refuses has its code, and no value in it", async (t) => {
  const { client } = await connected(t);
  t.deepEqual(await client.secrets(), []);
  const before = await client.activeStack();
  t.like(before, { name: "default", isActive: true });
  t.is(before.artifactStore.name, "default");
  t.is(before.orchestrator.flavor, "local");
  // More than one piece of a list.
  const names = Array.from({ length: 40 }, (_, index) => `tracker-${String(index).padStart(2, "0")}`);
  for (const name of names) await client.registerTracker({ name });
  const trackers = await client.trackers();
  t.deepEqual(trackers.map(({ name }) => name).sort(), ["default", ...names]);
  const away = await client.registerStack({ name: "away", trackers: names });
  t.like(away, { isActive: false, trackers: names.map((name) => ({ name })) });
  const active = await client.activeStack();
  // The default stack takes the first one.
  t.like(active, { id: before.id, trackers: [{ name: "tracker-00" }] });
  t.deepEqual(await client.stacks(), [away, active]);
  // A credential in plain text is moved into a secret.
  const configuration = {
    tracking_uri: "http://127.0.0.1:1",
    tracking_password: PASSWORD,
    tracking_username: "a",
  };
  const moved = await client.registerTracker({ name: "plain", configuration });
  t.false(JSON.stringify(moved).includes(PASSWORD));
  const secrets = await client.secrets();
  t.true(secrets.length > 0 && secrets.every(({ backend }) => backend === "vault"));
  t.false(JSON.stringify(secrets).includes(PASSWORD));
  await client.createSecret("s", { key: PASSWORD });
  await rejects(t, client.createSecret("s", { key: PASSWORD }), "STEPWELL_NAME_TAKEN");
  await rejects(t, client.createSecret("n", { key: PASSWORD.repeat(9_000) }), "STEPWELL_SECRET_INVALID");
  await rejects(t, client.registerTracker({ name: "plain" }), "STEPWELL_NAME_TAKEN");
  await rejects(t, client.registerTracker({ name: "-" }), "STEPWELL_NAME_INVALID");
  await rejects(t, client.registerTracker({ name: "f", flavor: "none" }), "STEPWELL_FLAVOR_UNKNOWN");
  const wrong = { tracking_uri: "gopher://x", tracking_token: PASSWORD };
  await rejects(t, client.registerTracker({ name: "w", configuration: wrong }), "STEPWELL_CONFIG_INVALID");
  await rejects(t, client.registerStack({ name: "x", trackers: ["none"] }), "STEPWELL_COMPONENT_UNKNOWN");
  await rejects(t, client.registerStack({ name: "away", trackers: [] }), "STEPWELL_NAME_TAKEN");
});

test("a state is watched as it changes, and says what keeps a run from being delivered", async (t) => {
  const { client } = await connected(t);
  await rejects(t, client.runState("f".repeat(32)), "STEPWELL_RUN_UNKNOWN");
  const run = client.startRun({ experimentTracker: "nowhere" });
  const seen: number[] = [];
  for await (const state of client.watchState({ intervalMs: 50 })) {
    seen.push(state.journaledPoints);
    if (seen.length === 2) run.logMetric("loss", 1);
    const [lane] = state.lanes;
    if (lane?.state !== "held") continue;
    t.like(lane, { runId: run.runId, tracker: "nowhere", queuedPoints: 1, deliveredPoints: 0 });
    t.regex(lane.lastError ?? "", /nowhere/);
    t.like(state, { queuedPoints: 1, journaledPoints: 1, producers: 1, runs: 1, journalError: undefined });
    break;
  }
  t.is(seen[0], 0);
  const state = await client.runState(run.runId);
  t.like(state, { status: "RUNNING", endTimeMs: undefined, journaledPoints: 1 });
  t.regex(state.standing, /nowhere/);
  run.end("KILLED");
  await client.flush();
  t.is((await client.runState(run.runId)).status, "KILLED");
});

test("a watch of a daemon that is killed ends with STEPWELL_DAEMON_UNREACHABLE", async (t) => {
  const home = await scratchHome(t);
  const daemon = await home.startDaemon();
  const client = new StepwellClient({ home: home.paths.home, autostart: false });
  t.teardown(() => client.close());
  const watch = async () => {
    for await (const _ of client.watchState({ intervalMs: 50 })) daemon.child.kill("SIGKILL");
  };
  await rejects(t, watch(), "STEPWELL_DAEMON_UNREACHABLE");
});
