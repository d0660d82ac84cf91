/**
 * Processes that only look gone, for longer than a daemon waits for one that it can't look at. All
 * at the same time, with a daemon that waits for seconds; one case waits as long as a user's daemon does.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { LEASE_RETURN_MS } from "../../src/model/limits.js";
import { query } from "../sinks/mlflow-sqlite/database.js";
import { type DaemonProcess, ROOT, type ScratchHome, scratchHome } from "../support/home.js";
import { oneFileDaemon } from "../support/one-file-daemon.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { startPython } from "../support/python-steps.js";
import { QUICK_RETURN_MS } from "../support/quick-return.js";
import { StepsClient, stepOf } from "../support/steps-client.js";
import { until } from "../support/until.js";

const CLIENT = join(ROOT, "build/clients/typescript/src/index.js");
const LONG_MS = 600_000;
const QUICK_DAEMON = await oneFileDaemon("test/support/quick-daemon.ts");
/** Longer than the daemon waits. */
const LONGER_MS = 1.5 * QUICK_RETURN_MS;
/** A client that starts a daemon would start a patient one. */
const NO_START = { STEPWELL_AUTOSTART: "0" };

/** Begins a run, says its id, and ends it when it is told to; until then it is idle, or never yields. */
const PROGRAM = `
const { readSync } = await import("node:fs");
const { startRun, logMetric, flush, close } = await import(process.argv[1]);
const run = startRun();
logMetric("loss", 1);
await flush();
console.log(run.runId);
if (process.argv[2] === "blocked") readSync(0, new Uint8Array(1));
else await new Promise((resolve) => process.stdin.once("data", resolve));
run.end();
await close();
process.exit(0);
`;

/** A home with a tracker, and a daemon that waits for seconds. */
async function setUp(t: ExecutionContext): Promise<{ home: ScratchHome; daemon: DaemonProcess }> {
  t.timeout(LONG_MS);
  const home = await scratchHome(t);
  const daemon = await home.startDaemon({ entry: QUICK_DAEMON });
  await home.json(["experiment-tracker", "register", "tracker", "--flavor=mlflow"]);
  await home.json(["stack", "register", "local", "-e", "tracker", "--set"]);
  return { home, daemon };
}

/** A process in the home, and the first that it says. */
async function started(t: ExecutionContext, home: ScratchHome, words: readonly string[]) {
  const [program = "", ...args] = words;
  const env = { ...home.env, ...NO_START };
  const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "inherit"] });
  t.teardown(() => child.kill("SIGKILL"));
  const [first] = (await once(child.stdout, "data")) as [Buffer];
  return { child: child as ChildProcess, first: first.toString().trim() };
}

const inNode = (kind: "idle" | "blocked") => [
  process.execPath,
  "--input-type=module",
  "-e",
  PROGRAM,
  CLIENT,
  kind,
];

async function statusesIn(home: ScratchHome): Promise<unknown[]> {
  await home.here(["flush"]);
  return query(`${home.paths.artifactStoreFolder}/mlflow.db`, "SELECT status FROM runs").flat();
}

const untilKilled = (home: ScratchHome) =>
  until(
    "every run is KILLED",
    () => statusesIn(home),
    (statuses) => statuses.every((status) => status === "KILLED"),
    { everyMs: 500 },
  );

test("a program that is stopped for long keeps its run, and ends it when it goes on", async (t) => {
  const { home } = await setUp(t);
  const { child } = await started(t, home, inNode("idle"));
  child.kill("SIGSTOP");
  await sleep(LONGER_MS);
  t.deepEqual(await statusesIn(home), ["RUNNING"]);
  child.kill("SIGCONT");
  child.stdin?.write("end\n");
  await once(child, "exit");
  t.deepEqual(await statusesIn(home), ["FINISHED"]);
});

test("a program whose interpreter is blocked for long keeps its run, also over a restart of the daemon", async (t) => {
  const { home } = await setUp(t);
  const { child } = await started(t, home, inNode("blocked"));
  await sleep(LONGER_MS);
  await home.here(["daemon", "stop"]);
  await home.startDaemon({ entry: QUICK_DAEMON });
  await sleep(LONGER_MS);
  t.deepEqual(await statusesIn(home), ["RUNNING"]);
  child.stdin?.write("end\n");
  await once(child, "exit");
  t.deepEqual(await statusesIn(home), ["FINISHED"]);
});

