/** A home whose tracker is a folder, and another home that delivers what appears there. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { ExecutionContext } from "ava";
import test from "ava";
import { scratchFolder } from "../support/folder.js";
import { ROOT, type ScratchHome, scratchHome } from "../support/home.js";
import { flushed, homeWithStore, logSteps, steps, stepsIn } from "../support/outside-store.js";
import { newRunId } from "../support/producer.js";
import { until } from "../support/until.js";

interface Lane {
  readonly state: string;
  readonly last_error: string;
}

async function spoolHome(t: ExecutionContext, folder: string) {
  const home = await scratchHome(t);
  const daemon = await home.startDaemonOrFind();
  const uri = `--tracking_uri=spool+file://${folder}`;
  await home.json(["experiment-tracker", "register", "far", "--flavor=mlflow", uri]);
  await home.json(["stack", "register", "far", "-e", "far", "--set"]);
  const lanes = async () => ((await home.json(["status"])) as { readonly lanes: readonly Lane[] }).lanes;
  return { home, daemon, lanes };
}

/** Names of all files below the folder. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".part"))
    .map(({ name }) => name)
    .toSorted();
}

/** The watch, as a process of its own. */
function watch(
  t: ExecutionContext,
  login: ScratchHome,
  folder: string,
): { readonly child: ChildProcess; readonly end: () => Promise<void> } {
  const args = [`${ROOT}/build/stepwell.js`, "bundle", "import", "--watch", folder, "--to", "out"];
  const child = spawn(process.execPath, args, { env: login.env, stdio: "ignore" });
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  t.teardown(end);
  return { child, end };
}

test("what a daemon writes into a folder is delivered by the watch, and nothing stays there", async (t) => {
  const folder = await scratchFolder(t);
  const { home: login, store } = await homeWithStore(t);
  const nodes = [await spoolHome(t, folder), await spoolHome(t, folder)];
  const runIds = [newRunId(), newRunId()];
  for (const [index, { daemon, lanes }] of nodes.entries()) {
    await logSteps(daemon, runIds[index] ?? "", 1, 1_500);
    await until("the lane says that its bundle waits", lanes, ([lane]) => lane?.state === "retrying");
    t.regex((await lanes())[0]?.last_error ?? "", /STEPWELL_BUNDLE_WAITS.*waits for its import/);
    const shown = await nodes[index]?.home.here(["runs", "show", runIds[index] ?? ""]);
    t.regex(shown?.stdout ?? "", /waits for its import/);
    const { code, stderr } = (await nodes[index]?.home.here(["flush", "--timeout=1"])) ?? {
      code: 0,
      stderr: "",
    };
    t.is(code, 4);
    t.regex(stderr, /waits for its import/);
  }
  // Each home has written one bundle, however often its lane asked.
  t.is(filesIn(folder).length, 2);
  const { end } = watch(t, login, folder);
  for (const { home } of nodes) await flushed(t, home);
  for (const [index, { daemon, home }] of nodes.entries()) {
    await logSteps(daemon, runIds[index] ?? "", 1_501, 20, true);
    await flushed(t, home);
    t.deepEqual(stepsIn(store, runIds[index] ?? ""), steps([1, 1_520]));
  }
  await end();
  await until(
    "nothing is left in the folder",
    async () => filesIn(folder),
    (files) => files.length === 0,
  );
});

test("a daemon that is killed and started again writes no second bundle for what waits, and hears its receipt", async (t) => {
  const folder = await scratchFolder(t);
  const { home: login, store } = await homeWithStore(t);
  const { home, daemon, lanes } = await spoolHome(t, folder);
  const runId = newRunId();
  await logSteps(daemon, runId, 1, 40);
  await until(
    "the bundle is there",
    async () => filesIn(folder),
    (files) => files.length === 1,
  );
  const before = filesIn(folder);
  const { pid } = (await home.json(["daemon", "status"])) as { readonly pid: number };
  process.kill(pid, "SIGKILL");
  await until(
    "the daemon is gone",
    () => home.here(["daemon", "status"]),
    ({ code }) => code === 3,
  );
  await logSteps(await home.startDaemonOrFind(), runId, 41, 10, true);
  await until("the lane says that its bundle waits", lanes, ([lane]) => lane?.state === "retrying");
  t.deepEqual(filesIn(folder), before);
  const round = async () => await login.here(["bundle", "import", folder, "--to", "out"]);
  t.is((await round()).code, 0);
  await until(
    "its receipt is read, and the rest is written",
    async () => filesIn(folder),
    (files) => files.length === 1 && files[0] !== before[0],
  );
  t.is((await round()).code, 0);
  await flushed(t, home);
  t.deepEqual(stepsIn(store, runId), steps([1, 50]));
});

