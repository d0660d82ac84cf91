/** Processes that only look gone, for as long as it takes to be sure; all at the same time. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { readEndpoint } from "../../src/home/endpoint.js";
import { query } from "../sinks/mlflow-sqlite/database.js";
import { ROOT, type ScratchHome, scratchHome } from "../support/home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { startPython } from "../support/python-steps.js";
import { StepsClient, stepOf } from "../support/steps-client.js";

const CLIENT = join(ROOT, "build/clients/typescript/src/index.js");
const LONG_MS = 300_000;

/** Begins a run, says its id, is busy for so many seconds without ever yielding, then idle until it is told to end. */
const PROGRAM = `
const { startRun, logMetric, flush, close } = await import(process.argv[1]);
const run = startRun();
logMetric("loss", 1);
await flush();
console.log(run.runId);
for (const end = performance.now() + 1000 * Number(process.argv[2]); performance.now() < end; );
await new Promise((resolve) => process.stdin.once("data", resolve));
run.end();
await close();
process.exit(0);
`;

async function setUp(t: ExecutionContext): Promise<ScratchHome> {
  t.timeout(LONG_MS);
  const home = await scratchHome(t);
  await home.json(["experiment-tracker", "register", "tracker", "--flavor=mlflow"]);
  await home.json(["stack", "register", "local", "-e", "tracker", "--set"]);
  await home.startDaemonOrFind();
  return home;
}

/** A process in the home, and the first that it says. */
async function started(t: ExecutionContext, home: ScratchHome, words: readonly string[]) {
  const [program = "", ...args] = words;
  const child = spawn(program, args, { env: { ...home.env }, stdio: ["pipe", "pipe", "inherit"] });
  t.teardown(() => child.kill("SIGKILL"));
  const [first] = (await once(child.stdout, "data")) as [Buffer];
  return { child: child as ChildProcess, first: first.toString().trim() };
}

const inNode = (busySeconds: number) => [
  process.execPath,
  "--input-type=module",
  "-e",
  PROGRAM,
  CLIENT,
  `${busySeconds}`,
];

async function statusesIn(home: ScratchHome): Promise<unknown[]> {
  await home.stepwell(["flush"]);
  return query(`${home.paths.artifactStoreFolder}/mlflow.db`, "SELECT status FROM runs").flat();
}

async function untilStatus(home: ScratchHome, status: string): Promise<unknown[]> {
  for (const end = performance.now() + 120_000; performance.now() < end; await sleep(500)) {
    if ((await statusesIn(home)).every((each) => each === status)) break;
  }
  return await statusesIn(home);
}

test("a program that is stopped for 120 s keeps its run, and ends it when it goes on", async (t) => {
  const home = await setUp(t);
  const { child } = await started(t, home, inNode(0));
  child.kill("SIGSTOP");
  await sleep(120_000);
  t.deepEqual(await statusesIn(home), ["RUNNING"]);
  child.kill("SIGCONT");
  child.stdin?.write("end\n");
  await once(child, "exit");
  t.deepEqual(await statusesIn(home), ["FINISHED"]);
});

test("a program whose interpreter is blocked for more than 60 s keeps its run, also over a restart of the daemon", async (t) => {
  const home = await setUp(t);
  const { child } = await started(t, home, inNode(75));
  child.stdin?.write("end\n");
  await sleep(30_000);
  await home.stepwell(["daemon", "stop"]);
  await home.startDaemonOrFind();
  await sleep(10_000);
  t.deepEqual(await statusesIn(home), ["RUNNING"]);
  await once(child, "exit");
  t.deepEqual(await statusesIn(home), ["FINISHED"]);
});

/** Arguments: the step's tracker, or "none". It says that it works, holds the interpreter for so many seconds, and ends with a line. */
const STEP = `
import ctypes, sys, stepwell
from stepwell import step

@step(name=sys.argv[1], experiment_tracker=sys.argv[1] if sys.argv[1] != "none" else None)
def work():
    if sys.argv[1] != "none": stepwell.log_metric("loss", 1.0); stepwell.flush()
    print("works", flush=True)
    # A call through PyDLL keeps the interpreter's lock: no thread of the process goes on.
    ctypes.PyDLL(None).sleep(int(sys.argv[2]))
    sys.stdin.readline()

work()
`;

test("a Python step that is stopped for 120 s keeps its run, and ends it when it goes on", async (t) => {
  const home = await setUp(t);
  const step = await startPython(home, STEP, ["tracker", "0"]);
  await step.said("works");
  step.child.kill("SIGSTOP");
  await sleep(120_000);
  t.deepEqual(await statusesIn(home), ["RUNNING"]);
  step.child.kill("SIGCONT");
  step.child.stdin.write("end\n");
  t.like(await step.ended, { code: 0, stderr: "" });
  t.deepEqual(await statusesIn(home), ["FINISHED"]);
});

