/** `stepwell run`: programs of any kind, and how their runs end. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import anyTest, { type ExecutionContext } from "ava";
import { query } from "../sinks/mlflow-sqlite/database.js";
import { ROOT, type ScratchHome, scratchHome } from "../support/home.js";
import { until } from "../support/until.js";

// One after the other: each starts processes.
const test = anyTest.serial;

const COMMAND = join(ROOT, "build/stepwell.js");
const CLIENT = join(ROOT, "build/clients/typescript/src/index.js");

async function setUp(t: ExecutionContext) {
  const home = await scratchHome(t);
  await home.json(["experiment-tracker", "register", "tracker", "--flavor=mlflow"]);
  return { home, path: `${home.paths.artifactStoreFolder}/mlflow.db` };
}

const COLUMNS =
  "r.name, e.name, r.status, (SELECT count(*) FROM tags WHERE run_uuid = r.run_uuid AND key = 'stepwell.end_reason')";

async function runsIn(home: ScratchHome, path: string): Promise<unknown[][]> {
  const flushed = await home.here(["flush"]);
  if (flushed.code !== 0) throw new Error(flushed.stderr);
  // Nobody has logged to one of them, or ended one.
  if (!existsSync(path)) return [];
  return query(
    path,
    `SELECT ${COLUMNS} FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id ORDER BY r.name`,
  );
}

const inShell = (name: string, script: string) =>
  ["run", "-e", "tracker", "--run-name", name, "--", "sh", "-c", script] as const;

/** The command where no PATH is set. */
async function codeWithoutPath({ env }: ScratchHome, args: readonly string[]): Promise<number | null> {
  const { PATH: _, ...others } = env;
  const child = spawn(process.execPath, [COMMAND, ...args], { env: others, stdio: "ignore" });
  const [code] = (await once(child, "exit")) as [number | null];
  return code;
}

