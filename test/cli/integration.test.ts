import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import anyTest from "ava";
import { serveChild } from "../../src/mlflow/managed/serve-child.js";
import { isOlderMlflow } from "../../src/mlflow/mlflow-version.js";
import { scratchFolder } from "../support/folder.js";
import { ROOT, type ScratchHome, scratchHome } from "../support/home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { MLFLOW_3 } from "../support/python-environment.js";
import { testWith } from "../support/test-with.js";
import { until } from "../support/until.js";

// One after the other: each starts processes, and two cores are all that some machines have.
const test = anyTest.serial;
const COMMAND = join(ROOT, "build/stepwell.js");

const INSTALL = ["integration", "install", "mlflow", "-y"];

/** Runs the command without the bound of other tests: 25,000 files take long on a busy disk. */
async function unhurried(home: ScratchHome, args: readonly string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [COMMAND, ...args], { env: { ...home.env, ...env } });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
  child.stderr.on("data", (text: Buffer) => (stderr += text.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, stdout, stderr };
}

async function trackers(home: ScratchHome): Promise<void> {
  await home.json(["experiment-tracker", "register", "local", "--flavor=mlflow"]);
  await home.json(["stack", "register", "mine", "-e", "local", "--set"]);
}

test("versions of MLflow before 2.2.1 are told from safe ones", (t) => {
  for (const version of ["1.30.1", "2.2.0", "2.1.9", "2.2", "0.9"])
    t.true(isOlderMlflow(version, "2.2.1"), version);
  for (const version of ["2.2.1", "2.10.0", "3.0.0", "3.17.2rc1"])
    t.false(isOlderMlflow(version, "2.2.1"), version);
  t.is(isOlderMlflow("newest", "2.2.1"), undefined);
});

for (const [line, code, sentence] of [
  ["integration install mlflow --mlflow-version=2.2.0 -y", 1, /STEPWELL_INTEGRATION_UNSAFE/],
  ["integration install mlflow --mlflow-version=newest -y", 2, /"newest" is no version/],
  ["integration install wandb -y", 1, /STEPWELL_INTEGRATION_UNKNOWN/],
] as const) {
  test(`an installation is refused: ${line}`, async (t) => {
    const home = await scratchHome(t);
    const result = await home.stepwell(line.split(" "));
    t.is(result.code, code);
    t.regex(result.stderr, sentence);
    t.false(existsSync(join(home.paths.home, "integrations")));
  });
}

test("without a Python that is new enough the installation says so", async (t) => {
  const home = await scratchHome(t);
  const nowhere = { PATH: home.paths.home };
  const line = ["integration", "install", "mlflow", "-y"];
  const none = await home.stepwell(line, nowhere);
  t.is(none.code, 1);
  t.regex(
    none.stderr,
    /^error: There is no Python 3\.10 or newer .*\n {2}Install Python .*\n {2}STEPWELL_PYTHON_MISSING\n$/,
  );
  const given = await home.stepwell(line, { STEPWELL_PYTHON: "/bin/false" });
  t.regex(given.stderr, /STEPWELL_PYTHON=\/bin\/false is no Python/);
});

test("the pages of a server are a link, and of a store without MLflow or points a clear error", async (t) => {
  const home = await scratchHome(t);
  const none = await home.stepwell(["ui", "--no-browser"]);
  t.regex(none.stderr, /has no experiment tracker/);
  await trackers(home);
  const missing = await home.stepwell(["ui", "--no-browser"]);
  t.is(missing.code, 1);
  t.regex(missing.stderr, /integration install mlflow -y/);
  const uri = "https://mlflow.example:5000/x";
  await home.json([
    "experiment-tracker",
    "register",
    "remote",
    "--flavor=mlflow",
    `--tracking_uri=${uri}`,
    "--auth=none",
  ]);
  t.like(await home.stepwell(["ui", "-e", "remote", "--no-browser"]), {
    code: 0,
    stdout: `${uri}\n`,
    stderr: "",
  });
});

