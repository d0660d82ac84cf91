/**
 * Real Python packages for tests: virtual environments from PyPI, made once and kept
 * between runs in a cache folder, under a name that holds a hash of the requirements.
 *
 * An environment counts when its mark is there, which is written last: what a killed run
 * left half-made is made anew. Test files run in processes of their own, so a lock makes
 * one of them build while the others wait.
 */
import { execFile, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import Database from "libsql";
import { PIP_INSTALL, UV } from "../../src/mlflow/managed/install-packages.js";
import { uvSettings } from "../../src/mlflow/managed/uv-settings.js";

/** Packages that a test needs, and the Pythons that run them. */
export interface PythonRequirements {
  readonly name: string;
  /** As pip takes them. */
  readonly requirements: readonly string[];
  /** Versions such as "3.12", the preferred one first. */
  readonly pythons: readonly string[];
}

/**
 * The current MLflow, with what its server needs for basic authentication and PostgreSQL, what the Python client needs
 * beside it, and frameworks that log to it by themselves: none of them brings a PyTorch along.
 */
export const MLFLOW_3: PythonRequirements = {
  name: "mlflow-3",
  requirements: [
    ...["mlflow==3.17.2", "Flask-WTF==1.3.0", "psycopg2-binary==2.9.13", "grpclib==0.4.9"],
    ...["lightgbm==4.7.0", "transformers==5.24.0", "psutil==7.2.2"],
  ],
  pythons: ["3.12", "3.11", "3.13", "3.10"],
};

/** The MLflow whose own schema the embedded database is made with. It needs pkg_resources and an older SQLAlchemy. */
export const MLFLOW_2: PythonRequirements = {
  name: "mlflow-2",
  requirements: ["mlflow==2.2.1", "sqlalchemy<2.1", "setuptools<81"],
  pythons: ["3.10", "3.11", "3.9", "3.8"],
};

/** What the Python client needs, and nothing of MLflow. */
export const PYTHON_CLIENT: PythonRequirements = {
  name: "python-client",
  requirements: ["grpclib==0.4.9", "protobuf==6.33.6"],
  pythons: ["3.12", "3.11", "3.13", "3.10"],
};

/** How long making an environment may take: for t.timeout in the hook or test that asks for one. */
export const PYTHON_ENVIRONMENT_MS_MAX = 1_800_000;

const PROBE = "import sys, venv, ensurepip; print(sys.executable, '%d.%d.%d' % sys.version_info[:3])";

interface Python {
  readonly executable: string;
  readonly version: string;
}

interface Seen {
  /** When the file of the executable was written. */
  readonly mtimeMs: number;
}

/** Whether a Python for these packages is on the PATH. */
export function hasPython(wanted: PythonRequirements): boolean {
  return findPython(wanted.pythons) !== undefined;
}

/** The path of the Python in the packages' environment, which is made when it is missing. Rejects without a Python. */
export async function pythonEnvironment(wanted: PythonRequirements): Promise<string> {
  const python = findPython(wanted.pythons);
  if (!python) throw new Error(`${wanted.name} needs a Python ${wanted.pythons.join(", ")} on the PATH`);
  const hash = hashOf([wanted.requirements, python, process.platform, process.arch]);
  const folder = join(cacheFolder(), `${wanted.name}-${hash}`);
  const interpreter = join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
  await locked(`${folder}.lock`, async () => {
    if (!isReady(folder)) await make(folder, interpreter, python, wanted.requirements);
  });
  return interpreter;
}

/** Where Pythons keep what they compiled, beside no source: each of a hundred processes would compile it again. */
export function pythonCodeCache(): string {
  return join(cacheFolder(), "pycache");
}

/** The folder that is kept between runs. */
export function cacheFolder(): string {
  const base = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const folder = process.env["STEPWELL_TEST_CACHE"] || join(base, "stepwell-tests");
  mkdirSync(folder, { recursive: true });
  return folder;
}

const found = new Map<readonly string[], Python | undefined>();

/** Looking takes a third of a second of a processor in each of fifty test files: what is found is kept in the cache folder. */
function findPython(versions: readonly string[]): Python | undefined {
  if (!found.has(versions)) found.set(versions, knownPython(versions) ?? lookFor(versions));
  return found.get(versions);
}

/** Where the one that was found on this PATH is kept. */
function notePath(versions: readonly string[]): string {
  return join(cacheFolder(), `found-${hashOf([process.env["PATH"], versions])}.json`);
}

/** Undefined where it is another one by now. */
function knownPython(versions: readonly string[]): Python | undefined {
  try {
    const { mtimeMs, ...python } = JSON.parse(readFileSync(notePath(versions), "utf8")) as Python & Seen;
    return statSync(python.executable).mtimeMs === mtimeMs ? python : undefined;
  } catch {
    // None was found so far.
    return undefined;
  }
}

function lookFor(versions: readonly string[]): Python | undefined {
  for (const version of versions) {
    const python = probe(version);
    if (!python) continue;
    const { mtimeMs } = statSync(python.executable);
    const path = notePath(versions);
    writeFileSync(`${path}.${process.pid}`, JSON.stringify({ ...python, mtimeMs }));
    renameSync(`${path}.${process.pid}`, path);
    return python;
  }
  return undefined;
}

function hashOf(facts: unknown): string {
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 16);
}