/** The command as a process of its own, with pipes; what it writes first is awaited. */
async function started(t: ExecutionContext, home: ScratchHome, args: readonly string[]) {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    env: { ...home.env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.teardown(() => child.kill("SIGKILL"));
  const [first] = (await once(child.stdout, "data")) as [Buffer];
  return { child, first: first.toString(), ended: once(child, "exit") };
}

test("the exit code is passed on and decides the status", async (t) => {
  const { home, path } = await setUp(t);
  const good = await home.stepwell(
    [...inShell("good", "echo out; echo err >&2"), "--experiment-name", "not ours"],
    { STEPWELL_QUIET: "no" },
  );
  t.like(good, { code: 0, stdout: "out\n" });
  t.regex(
    good.stderr,
    /^stepwell: run good logs to tracker\. Look: stepwell runs show [0-9a-f]{32}\nerr\nstepwell: run good FINISHED\. .*tracker\.\n$/,
  );
  t.is((await home.stepwell(inShell("quiet", "echo err >&2"))).stderr, "err\n");
  t.is((await home.stepwell(inShell("bad", "exit 7"))).code, 7);
  t.is((await home.stepwell(inShell("signal", "kill -9 $$"))).code, 137);
  const missing = await home.stepwell([
    "run",
    "-e",
    "tracker",
    "--run-name",
    "none",
    "--",
    "no-such-program",
  ]);
  t.is(missing.code, 127);
  t.regex(missing.stderr, /^error: no-such-program can't be run: [^\n]*\n$/);
  // Without a PATH programs are looked for in the usual places: this one is in none of them, and sh is.
  t.is(await codeWithoutPath(home, ["run", "-e", "tracker", "--", "no-such-program"]), 127);
  t.is(await codeWithoutPath(home, inShell("without", "exit 3")), 3);
  // A folder can't be run, and neither can a file that is no program.
  t.is((await home.stepwell(["run", "-e", "tracker", "--", home.paths.home])).code, 126);
  t.deepEqual(await runsIn(home, path), [
    ["bad", "Default", "FAILED", "0"],
    ["good", "Default", "FINISHED", "0"],
    ["quiet", "Default", "FINISHED", "0"],
    ["signal", "Default", "KILLED", "0"],
    ["without", "Default", "FAILED", "0"],
  ]);
  // The command's own stream is closed, and no sign of trouble.
  t.like(await home.json(["status"]), { producers_ended_without_closing: 0 });
});

test("what a program logs through a client goes to its run, which the client does not end", async (t) => {
  const { home, path } = await setUp(t);
  const script = `
    const { startRun, logMetric, flush, close } = await import(process.argv[1]);
    const run = startRun({ runName: "mine" });
    for (let step = 0; step < 100; step++) logMetric("loss", step, { step });
    run.end();
    await close();
    console.log(run.runId);
    process.exit(3);`;
  const command = [process.execPath, "--input-type=module", "-e", script, CLIENT];
  const result = await home.stepwell(["run", "-e", "tracker", "--run-name", "given", "--", ...command]);
  t.is(result.code, 3, result.stderr);
  t.deepEqual(await runsIn(home, path), [["given", "Default", "FAILED", "0"]]);
  const runId = result.stdout.trim();
  t.deepEqual(query(path, "SELECT count(*) FROM metrics WHERE run_uuid = ?", runId), [["100"]]);
});

test("the first run that a program begins at the address of MLflow's is the command's, which ends it", async (t) => {
  const { home, path } = await setUp(t);
  const script = `
    const post = async (path, body) => (await fetch(process.env.MLFLOW_TRACKING_URI + "/api/2.0/mlflow/" + path, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
    })).json();
    const ids = [];
    for (const run_name of ["first", "second"]) {
      const { run } = await post("runs/create", { experiment_id: "0", run_name });
      ids.push(run.info.run_id);
      await post("runs/update", { run_id: run.info.run_id, status: "FINISHED" });
    }
    console.log(JSON.stringify([process.env.STEPWELL_RUN_ID, ...ids]));
    process.exit(3);`;
  const program = [process.execPath, "--input-type=module", "-e", script];
  const { code, stdout, stderr } = await home.stepwell(["run", "-e", "tracker", "--", ...program]);
  t.is(code, 3, stderr);
  const [given, first, second] = JSON.parse(stdout) as string[];
  t.is(first, given);
  t.not(second, given);
  t.is((await home.here(["flush"])).code, 0);
  const statuses = "SELECT run_uuid, status FROM runs ORDER BY status";
  t.deepEqual(query(path, statuses), [
    [given, "FAILED"],
    [second, "FINISHED"],
  ]);
});

test("signals are forwarded, and a program that was asked to end is KILLED whatever it exits with", async (t) => {
  const { home, path } = await setUp(t);
  const trap = "trap 'echo caught; exit 5' TERM; echo ready; while :; do sleep 0.05; done";
  const one = await started(t, home, inShell("trapped", trap));
  // Nothing was logged to it: nothing waits.
  t.is((await home.here(["flush", "--timeout=60"])).code, 0);
  t.like(await home.json(["status"]), { lane_count: 0 });
  one.child.kill("SIGTERM");
  t.deepEqual(await one.ended, [5, null]);
  const other = await started(t, home, inShell("default", "echo ready; exec sleep 600"));
  other.child.kill("SIGINT");
  t.deepEqual(await other.ended, [130, null]);
  t.deepEqual(await runsIn(home, path), [
    ["default", "Default", "KILLED", "0"],
    ["trapped", "Default", "KILLED", "0"],
  ]);
});

test("a command that is killed itself loses its lease; a daemon that restarts meanwhile changes nothing", async (t) => {
  const { home, path } = await setUp(t);
  const lost = await started(t, home, inShell("lost", "echo $$; exec sleep 600"));
  const kept = await started(t, home, inShell("kept", "echo $$; exec sleep 12"));
  await home.here(["daemon", "stop"]);
  await home.startDaemonOrFind();
  lost.child.kill("SIGKILL");
  t.teardown(() => process.kill(Number(lost.first), "SIGKILL"));
  const runs = await until(
    "a run is KILLED",
    () => runsIn(home, path),
    (seen) => seen.some(([, , status]) => status === "KILLED"),
  );
  t.deepEqual(runs.at(-1), ["lost", "Default", "KILLED", "1"]);
  t.deepEqual(await kept.ended, [0, null]);
  t.deepEqual((await runsIn(home, path))[0], ["kept", "Default", "FINISHED", "0"]);
});

test("a program is not started when its run can't begin", async (t) => {
  const { home } = await setUp(t);
  const mark = join(home.paths.home, "mark");
  const command = ["--", "touch", mark];
  t.like(await home.stepwell(["run", "-e", "trackr", ...command]), { code: 1, stdout: "" });
  t.regex((await home.stepwell(["run", "-e", "trackr", ...command])).stderr, /Did you mean "tracker"\?/);
  await home.json(["stack", "register", "bare", "--set"]);
  t.is((await home.stepwell(["run", ...command])).code, 1);
  t.is((await home.stepwell(["run"])).code, 2);
  t.is((await home.stepwell(["run", ...command], { STEPWELL_ENDPOINT: "unix:/nowhere.sock" })).code, 3);
  t.false(existsSync(mark));
});

test("the program's environment holds what it needs to log, and no credential of the tracker", async (t) => {
  const { home } = await setUp(t);
  const { stdout } = await home.stepwell(["run", "-e", "tracker", "--", "env"]);
  const given = variablesOf(stdout);
  t.deepEqual(given, [...MLFLOWS, ...OURS]);
  const named = ["run", "-e", "tracker", "--experiment-name", "mine", "--", "env"];
  const ofNamed = variablesOf((await home.stepwell(named)).stdout);
  t.deepEqual(ofNamed, ["MLFLOW_EXPERIMENT_NAME", "MLFLOW_RUN_ID", ...MLFLOWS, ...OURS]);
});

const OURS = [
  "STEPWELL_COMMAND",
  "STEPWELL_HOME",
  "STEPWELL_QUIET",
  "STEPWELL_RUN_ID",
  "STEPWELL_RUN_OUTPUT",
];
const MLFLOWS = ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "MLFLOW_TRACKING_URI"];

/** What of ours and of MLflow's a program has in its environment, sorted. */
function variablesOf(printed: string): (string | undefined)[] {
  const lines = printed.split("\n").filter((line) => /^(STEPWELL|MLFLOW|DATABRICKS)_/.test(line));
  return lines.map((line) => line.split("=")[0] ?? "").sort((one, other) => (one < other ? -1 : 1));
}
