/** Processes that only look gone, for as long as it takes to be sure; all at the same time. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { query } from "../sinks/mlflow-sql/database.js";
import { ROOT, type ScratchHome, scratchHome } from "../support/home.js";

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
    if ((await statusesIn(home))[0] === status) break;
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
