/**
 * The virtual environment with MLflow that a home owns, in a folder of its own in HOME/integrations.
 *
 * It counts once mlflow.json names it, which is written last: what a killed installation left,
 * and may still be writing to, counts for nothing and goes with the next one.
 */
import { randomBytes } from "node:crypto";
import { readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StepwellError } from "../../errors/stepwell-error.js";
import { makeFolder } from "../../home/durable-folder.js";
import type { HomePaths } from "../../home/endpoint.js";
import { readPlainSync } from "../../home/plain-file.js";
import { trySpawnLock } from "../../home/spawn-lock.js";
import { environmentWithFolder } from "../../home/user.js";
import { findPython } from "./find-python.js";
import { type Installer, installPackages, run } from "./install-packages.js";

/** What is installed. */
export interface MlflowEnvironment {
  readonly folder: string;
  /** The environment's own Python. */
  readonly interpreter: string;
  /** MLflow's version. */
  readonly version: string;
  readonly python: string;
}

const VERSION_OF_MLFLOW = "import importlib.metadata as m; print(m.version('mlflow'))";

/** What the home has; undefined when nothing is installed, or only half. */
export function readEnvironment({ home }: HomePaths): MlflowEnvironment | undefined {
  try {
    const mark = JSON.parse(readPlainSync(markOf(home))) as Record<string, unknown>;
    const { name, version, python } = mark;
    if (typeof name !== "string" || typeof version !== "string" || typeof python !== "string")
      return undefined;
    const folder = join(integrationsOf(home), name);
    return { folder, interpreter: interpreterOf(folder), version, python };
  } catch {
    // There is none.
    return undefined;
  }
}

/**
 * Makes the environment anew with this version of MLflow; what pip says is told.
 * Throws STEPWELL_PYTHON_MISSING, STEPWELL_INTEGRATION_BUSY or STEPWELL_INTEGRATION_FAILED.
 */
export async function makeEnvironment(
  paths: HomePaths,
  { env, tell }: Installer,
  version: string,
): Promise<MlflowEnvironment> {
  const { home } = paths;
  const python = findPython(env);
  const installer: Installer = { env: environmentWithFolder(env, home), tell };
  return await locked(home, async () => {
    const name = `mlflow-${randomBytes(4).toString("hex")}`;
    const folder = join(integrationsOf(home), name);
    tell(`Making a virtual environment with Python ${python.version} in ${folder}.\n`);
    try {
      const installed = await fill(installer, python.executable, folder, version);
      writeMark(home, { name, version: installed, python: python.version });
    } finally {
      // Of an earlier version too; or of this one, if it failed.
      removeUnmarked(paths);
    }
    return { folder, interpreter: interpreterOf(folder), version, python: python.version };
  });
}

/** Removes the environment, whole or half-made; says whether there was one. */
export async function removeEnvironment(paths: HomePaths): Promise<boolean> {
  const found = readEnvironment(paths) !== undefined;
  await locked(paths.home, async () => {
    rmSync(markOf(paths.home), { force: true });
    removeUnmarked(paths);
  });
  return found;
}

/** Makes the environment in a new folder; resolves to the version of MLflow that is in it. */
async function fill(installer: Installer, python: string, folder: string, version: string): Promise<string> {
  await run(installer, python, ["-m", "venv", folder]);
  const interpreter = interpreterOf(folder);
  await installPackages(installer, folder, interpreter, [`mlflow==${version}`]);
  return (await run(installer, interpreter, ["-c", VERSION_OF_MLFLOW])).trim();
}

function integrationsOf(home: string): string {
  return join(home, "integrations");
}

function markOf(home: string): string {
  return join(integrationsOf(home), "mlflow.json");
}

function writeMark(home: string, mark: Readonly<Record<string, string>>): void {
  const draft = `${markOf(home)}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(mark)}\n`, { mode: 0o600 });
  renameSync(draft, markOf(home));
}

/** Removes all folders but the one that counts. */
function removeUnmarked(paths: HomePaths): void {
  const kept = readEnvironment(paths)?.folder;
  for (const name of readdirSync(integrationsOf(paths.home))) {
    const folder = join(integrationsOf(paths.home), name);
    if (/^mlflow-[0-9a-f]+$/.test(name) && folder !== kept) rmSync(folder, { recursive: true, force: true });
  }
}

function interpreterOf(folder: string): string {
  return process.platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");
}

async function locked<Value>(home: string, action: () => Promise<Value>): Promise<Value> {
  await makeFolder(integrationsOf(home));
  const lock = trySpawnLock(join(integrationsOf(home), "mlflow.lock"));
  if (!lock)
    throw new StepwellError("STEPWELL_INTEGRATION_BUSY", "Another command is installing or removing it.");
  try {
    return await action();
  } finally {
    lock.release();
  }
}