test("half a bundle, and half a receipt, are waited for", async (t) => {
  const folder = await scratchFolder(t);
  const { home: login, store } = await homeWithStore(t);
  const { home, daemon } = await spoolHome(t, folder);
  const runId = newRunId();
  await logSteps(daemon, runId, 1, 300);
  const [name = ""] = await until(
    "the bundle is there",
    async () => filesIn(folder),
    (files) => files.length === 1,
  );
  const [homeId = ""] = readdirSync(folder);
  const path = `${folder}/${homeId}/${name}`;
  const whole = readFileSync(path);
  const round = async () => await login.here(["bundle", "import", folder, "--to", "out"]);
  writeFileSync(path, whole.subarray(0, whole.length / 2));
  const early = await round();
  t.is(early.code, 1);
  t.regex(early.stderr, /STEPWELL_BUNDLE_DAMAGED.*cut off/);
  writeFileSync(path, whole);
  t.is((await round()).code, 0);
  t.deepEqual(stepsIn(store, runId), steps([1, 300]));
  await flushed(t, home);
  // A receipt that is seen in part changes nothing; the whole one comes.
  await logSteps(daemon, runId, 301, 5, true);
  const [next = ""] = await until(
    "the bundle is there",
    async () => filesIn(folder),
    (files) => files.length === 1,
  );
  const bundle = `${folder}/${homeId}/${next}`;
  renameSync(bundle, `${folder}/aside.bundle`);
  t.is((await login.here(["bundle", "import", `${folder}/aside.bundle`, "--to", "out"])).code, 0);
  const receipt = readFileSync(`${folder}/aside.bundle.receipt`);
  renameSync(`${folder}/aside.bundle`, bundle);
  writeFileSync(`${bundle}.receipt`, receipt.subarray(0, 50));
  t.is((await home.here(["flush", "--timeout=2"])).code, 4);
  writeFileSync(`${bundle}.receipt`, receipt);
  await flushed(t, home);
  t.deepEqual(stepsIn(store, runId), steps([1, 305]));
});

test("a folder that is not there keeps its lanes waiting, is not made, and is good once it is", async (t) => {
  const folder = `${await scratchFolder(t)}/mount`;
  const { home: login, store } = await homeWithStore(t);
  const { home, daemon } = await spoolHome(t, folder);
  const tested = await home.here(["experiment-tracker", "test", "far"]);
  t.not(tested.code, 0);
  t.regex(tested.stdout + tested.stderr, /No bundle can be written/);
  const runId = newRunId();
  await logSteps(daemon, runId, 1, 7);
  const late = await home.here(["flush", "--timeout=2"]);
  t.is(late.code, 4);
  t.regex(late.stderr, /STEPWELL_BUNDLE_FILE/);
  t.throws(() => readdirSync(folder), { code: "ENOENT" });
  mkdirSync(folder);
  await home.here(["flush", "--timeout=1"]);
  t.is((await login.here(["bundle", "import", folder, "--to", "out"])).code, 0);
  await flushed(t, home);
  t.deepEqual(stepsIn(store, runId), steps([1, 7]));
  t.is((await home.here(["experiment-tracker", "test", "far"])).code, 0);
});

test("a bundle that somebody removes is written once more", async (t) => {
  const folder = await scratchFolder(t);
  const { home: login, store } = await homeWithStore(t);
  const { home, daemon } = await spoolHome(t, folder);
  const runId = newRunId();
  await logSteps(daemon, runId, 1, 9);
  const [name = ""] = await until(
    "the bundle is there",
    async () => filesIn(folder),
    (files) => files.length === 1,
  );
  rmSync(`${folder}/${readdirSync(folder)[0]}/${name}`);
  await home.here(["flush", "--timeout=1"]);
  t.is((await login.here(["bundle", "import", folder, "--to", "out"])).code, 0);
  await flushed(t, home);
  t.deepEqual(stepsIn(store, runId), steps([1, 9]));
});