/** Arguments: the step's tracker, or "none", and how it waits for a line of its standard input. */
const STEP = `
import ctypes, sys, stepwell
from stepwell import step

@step(name=sys.argv[1], experiment_tracker=sys.argv[1] if sys.argv[1] != "none" else None)
def work():
    if sys.argv[1] != "none": stepwell.log_metric("loss", 1.0); stepwell.flush()
    print("works", flush=True)
    # A call through PyDLL keeps the interpreter's lock: no thread of the process goes on.
    if sys.argv[2] == "blocked": ctypes.PyDLL(None).read(0, ctypes.create_string_buffer(1), 1)
    else: sys.stdin.readline()

work()
`;

test("a Python step that is stopped for long keeps its run, and ends it when it goes on", async (t) => {
  const { home } = await setUp(t);
  const step = await startPython(home, STEP, ["tracker", "idle"], NO_START);
  await step.said("works");
  step.child.kill("SIGSTOP");
  await sleep(LONGER_MS);
  t.deepEqual(await statusesIn(home), ["RUNNING"]);
  step.child.kill("SIGCONT");
  step.child.stdin.write("end\n");
  t.like(await step.ended, { code: 0, stderr: "" });
  t.deepEqual(await statusesIn(home), ["FINISHED"]);
});

test("a Python step whose interpreter is blocked for long keeps its run, also over a killed daemon", async (t) => {
  const { home, daemon } = await setUp(t);
  const step = await startPython(home, STEP, ["tracker", "blocked"], NO_START);
  await step.said("works");
  await sleep(LONGER_MS);
  await daemon.end("SIGKILL");
  await home.startDaemon({ entry: QUICK_DAEMON });
  await sleep(LONGER_MS);
  t.deepEqual(await statusesIn(home), ["RUNNING"]);
  step.child.stdin.write("end\n");
  t.like(await step.ended, { code: 0, stderr: "" });
  t.deepEqual(await statusesIn(home), ["FINISHED"]);
});

test("a command that is stopped for long keeps its run, though its program ends meanwhile, and says then how", async (t) => {
  const { home } = await setUp(t);
  const command = [
    process.execPath,
    join(ROOT, "build/stepwell.js"),
    "run",
    "-e",
    "tracker",
    "--experiment-name=digits",
    "--",
  ];
  const { child } = await started(t, home, [...command, "sh", "-c", "echo works; read line; exit 3"]);
  child.kill("SIGSTOP");
  child.stdin?.write("end\n");
  await sleep(LONGER_MS);
  t.deepEqual(await statusesIn(home), ["RUNNING"]);
  child.kill("SIGCONT");
  t.deepEqual(await once(child, "exit"), [3, null]);
  t.deepEqual(await statusesIn(home), ["FAILED"]);
});

for (const [whose, entry, returnMs, openMs] of [
  ["a quick daemon's wait", QUICK_DAEMON, QUICK_RETURN_MS, LONGER_MS],
  ["a minute, as a user's daemon waits", undefined, LEASE_RETURN_MS, 0],
] as const) {
  test(`a client that can't tell its process keeps its runs and steps until its stream has been closed for ${whose}`, async (t) => {
    const { home, daemon: quick } = await setUp(t);
    if (!entry) await quick.end("SIGTERM");
    const { endpoint } = entry ? quick.endpoint : (await home.startDaemon()).endpoint;
    const runId = newRunId();
    const producer = new RawProducer(endpoint);
    producer.hello();
    producer.batch(1, runId, { runStart: startOf(), metrics: pointsOf("loss", 1) });
    await producer.acknowledged(1);
    const steps = new StepsClient(t, endpoint);
    await steps.start(stepOf({ producerId: Buffer.from(producer.producerId) }));
    await sleep(openMs);
    t.deepEqual(await statusesIn(home), ["RUNNING", "RUNNING"]);
    const cutMs = performance.now();
    producer.cut();
    t.deepEqual(await untilKilled(home), ["KILLED", "KILLED"]);
    t.true(performance.now() - cutMs >= returnMs, "not before its time");
    const reasons = query(
      `${home.paths.artifactStoreFolder}/mlflow.db`,
      "SELECT value FROM tags WHERE key = 'stepwell.end_reason'",
    );
    t.is(reasons.length, 2);
    for (const [reason] of reasons) t.regex(String(reason), new RegExp(` within ${returnMs / 1000} s\\.$`));
    const again = new RawProducer(endpoint, producer.producerId);
    again.hello({ epoch: 2n, firstUnacknowledgedSequence: 2n });
    await again.answer("welcome");
    t.deepEqual(await statusesIn(home), ["RUNNING", "RUNNING"]);
    again.cut();
  });
}

