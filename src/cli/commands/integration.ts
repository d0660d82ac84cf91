/** `integration install|list|uninstall`. */

import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { systemClock } from "../../home/clock.js";
import {
  addPackages,
  makeEnvironment,
  readEnvironment,
  removeEnvironment,
} from "../../mlflow/managed/environment.js";
import { findPython } from "../../mlflow/managed/find-python.js";
import type { Installer } from "../../mlflow/managed/install-packages.js";
import { InstallProgress } from "../../mlflow/managed/install-progress.js";
import { missingModules } from "../../mlflow/managed/missing-modules.js";
import { POSTGRES_MODULES, POSTGRES_PACKAGES } from "../../mlflow/managed/postgres-programs.js";
import { isOlderMlflow, MLFLOW_VERSION, MLFLOW_VERSION_SAFE } from "../../mlflow/mlflow-version.js";
import type { Context } from "../context.js";
import { confirm } from "../input/confirm.js";
import type { OutputOptions } from "../input/options.js";
import type { Column } from "../output/answer.js";
import { showAnswer } from "../output/output.js";

/** Options of `integration install`. */
export interface InstallOptions {
  readonly yes?: true;
  readonly mlflowVersion: string;
}

const COLUMNS: readonly Column[] = ["name", "installed", "version", "python", "folder"].map((key) => ({
  key,
}));

/** What an installation of MLflow takes, as measured: 739 MB and 87 packages of 3.17.2, 25 s by uv and 5 minutes by pip. */
const TAKES = "about 90 packages and 800 MB of disk, and one to ten minutes";

/** As measured. */
const POSTGRES_TAKES = "60 MB of disk, and a few seconds";
const POSTGRES_VERSION = /==(.*)$/.exec(POSTGRES_PACKAGES[0])?.[1] ?? null;

/** `integration install mlflow`: a virtual environment for all of the user's homes, for `stepwell ui`; or what goes into it. */
export async function install(context: Context, name: string, options: InstallOptions): Promise<number> {
  checkName(name, ["mlflow", "postgresql"]);
  return name === "mlflow" ? await installMlflow(context, options) : await installPostgres(context, options);
}

async function installMlflow(context: Context, options: InstallOptions): Promise<number> {
  const version = options.mlflowVersion;
  const isUnsafe = isOlderMlflow(version, MLFLOW_VERSION_SAFE);
  if (isUnsafe === undefined)
    throw new StepwellError(
      "STEPWELL_USAGE",
      `${JSON.stringify(version)} is no version, such as ${MLFLOW_VERSION}.`,
    );
  if (isUnsafe) {
    const sentence = `MLflow ${version} has a critical vulnerability (GHSA-xg73-94fp-g449); ${MLFLOW_VERSION_SAFE} is the first without it.`;
    throw new StepwellError("STEPWELL_INTEGRATION_UNSAFE", sentence);
  }
  if (readEnvironment(context.paths)?.version === version) {
    context.stderr(`MLflow ${version} is installed already.\n`);
    return EXIT.ok;
  }
  const python = findPython(context.env);
  context.stderr(`MLflow ${version}, for all homes of yours, takes ${TAKES}.\n`);
  if (!options.yes && !(await confirm("Install it?"))) {
    context.stderr("Nothing was installed.\n");
    return EXIT.failed;
  }
  const { folder } = await shown(context, (installer) =>
    makeEnvironment(context.paths, installer, python, version),
  );
  context.stderr(`Installed MLflow ${version} in ${folder}.\n`);
  return EXIT.ok;
}

/** PostgreSQL and MLflow's driver for it, beside MLflow: a deployment may keep its runs there. */
async function installPostgres(context: Context, { yes }: InstallOptions): Promise<number> {
  const environment = readEnvironment(context.paths);
  if (!environment)
    throw new StepwellError("STEPWELL_INTEGRATION_MISSING", "It goes beside MLflow, which is not installed.");
  const python = findPython(context.env);
  context.stderr(`PostgreSQL, for deployments of yours, takes ${POSTGRES_TAKES}.\n`);
  if (!yes && !(await confirm("Install it?"))) {
    context.stderr("Nothing was installed.\n");
    return EXIT.failed;
  }
  await shown(context, (installer) =>
    addPackages(context.paths, installer, python, environment, POSTGRES_PACKAGES),
  );
  context.stderr(`Installed PostgreSQL in ${environment.folder}.\n`);
  return EXIT.ok;
}

/** Installs, with a line that says how far it is; what pip or uv said last is shown where it was in vain. */
async function shown<Value>(
  { env, stderr }: Context,
  install: (installer: Installer) => Promise<Value>,
): Promise<Value> {
  const isTerminal = process.stderr.isTTY;
  const progress = new InstallProgress({ tell: stderr, isTerminal, nowMs: () => systemClock.monotonicMs() });
  // The line is written over.
  const tell = (text: string) => stderr(isTerminal ? `\r\u001b[K${text}` : text);
  try {
    return await install({ env, tell, hear: (text) => progress.take(text) });
  } catch (error) {
    if (progress.lastLines !== "") tell(`${progress.lastLines}\n`);
    throw error;
  } finally {
    progress.end();
  }
}

/** `integration list`. */
export async function list(context: Context, options: OutputOptions): Promise<number> {
  const found = readEnvironment(context.paths);
  const item = {
    name: "mlflow",
    installed: found !== undefined,
    version: found?.version ?? null,
    python: found?.python ?? null,
    folder: found?.folder ?? null,
  };
  const modules = found && (await missingModules(found.interpreter, context.env, POSTGRES_MODULES));
  const hasPostgres = modules?.length === 0;
  const postgres = {
    ...{ name: "postgresql", installed: hasPostgres },
    version: hasPostgres ? POSTGRES_VERSION : null,
    python: hasPostgres ? (found?.python ?? null) : null,
    folder: hasPostgres ? (found?.folder ?? null) : null,
  };
  await showAnswer(context, { kind: "list", columns: COLUMNS, items: [item, postgres] }, options.output);
  return EXIT.ok;
}

/** `integration uninstall mlflow`. */
export async function uninstall(
  context: Context,
  name: string,
  options: Pick<InstallOptions, "yes">,
): Promise<number> {
  checkName(name, ["mlflow"]);
  if (!options.yes && !(await confirm("Remove the MLflow that Stepwell installed?"))) {
    context.stderr("Nothing was removed.\n");
    return EXIT.failed;
  }
  const wasThere = await removeEnvironment(context.paths);
  context.stderr(wasThere ? "Removed MLflow.\n" : "MLflow is not installed.\n");
  return EXIT.ok;
}

function checkName(name: string, known: readonly string[]): void {
  if (known.includes(name)) return;
  throw new StepwellError(
    "STEPWELL_INTEGRATION_UNKNOWN",
    `There is no integration ${JSON.stringify(name)} here; there is: ${known.join(", ")}.`,
  );
}
