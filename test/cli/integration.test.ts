import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import anyTest from "ava";
import type { RunStart } from "../../src/gen/stepwell/v1/ingest.js";
import { homeOf } from "../../src/home/endpoint.js";
import { makeEnvironment } from "../../src/mlflow/managed/environment.js";
import { InstallProgress } from "../../src/mlflow/managed/install-progress.js";
import { serveChild } from "../../src/mlflow/managed/serve-child.js";
import { isOlderMlflow } from "../../src/mlflow/mlflow-version.js";
import { scratchFolder } from "../support/folder.js";
import { ROOT, type ScratchHome, scratchHome } from "../support/home.js";
import { homeAtServer } from "../support/home-at-server.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { MLFLOW_3 } from "../support/python-environment.js";
import { ScriptedMlflow } from "../support/scripted-mlflow.js";
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
    t.false(existsSync(home.paths.integrationsFolder));
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
  await home.json(["stack", "register", "bare", "--set"]);
  const none = await home.stepwell(["ui", "--mlflow", "--no-open"]);
  t.regex(none.stderr, /has no experiment tracker/);
  await trackers(home);
  const missing = await home.stepwell(["ui", "--mlflow", "--no-open"]);
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
  t.like(await home.stepwell(["ui", "--mlflow", "-e", "remote", "--no-open"]), {
    code: 0,
    stdout: `${uri}\n`,
    stderr: "",
  });
});

test("the link to a server's pages leads to the experiment of its newest run", async (t) => {
  const { url } = await ScriptedMlflow.start(t);
  const { home, daemon } = await homeAtServer(t, url);
  const producer = new RawProducer(daemon.endpoint.endpoint);
  producer.hello();
  producer.batch(1, newRunId(), { runStart: { ...startOf(), experimentName: "digits" } as RunStart });
  await producer.acknowledged(1);
  const lines = await until(
    "the experiment is known",
    async () => (await home.here(["ui", "--mlflow", "--no-open"])).stdout,
    (stdout) => stdout !== `${url}\n`,
  );
  t.is(lines, `${url}/#/experiments/1\n`);
});

testWith(MLFLOW_3)(
  "MLflow is installed for all homes of a user, with what it takes, serves the local store's pages and goes again",
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
    const folder = home.paths.integrationsFolder;
    t.false(folder.startsWith(home.paths.home));
    const made = () =>
      (existsSync(folder) ? readdirSync(folder) : []).filter((name) => name.startsWith("mlflow-"));
    await until("an installation has begun", made, (names) => names.length > 0, { everyMs: 20 });
    killed.kill("SIGKILL");
    await once(killed, "close");
    const offline = { PIP_INDEX_URL: "http://127.0.0.1:1", PIP_RETRIES: "0", PIP_CONFIG_FILE: "/dev/null" };
    const failed = await unhurried(home, INSTALL, offline);
    t.is(failed.code, 1, failed.stderr);
    t.regex(
      failed.stderr,
      /No matching distribution[\s\S]*\nerror: .*[\s\S]*STEPWELL_INTEGRATION_FAILED\n$/,
      "pip's reason is told",
    );
    t.like(await home.json(["integration", "list"]), [
      { name: "mlflow", installed: false },
      { name: "postgresql", installed: false },
    ]);

    const { code, stdout, stderr } = await unhurried(home, INSTALL);
    t.deepEqual({ code, stdout }, { code: 0, stdout: "" }, stderr);
    const lines = stderr.trimEnd().split("\n");
    t.regex(
      lines[0] ?? "",
      /^MLflow 3\.\d+\.\d+, for all homes of yours, takes about 90 packages and 800 MB/,
    );
    t.regex(lines.at(-1) ?? "", /^Installed MLflow 3\.\d+/);
    t.true(
      lines.length <= 8 && lines.includes("Fetching packages ..."),
      `stages, and no log of pip's: ${stderr}`,
    );
    const [first = ""] = made();
    t.deepEqual(made(), [first], "what was left half-made is gone");
    const whole = { installed: true, version: "3.17.2", folder: join(folder, first) };
    t.like(await home.json(["integration", "list"]), [whole, { installed: false }]);
    const other = { STEPWELL_HOME: join(home.paths.home, "../other") };
    for (const env of [{}, other]) t.regex((await home.stepwell(INSTALL, env)).stderr, /installed already/);

    t.is((await home.stepwell(["flush"])).code, 0);
    const pages = spawn(process.execPath, [COMMAND, "ui", "--mlflow", "--no-open"], { env: home.env });
    const closed = once(pages, "close");
    let noise = "";
    pages.stderr.on("data", (bytes) => (noise += bytes));
    const [address] = (await once(pages.stdout, "data")) as [Buffer];
    const [, url = ""] = /^(http:\/\/127\.0\.0\.1:\d+)\/#\/experiments\/0\n$/.exec(address.toString()) ?? [];
    t.regex(await (await fetch(url)).text(), /<title>MLflow/);
    const run = await fetch(`${url}/api/2.0/mlflow/runs/get?run_id=${runId}`);
    t.is(((await run.json()) as { run: { info: { run_id: string } } }).run.info.run_id, runId);
    const port = new URL(url).port;
    t.regex(
      (await home.stepwell(["ui", "--mlflow", "--no-open", "--port", port])).stderr,
      /STEPWELL_PORT_TAKEN/,
    );
    pages.kill("SIGINT");
    t.is(noise, "", "the address is all that is said");
    t.deepEqual(await closed, [130, null], "as a shell reports Ctrl-C");
    await t.throwsAsync(fetch(url), undefined, "nobody serves any more");

    t.is((await unhurried(home, ["integration", "uninstall", "mlflow", "-y"])).code, 0);
    t.deepEqual(made(), []);
    t.like(await home.json(["integration", "list"]), [{ installed: false }, { installed: false }]);
  },
);