testWith(MLFLOW_3)(
  "MLflow is installed below the home, serves the local store's pages and goes again",
  async (t) => {
    t.timeout(1_800_000);
    const home = await scratchHome(t);
    const [producer, runId] = [new RawProducer(await home.startDaemonOrFind()), newRunId()];
    await trackers(home);
    producer.hello();
    producer.batch(1, runId, { runStart: startOf(), metrics: pointsOf("loss", 10) });
    await producer.acknowledged(1);

    // An installation that is killed, and one that fails, leave nothing that counts.
    const killed = spawn(process.execPath, [COMMAND, ...INSTALL], { env: home.env });
    const folder = join(home.paths.home, "integrations");
    const made = () =>
      (existsSync(folder) ? readdirSync(folder) : []).filter((name) => name.startsWith("mlflow-"));
    await until("an installation has begun", made, (names) => names.length > 0, { everyMs: 20 });
    killed.kill("SIGKILL");
    await once(killed, "close");
    const offline = { PIP_INDEX_URL: "http://127.0.0.1:1", PIP_RETRIES: "0", PIP_CONFIG_FILE: "/dev/null" };
    const failed = await unhurried(home, INSTALL, offline);
    t.is(failed.code, 1, failed.stderr);
    t.regex(failed.stderr, /STEPWELL_INTEGRATION_FAILED\n$/);
    t.like(await home.json(["integration", "list"]), [{ name: "mlflow", installed: false }]);

    const { code, stdout, stderr } = await unhurried(home, INSTALL);
    t.deepEqual({ code, stdout }, { code: 0, stdout: "" }, stderr);
    t.regex(stderr, /Installed MLflow 3\.\d+/);
    const [first = ""] = made();
    t.deepEqual(made(), [first], "what was left half-made is gone");
    const whole = { installed: true, version: "3.17.2", folder: join(folder, first) };
    t.like(await home.json(["integration", "list"]), [whole]);
    t.regex((await home.stepwell(INSTALL)).stderr, /installed already/);

    t.is((await home.stepwell(["flush"])).code, 0);
    const pages = spawn(process.execPath, [COMMAND, "ui", "--no-browser"], { env: home.env });
    const closed = once(pages, "close");
    pages.stderr.resume();
    const [address] = (await once(pages.stdout, "data")) as [Buffer];
    const url = address.toString().trim();
    t.regex(url, /^http:\/\/127\.0\.0\.1:\d+$/);
    t.regex(await (await fetch(url)).text(), /<title>MLflow/);
    const run = await fetch(`${url}/api/2.0/mlflow/runs/get?run_id=${runId}`);
    t.is(((await run.json()) as { run: { info: { run_id: string } } }).run.info.run_id, runId);
    const port = new URL(url).port;
    t.regex((await home.stepwell(["ui", "--no-browser", "--port", port])).stderr, /STEPWELL_PORT_TAKEN/);
    pages.kill("SIGINT");
    t.deepEqual(await closed, [0, null]);
    await t.throwsAsync(fetch(url), undefined, "nobody serves any more");

    t.is((await unhurried(home, ["integration", "uninstall", "mlflow", "-y"])).code, 0);
    t.deepEqual(made(), []);
    t.like(await home.json(["integration", "list"]), [{ installed: false }]);
  },
);

test("why MLflow's pages did not start is told, and nothing else", async (t) => {
  const folder = await scratchFolder(t);
  writeFileSync(join(folder, "uvicorn.py"), "raise ImportError('of a test')\n");
  const start = async (interpreter: string) => {
    const env = { ...process.env, PYTHONPATH: folder };
    const file = { databasePath: join(folder, "mlflow.db"), artifactRoot: folder, folder };
    return await t.throwsAsync(serveChild({ ...file, interpreter, env }).url);
  };
  t.regex((await start(join(folder, "python"))).message, /ENOENT/);
  t.regex((await start("python3")).message, /ImportError: of a test$/);
});
