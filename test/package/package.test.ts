/**
 * The packages, made for this platform and installed away from the clone: with npm into an empty folder, with pip into
 * an empty environment that has no Node on its PATH. Each runs its first minutes with its client's and its own command.
 */
import { execFile, execFileSync, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import test, { type ExecutionContext } from "ava";
import { unzipSync } from "fflate";
import { RealMlflow } from "../sinks/mlflow-sqlite/real-mlflow.js";
import { scratchFolder } from "../support/folder.js";
import { ROOT } from "../support/home.js";
import { seesPages } from "../support/pages.js";
import {
  MLFLOW_3,
  PYTHON_CLIENT,
  PYTHON_ENVIRONMENT_MS_MAX,
  pythonEnvironment,
} from "../support/python-environment.js";
import { serialTestWith } from "../support/test-with.js";
import { hasClientAlone, isComplete } from "./contents.js";

const run = promisify(execFile);
const MAKE = join(ROOT, "scripts/package.mjs");
const WHEEL_BYTES_MAX = 15_000_000;
/** What has no place in a package: sources of tests, maps, and what one machine knows. */
const UNWANTED = /(?:^|\/)(?:tests?|bench|examples|__pycache__)\/|\.(?:map|pyc|test\.js)$|(?<!\.d)\.ts$/;
const NPM_QUIET = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"];

/** The first script of somebody who has just installed it. */
const FIRST_IN_PYTHON = `
import stepwell

with stepwell.start_run(experiment_name="first", run_name="baseline"):
    stepwell.log_param("lr", 0.1)
    for step in range(1000):
        stepwell.log_metric("loss", 1 / (step + 1), step=step)
`;
const FIRST_IN_NODE = `
import { logMetric, logParam, withRun } from "stepwell-client";

await withRun({ experimentName: "first", runName: "baseline" }, async () => {
  logParam("lr", 0.1);
  for (let step = 0; step < 1000; step++) logMetric("loss", 1 / (step + 1), { step });
});
`;

/** The packages of this platform, as paths. */
let packages: readonly string[] = [];
const made: string[] = [];

test.before("the packages are made", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const to = mkdtempSync(join(tmpdir(), "stepwell-test-"));
  made.push(to);
  await run(process.execPath, [MAKE, "--built", "--to", to, "here"]);
  packages = readdirSync(to).map((file) => join(to, file));
});

/** The client's, and the one with command and daemon. */
function wheels(): string[] {
  return packages
    .filter((file) => file.endsWith(".whl"))
    .sort((one, other) => statSync(one).size - statSync(other).size);
}

test.after.always("they are removed", () => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

test.serial("the npm packages hold what is needed, and deliver a run from an empty folder", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const { folder, env } = await emptyPlace(t);
  const tarballs = packages.filter((file) => file.endsWith(".tgz"));
  t.is(tarballs.length, 2);
  for (const file of tarballs) {
    const names = execFileSync("tar", ["-tzf", file], { encoding: "utf8" }).trim().split("\n");
    t.deepEqual(
      names.filter((name) => UNWANTED.test(name)),
      [],
    );
    t.true(names.length < 100, `${names.length} files`);
  }
  writeFileSync(join(folder, "package.json"), "{}");
  // npm has its own folder for what it fetched before.
  await run("npm", ["install", ...NPM_QUIET, ...tarballs], { cwd: folder });
  t.is(grepMachine(join(folder, "node_modules/stepwell")), "");
  t.is(grepMachine(join(folder, "node_modules/stepwell-client")), "");
  isComplete(t, join(folder, "node_modules/stepwell"));
  const path = pathWith(folder, ["node"]);
  writeFileSync(join(folder, "first.mjs"), FIRST_IN_NODE);
  const bin = join(folder, "node_modules/.bin");
  await hasFirstMinutes(t, "npm", { folder, env, path: `${bin}:${path}`, program: "node first.mjs" });
});

test.serial("a wheel made again has the same bytes", async (t) => {
  const to = await scratchFolder(t);
  const env = { ...process.env, TZ: "Asia/Tokyo" };
  const { stdout } = await run(process.execPath, [MAKE, "--built", "--contents", "--to", to], {
    ...{ env, maxBuffer: 1e7 },
  });
  const [client = "", whole = ""] = wheels();
  t.true(readFileSync(client).equals(readFileSync(join(to, basename(client)))));
  // Both are zipped by the same lines, the whole one for seconds: here what goes into it is compared, in its order.
  const filter = ({ name }: { readonly name: string }) => name.endsWith(".dist-info/RECORD");
  const records = Object.values(unzipSync(readFileSync(whole), { filter }));
  // Who names no platform makes a wheel for each.
  const { PLATFORMS } = (await import(pathToFileURL(join(ROOT, "scripts/package/platforms.mjs")).href)) as {
    readonly PLATFORMS: Readonly<Record<string, unknown>>;
  };
  const made = new Set(stdout.split(/(?<=\/RECORD,,\n)/));
  t.is(made.size, Object.keys(PLATFORMS).length);
  t.is(records.length, 1);
  t.true(made.has(Buffer.from(records[0] ?? []).toString()));
});

