/** `integration install|list|uninstall`. */

import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { systemClock } from "../../home/clock.js";
import {
  type MlflowEnvironment,
  makeEnvironment,
  readEnvironment,
  removeEnvironment,
} from "../../mlflow/managed/environment.js";
import { findPython, type Python } from "../../mlflow/managed/find-python.js";
import { InstallProgress } from "../../mlflow/managed/install-progress.js";
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

/** `integration install mlflow`: a virtual environment for all of the user's homes, for `stepwell ui`. */
export async function install(context: Context, name: string, options: InstallOptions): Promise<number> {
  checkName(name);
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
  const { folder } = await makeShown(context, python, version);
  context.stderr(`Installed MLflow ${version} in ${folder}.\n`);
  return EXIT.ok;
}

/** Makes it, with a line that says how far it is; what pip or uv said last is shown where it was in vain. */
async function makeShown(
  { env, paths, stderr }: Context,
  python: Python,
  version: string,
): Promise<MlflowEnvironment> {
  const isTerminal = process.stderr.isTTY;
  const progress = new InstallProgress({ tell: stderr, isTerminal, nowMs: () => systemClock.monotonicMs() });
  // The line is written over.
  const tell = (text: string) => stderr(isTerminal ? `\r\u001b[K${text}` : text);
  try {
    return await makeEnvironment(paths, { env, tell, hear: (text) => progress.take(text) }, python, version);
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
  await showAnswer(context, { kind: "list", columns: COLUMNS, items: [item] }, options.output);
  return EXIT.ok;
}

/** `integration uninstall mlflow`. */
export async function uninstall(
  context: Context,
  name: string,
  options: Pick<InstallOptions, "yes">,
): Promise<number> {
  checkName(name);
  if (!options.yes && !(await confirm("Remove the MLflow that Stepwell installed?"))) {
    context.stderr("Nothing was removed.\n");
    return EXIT.failed;
  }
  const wasThere = await removeEnvironment(context.paths);
  context.stderr(wasThere ? "Removed MLflow.\n" : "MLflow is not installed.\n");
  return EXIT.ok;
}

function checkName(name: string): void {
  if (name === "mlflow") return;
  throw new StepwellError(
    "STEPWELL_INTEGRATION_UNKNOWN",
    `There is no integration ${JSON.stringify(name)}; there is: mlflow.`,
  );
}