test("a Python step whose interpreter is blocked for more than 60 s keeps its run, also over a killed daemon", async (t) => {
  const home = await setUp(t);
  const step = await startPython(home, STEP, ["tracker", "75"]);
  await step.said("works");
  step.child.stdin.write("end\n");
  await sleep(30_000);
  process.kill(readEndpoint(home.paths)?.pid ?? 0, "SIGKILL");
  await home.startDaemonOrFind();
  await sleep(35_000);
  t.deepEqual(await statusesIn(home), ["RUNNING"]);
  t.like(await step.ended, { code: 0, stderr: "" });
  t.deepEqual(await statusesIn(home), ["FINISHED"]);
});

test("a command that is stopped for 120 s keeps its run, though its program ends meanwhile, and says then how", async (t) => {
  const home = await setUp(t);
  const command = [process.execPath, join(ROOT, "build/stepwell.js"), "run", "-e", "tracker", "--"];
  const { child } = await started(t, home, [...command, "sh", "-c", "echo works; sleep 5; exit 3"]);
  child.kill("SIGSTOP");
  await sleep(120_000);
  t.deepEqual(await statusesIn(home), ["RUNNING"]);
  child.kill("SIGCONT");
  t.deepEqual(await once(child, "exit"), [3, null]);
  t.deepEqual(await statusesIn(home), ["FAILED"]);
});

test("a client that can't tell its process keeps its runs and steps until its stream has been closed for a minute", async (t) => {
  const home = await setUp(t);
  const endpoint = await home.startDaemonOrFind();
  const runId = newRunId();
  const producer = new RawProducer(endpoint);
  producer.hello();
  producer.batch(1, runId, { runStart: startOf(), metrics: pointsOf("loss", 1) });
  await producer.acknowledged(1);
  const steps = new StepsClient(t, endpoint);
  await steps.start(stepOf({ producerId: Buffer.from(producer.producerId) }));
  await sleep(70_000);
  t.deepEqual(await statusesIn(home), ["RUNNING", "RUNNING"]);
  producer.cut();
  await sleep(45_000);
  t.deepEqual(await statusesIn(home), ["RUNNING", "RUNNING"]);
  t.deepEqual(await untilStatus(home, "KILLED"), ["KILLED", "KILLED"]);
  const again = new RawProducer(endpoint, producer.producerId);
  again.hello({ epoch: 2n, firstUnacknowledgedSequence: 2n });
  await again.answer("welcome");
  t.deepEqual(await statusesIn(home), ["RUNNING", "RUNNING"]);
  again.cut();
});

const UNSHARE = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"];
const canUnshare = spawnSync(UNSHARE[0] ?? "", [...UNSHARE.slice(1), "true"]).status === 0;
if (!canUnshare)
  console.error("unshare --pid is not allowed here: processes of another pid namespace are not tested.");
const testElsewhere = canUnshare || process.env["CI"] === "1" ? test : test.skip;

testElsewhere(
  "a program in another pid namespace keeps its run while its stream is open, and loses it a minute after",
  async (t) => {
    const home = await setUp(t);
    const { child } = await started(t, home, [...UNSHARE, ...inNode(0)]);
    await sleep(70_000);
    t.deepEqual(await statusesIn(home), ["RUNNING"]);
    child.kill("SIGKILL");
    await sleep(20_000);
    t.deepEqual(await statusesIn(home), ["RUNNING"]);
    t.deepEqual(await untilStatus(home, "KILLED"), ["KILLED"]);
  },
);

testElsewhere(
  "steps in another pid namespace, with a tracker and without, run while their streams are open",
  async (t) => {
    const home = await setUp(t);
    const [tracked, untracked] = await Promise.all(
      ["tracker", "none"].map((tracker) => startPython(home, STEP, [tracker, "0"], {}, UNSHARE)),
    );
    await Promise.all([tracked?.said("works"), untracked?.said("works")]);
    await sleep(70_000);
    const steps = new StepsClient(t, await home.startDaemonOrFind());
    const { lastRun } = await steps.pipeline("none");
    t.is(lastRun?.status, RunStatus.RUN_STATUS_RUNNING);
    t.deepEqual(await statusesIn(home), ["RUNNING"]);
    tracked?.child.kill("SIGKILL");
    untracked?.child.stdin.write("end\n");
    t.like(await untracked?.ended, { code: 0, stderr: "" });
    t.deepEqual(await untilStatus(home, "KILLED"), ["KILLED"]);
  },
);