test("an installation says how far it is: on a terminal in one line, elsewhere once for each stage", (t) => {
  const uv =
    "Resolved 87 packages in 1s\nDownloading pyarrow (47.7MiB)\n Downloaded pyarrow\nPrepared 87 packages in 9s\n";
  const pip =
    "Collecting mlflow==3\n  Downloading mlflow-3.whl (11 MB)\nInstalling collected packages: a, b\nSuccessfully installed a b\n";
  for (const said of [uv, pip]) {
    const told: string[] = [];
    const progress = new InstallProgress({
      tell: (text) => told.push(text),
      isTerminal: false,
      nowMs: () => 0,
    });
    for (const piece of said.match(/[\s\S]{1,7}/g) ?? []) progress.take(piece);
    progress.end();
    t.deepEqual(told, [
      "Looking for the packages ...\n",
      "Fetching packages ...\n",
      "Installing packages ...\n",
    ]);
    t.is(progress.lastLines, said.trimEnd(), "what was said is there for whoever has to know why it failed");
  }
  const drawn: string[] = [];
  let nowMs = 0;
  const progress = new InstallProgress({
    tell: (text) => drawn.push(text),
    isTerminal: true,
    nowMs: () => nowMs,
  });
  nowMs = 12_400;
  progress.take("Resolved 87 packages in 1s\n Downloaded pyarrow\n");
  t.is(drawn.at(-1), "\r\u001b[KFetching packages: 1 of 87 (12 s)");
  progress.end();
  t.is(drawn.at(-1), "\r\u001b[K");
});

test("where the user's folder can't be written, or there is none, an installation is the home's own", async (t) => {
  const folder = await scratchFolder(t);
  const home = join(folder, "home");
  t.is(
    homeOf({ STEPWELL_HOME: home, HOME: folder }).integrationsFolder,
    join(folder, ".local/share/stepwell/integrations"),
  );
  writeFileSync(join(folder, "file"), "");
  const paths = homeOf({ STEPWELL_HOME: home, XDG_DATA_HOME: join(folder, "file") });
  const python = { executable: "/bin/false", version: "3.12.0", hasPip: true };
  const told: string[] = [];
  const installer = {
    env: {},
    tell: (text: string) => told.push(text),
    hear: () => undefined,
  };
  await t.throwsAsync(makeEnvironment(paths, installer, python, "3.17.2"), { message: /was not installed/ });
  t.true(told[0]?.includes(join(home, "integrations", "mlflow-")), told[0]);
});

test("the program of MLflow's pages is told to send no telemetry", async (t) => {
  const folder = await scratchFolder(t);
  writeFileSync(
    join(folder, "uvicorn.py"),
    "import os\nraise ImportError('telemetry off: ' + os.environ['MLFLOW_DISABLE_TELEMETRY'])\n",
  );
  const env = { ...process.env, PYTHONPATH: folder, MLFLOW_DISABLE_TELEMETRY: "false" };
  const file = { databasePath: join(folder, "mlflow.db"), artifactRoot: folder, folder };
  const error = await t.throwsAsync(serveChild({ ...file, interpreter: "python3", env }).url);
  t.regex(error.message, /telemetry off: true$/);
});

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