serialTestWith(PYTHON_CLIENT)("the wheel delivers a run where there is no Node", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const { folder, env } = await emptyPlace(t);
  const [client, whole] = wheels();
  const size = statSync(whole ?? "").size;
  t.log(`the wheel has ${size} bytes`);
  t.true(size <= WHEEL_BYTES_MAX);
  const python = await pythonEnvironment(PYTHON_CLIENT);
  for (const file of [client, whole]) {
    const names = await namesIn(python, file);
    t.deepEqual(
      names.filter((name) => UNWANTED.test(name)),
      [],
    );
  }
  hasClientAlone(t, client, whole);
  const place = join(folder, "venv");
  // The pip of the Python that all others come from: to give the environment one of its own takes seven seconds.
  await run(python, ["-m", "venv", "--without-pip", place]);
  const installed = join(place, "bin/python");
  const { stdout: base } = await run(python, ["-c", "import sys; print(sys._base_executable)"]);
  // Nothing of it may need a compiler.
  const options = ["--quiet", "--disable-pip-version-check", "--no-compile", "--only-binary=:all:"];
  const install = ["install", ...options, whole ?? ""];
  await run(base.trim(), ["-m", "pip", "--python", installed, ...install]);
  t.is(grepMachine(join(place, "lib")), "");
  // A Node that is too old is not taken.
  const path = pathWith(folder, []);
  writeFileSync(join(path, "node"), "#!/bin/sh\necho v18.20.0\n", { mode: 0o755 });
  writeFileSync(join(folder, "first.py"), FIRST_IN_PYTHON);
  const bin = join(place, "bin");
  await hasFirstMinutes(t, "pip", { folder, env, path: `${bin}:${path}`, program: "python first.py" });
  await isReadByMlflow(t, folder);
  await isSoonImported(t, installed);
});

interface FirstMinutes extends Place {
  readonly path: string;
  /** What is typed to train. */
  readonly program: string;
}

/** What who has just installed it types, and sees. */
async function hasFirstMinutes(
  t: ExecutionContext,
  name: string,
  { folder, env, path, program }: FirstMinutes,
): Promise<void> {
  const home = join(folder, "first");
  mkdirSync(home, { mode: 0o700 });
  await seesPages(t, {
    name,
    cwd: folder,
    env: { ...env, HOME: home, PATH: path },
    places: { HOME: home },
    lines: [
      "stepwell version",
      "stepwell status",
      { once: program },
      "stepwell flush",
      "stepwell runs show {run}",
      "stepwell runs list --columns run_name,status,state",
      { once: "stepwell daemon stop" },
    ],
  });
}

/** MLflow reads the run that the first script logged, from the store of the daemon that the package brought. */
async function isReadByMlflow(t: ExecutionContext, folder: string): Promise<void> {
  const store = join(folder, "first/.local/share/stepwell/artifact_stores/default/mlflow.db");
  const mlflow = await RealMlflow.start(t, MLFLOW_3, store);
  const { runs } = await mlflow.find("first");
  t.is(runs.length, 1);
  const { history, ...read } = await mlflow.read(runs[0] ?? "");
  t.like(read, { name: "baseline", status: "FINISHED", params: { lr: "0.1" }, latest: { loss: "0.001" } });
  t.deepEqual(
    history["loss"]?.map(([step]) => Number(step)),
    Array.from({ length: 1000 }, (_, step) => step),
  );
}

const IMPORT_MS_MAX = 120;
/** What the start of Node takes of the CPU on the machine that the budget is of. */
const NODE_MS = 64;

/** Of three imports the quickest is within the budget, which a slower machine stretches. */
async function isSoonImported(t: ExecutionContext, python: string): Promise<void> {
  const quickest = async (program: string, ...args: readonly string[]) => {
    const took: number[] = [];
    for (let turn = 0; turn < 3; turn++) took.push(Number((await run(program, args)).stdout));
    return Math.min(...took);
  };
  const importing = "import time; t = time.process_time(); import stepwell; print(time.process_time() - t)";
  const starting = "const { user, system } = process.cpuUsage(); console.log((user + system) / 1_000)";
  const ms = 1_000 * (await quickest(python, "-c", importing));
  const msMax = IMPORT_MS_MAX * Math.max(1, (await quickest(process.execPath, "-e", starting)) / NODE_MS);
  t.log(`import stepwell takes ${Math.round(ms)} ms of CPU, of ${Math.round(msMax)}`);
  t.true(ms <= msMax, `import stepwell takes ${ms} ms of CPU, and may take ${msMax}`);
}

interface Place {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A folder, and an environment that knows of nothing else. */
async function emptyPlace(t: ExecutionContext): Promise<Place> {
  const folder = await scratchFolder(t);
  const home = join(folder, "home");
  mkdirSync(home, { mode: 0o700 });
  return { folder, env: { HOME: home, DBUS_SESSION_BUS_ADDRESS: "unix:path=/none" } };
}

/** A folder for a PATH on which a shell is, and what is named. */
function pathWith(folder: string, names: readonly string[]): string {
  const path = join(folder, "path");
  mkdirSync(path);
  symlinkSync("/bin/sh", join(path, "sh"));
  for (const name of names) if (name === "node") symlinkSync(process.execPath, join(path, name));
  return path;
}

async function namesIn(python: string, file = ""): Promise<string[]> {
  const { stdout } = await run(python, ["-m", "zipfile", "-l", file], { maxBuffer: 1e7 });
  return stdout
    .trim()
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "");
}

/** The files below a folder that name this clone. */
function grepMachine(folder: string): string {
  const { status, stdout, stderr } = spawnSync("grep", ["-rlF", ROOT, folder], { encoding: "utf8" });
  // That it found none is 1 to it; of all else it says what was wrong.
  return status === 1 ? stdout : `${stdout}${stderr}${status}`;
}