/** A name on the PATH may be a shim that starts nothing, or start another version: each is run. */
function probe(version: string): Python | undefined {
  for (const name of [`python${version}`, "python3", "python"]) {
    const { status, stdout } = spawnSync(name, ["-c", PROBE], { encoding: "utf8", timeout: 120_000 });
    const [, executable, full] = /^(.+) (\S+)\s*$/.exec(stdout ?? "") ?? [];
    if (status === 0 && executable && full?.startsWith(`${version}.`)) return { executable, version: full };
  }
  return undefined;
}

function isReady(folder: string): boolean {
  return statSync(join(folder, "ready"), { throwIfNoEntry: false }) !== undefined;
}

async function make(
  folder: string,
  interpreter: string,
  python: Python,
  requirements: readonly string[],
): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const run = promisify(execFile);
  const options = { maxBuffer: 64 * 1024 * 1024 };
  const { stdout } = await run(python.executable, ["-m", "pip", "config", "list"], options);
  const settings = uvSettings(stdout);
  if (settings) {
    // A tenth of pip's time.
    await run(python.executable, ["-m", "venv", "--without-pip", folder], options);
    const uv = await uvIn(cacheFolder(), python);
    const env = { ...process.env, ...settings };
    const install = ["pip", "install", "--no-config", "--quiet", "--python", interpreter];
    await run(uv, [...install, ...requirements], { ...options, env });
  } else {
    await run(python.executable, ["-m", "venv", folder], options);
    await run(interpreter, ["-m", "pip", ...PIP_INSTALL, ...requirements], options);
  }
  writeFileSync(join(folder, "ready"), "");
}

/** The program in the cache folder, put there when it is missing. */
async function uvIn(cache: string, python: Python): Promise<string> {
  const folder = join(cache, UV);
  await locked(`${folder}.lock`, async () => {
    if (isReady(folder)) return;
    rmSync(folder, { recursive: true, force: true });
    await promisify(execFile)(python.executable, [
      "-m",
      "pip",
      ...PIP_INSTALL,
      "--no-deps",
      "--target",
      folder,
      UV,
    ]);
    writeFileSync(join(folder, "ready"), "");
  });
  return join(folder, "bin", process.platform === "win32" ? "uv.exe" : "uv");
}

/** Does something while no other process does: SQLite's lock of a file, which the system gives back however its holder ends. */
export async function locked<Value>(path: string, action: () => Promise<Value>): Promise<Value> {
  const database = new Database(path, { timeout: 0 });
  try {
    while (!isTaken(database)) await setTimeout(200);
    try {
      return await action();
    } finally {
      database.exec("ROLLBACK");
    }
  } finally {
    database.close();
  }
}

function isTaken(database: Database.Database): boolean {
  try {
    database.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code !== "SQLITE_BUSY") throw error;
    return false;
  }
}
