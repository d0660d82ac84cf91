/**
 * The virtual environment with MLflow, in a folder of its own in the user's `integrations`: one for all homes. Where the user's
 * folder can't be written it is in the home, where an earlier version made it, too.
 *
 * It counts once mlflow.json names it, which is written last: what a killed installation left,
 * and may still be writing to, counts for nothing and goes with the next one.
 */
import { randomBytes } from "node:crypto";
import { accessSync, constants, existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { StepwellError } from "../../errors/stepwell-error.js";
import { makeFolder } from "../../home/durable-folder.js";
import type { HomePaths } from "../../home/endpoint.js";
import { readPlainSync } from "../../home/plain-file.js";
import { trySpawnLock } from "../../home/spawn-lock.js";
import { environmentWithFolder } from "../../home/user.js";
import type { Python } from "./find-python.js";
import { type Installer, installPackages, type Place, run } from "./install-packages.js";

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

/** What there is for the home; undefined when nothing is installed, or only half. */
export function readEnvironment(paths: HomePaths): MlflowEnvironment | undefined {
  return readIn(paths.integrationsFolder) ?? readIn(homesOwn(paths));
}

function readIn(integrations: string): MlflowEnvironment | undefined {
  try {
    const mark = JSON.parse(readPlainSync(markOf(integrations))) as Record<string, unknown>;
    const { name, version, python } = mark;
    if (typeof name !== "string" || typeof version !== "string" || typeof python !== "string")
      return undefined;
    const folder = join(integrations, name);
    return { folder, interpreter: interpreterOf(folder), version, python };
  } catch {
    // There is none.
    return undefined;
  }
}

/**
 * Makes the environment anew with this version of MLflow.
 * Throws STEPWELL_INTEGRATION_BUSY or STEPWELL_INTEGRATION_FAILED.
 */
export async function makeEnvironment(
  paths: HomePaths,
  { env, tell, hear }: Installer,
  python: Python,
  version: string,
): Promise<MlflowEnvironment> {
  const installer: Installer = { env: environmentWithFolder(env, paths.home), tell, hear };
  const integrations = await folderFor(paths);
  return await locked(integrations, async () => {
    const name = `mlflow-${randomBytes(4).toString("hex")}`;
    const folder = join(integrations, name);
    tell(`Making a virtual environment with Python ${python.version} in ${folder}.\n`);
    try {
      const installed = await fill(installer, python, folder, version);
      writeMark(integrations, { name, version: installed, python: python.version });
    } finally {
      // Of an earlier version too; or of this one, if it failed.
      removeUnmarked(integrations);
    }
    return { folder, interpreter: interpreterOf(folder), version, python: python.version };
  });
}

/** Installs packages beside MLflow. Throws STEPWELL_INTEGRATION_BUSY or STEPWELL_INTEGRATION_FAILED. */
export async function addPackages(
  paths: HomePaths,
  { env, tell, hear }: Installer,
  python: Python,
  { folder, interpreter }: Pick<MlflowEnvironment, "folder" | "interpreter">,
  packages: readonly string[],
): Promise<void> {
  const installer: Installer = { env: environmentWithFolder(env, paths.home), tell, hear };
  const place = { folder, interpreter, pip: pipFor(python, interpreter) };
  await locked(dirname(folder), () => installPackages(installer, place, packages));
}

/** Removes the environment, whole or half-made; says whether there was one. */
export async function removeEnvironment(paths: HomePaths): Promise<boolean> {
  const found = readEnvironment(paths) !== undefined;
  for (const integrations of [paths.integrationsFolder, homesOwn(paths)]) {
    if (!existsSync(integrations)) continue;
    await locked(integrations, async () => {
      rmSync(markOf(integrations), { force: true });
      removeUnmarked(integrations);
    });
  }
  return found;
}

/** Makes the environment in a new folder; resolves to the version of MLflow that is in it. */
async function fill(installer: Installer, python: Python, folder: string, version: string): Promise<string> {
  const { executable, hasPip } = python;
  await run(installer, executable, ["-m", "venv", ...(hasPip ? ["--without-pip"] : []), folder]);
  const interpreter = interpreterOf(folder);
  const pip = pipFor(python, interpreter);
  // With what its server needs to have users.
  await installPackages(installer, { folder, interpreter, pip }, [`mlflow[auth]==${version}`]);
  return (await run(installer, interpreter, ["-c", VERSION_OF_MLFLOW])).trim();
}

/** An environment of a Python with a pip has none of its own. */
function pipFor({ executable, hasPip }: Python, interpreter: string): Place["pip"] {
  return hasPip ? [executable, "-m", "pip", "--python", interpreter] : [interpreter, "-m", "pip"];
}

/** Where it goes: into the user's folder, if that can be written. */
async function folderFor(paths: HomePaths): Promise<string> {
  try {
    await makeFolder(paths.integrationsFolder);
    accessSync(paths.integrationsFolder, constants.W_OK);
    return paths.integrationsFolder;
  } catch {
    return homesOwn(paths);
  }
}

function homesOwn({ home }: HomePaths): string {
  return join(home, "integrations");
}

function markOf(integrations: string): string {
  return join(integrations, "mlflow.json");
}

function writeMark(integrations: string, mark: Readonly<Record<string, string>>): void {
  const draft = `${markOf(integrations)}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(mark)}\n`, { mode: 0o600 });
  renameSync(draft, markOf(integrations));
}

/** Removes all folders but the one that counts. */
function removeUnmarked(integrations: string): void {
  const kept = readIn(integrations)?.folder;
  for (const name of readdirSync(integrations)) {
    const folder = join(integrations, name);
    if (/^mlflow-[0-9a-f]+$/.test(name) && folder !== kept) rmSync(folder, { recursive: true, force: true });
  }
}

function interpreterOf(folder: string): string {
  return process.platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");
}

async function locked<Value>(integrations: string, action: () => Promise<Value>): Promise<Value> {
  await makeFolder(integrations);
  const lock = trySpawnLock(join(integrations, "mlflow.lock"));
  if (!lock)
    throw new StepwellError("STEPWELL_INTEGRATION_BUSY", "Another command is installing or removing it.");
  try {
    return await action();
  } finally {
    lock.release();
  }
}