/** Another pid namespace, and no network. */
const UNSHARE = ["unshare", "--pid", "--net", "--fork", "--kill-child", "--mount-proc"];
const canUnshare = spawnSync(UNSHARE[0] ?? "", [...UNSHARE.slice(1), "true"]).status === 0;
if (!canUnshare)
  console.error("unshare --pid is not allowed here: processes of another pid namespace are not tested.");
const testElsewhere = canUnshare || process.env["CI"] === "1" ? test : test.skip;

testElsewhere(
  "a program in another pid namespace keeps its run while its stream is open, and loses it some time after",
  async (t) => {
    const { home } = await setUp(t);
    const { child } = await started(t, home, [...UNSHARE, ...inNode("idle")]);
    await sleep(LONGER_MS);
    t.deepEqual(await statusesIn(home), ["RUNNING"]);
    const killedMs = performance.now();
    child.kill("SIGKILL");
    t.deepEqual(await untilKilled(home), ["KILLED"]);
    t.true(performance.now() - killedMs >= QUICK_RETURN_MS, "not before its time");
  },
);

testElsewhere(
  "steps in another pid namespace, with a tracker and without, run while their streams are open",
  async (t) => {
    const { home, daemon } = await setUp(t);
    const [tracked, untracked] = await Promise.all(
      ["tracker", "none"].map((tracker) => startPython(home, STEP, [tracker, "idle"], NO_START, UNSHARE)),
    );
    await Promise.all([tracked?.said("works"), untracked?.said("works")]);
    await sleep(LONGER_MS);
    const steps = new StepsClient(t, daemon.endpoint.endpoint);
    const { lastRun } = await steps.pipeline("none");
    t.is(lastRun?.status, RunStatus.RUN_STATUS_RUNNING);
    t.deepEqual(await statusesIn(home), ["RUNNING"]);
    tracked?.child.kill("SIGKILL");
    untracked?.child.stdin.write("end\n");
    t.like(await untracked?.ended, { code: 0, stderr: "" });
    t.deepEqual(await untilKilled(home), ["KILLED"]);
  },
);

/** Begins a run, and ends it after a line of its standard input. */
const RUN = `
import sys, stepwell
with stepwell.start_run():
    stepwell.log_metric("loss", 1.0); stepwell.flush()
    print("works", flush=True)
    sys.stdin.readline()
    raise ValueError("of the test")
`;

testElsewhere(
  "a program and a step in another pid namespace that can't tell their ends ended as they said",
  async (t) => {
    const { home, daemon } = await setUp(t);
    const env = { ...NO_START, STEPWELL_EXIT_TIMEOUT: "1" };
    const step = await startPython(home, STEP, ["tracker", "idle"], env, UNSHARE);
    const program = await startPython(home, RUN, [], env, UNSHARE);
    await Promise.all([step.said("works"), program.said("works")]);
    daemon.child.kill("SIGSTOP");
    for (const { child } of [step, program]) child.stdin.write("end\n");
    t.deepEqual([(await step.ended).code, (await program.ended).code], [0, 1]);
    daemon.child.kill("SIGCONT");
    const ended = await until(
      "no run is RUNNING",
      () => statusesIn(home),
      (statuses) => statuses.length === 2 && !statuses.includes("RUNNING"),
      { everyMs: 500 },
    );
    t.deepEqual(ended.map(String).sort(), ["FAILED", "FINISHED"]);
  },
);
