/** `integration install|list|uninstall`. */

import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { makeEnvironment, readEnvironment, removeEnvironment } from "../../mlflow/managed/environment.js";
import { isOlderMlflow, MLFLOW_VERSION, MLFLOW_VERSION_SAFE } from "../../mlflow/mlflow-version.js";
import type { Context } from "../context.js";
import { confirm } from "../input/confirm.js";
import type { OutputOptions } from "../input/options.js";
import type { Column } from "../output/answer.js";
import { render } from "../output/output.js";

/** Options of `integration install`. */
export interface InstallOptions {
  readonly yes?: true;
  readonly mlflowVersion: string;
}

const COLUMNS: readonly Column[] = ["name", "installed", "version", "python", "folder"].map((key) => ({
  key,
}));

/** `integration install mlflow`: a virtual environment below the home, for `stepwell ui`. */
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
  const question = `Install MLflow ${version} into ${context.paths.home}? It takes about 1 GB.`;
  if (!options.yes && !(await confirm(question))) {
    context.stderr("Nothing was installed.\n");
    return EXIT.failed;
  }
  const { folder } = await makeEnvironment(
    context.paths,
    { env: context.env, tell: context.stderr },
    version,
  );
  context.stderr(`Installed MLflow ${version} in ${folder}.\n`);
  return EXIT.ok;
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
  context.stdout(render({ kind: "list", columns: COLUMNS, items: [item] }, options.output));
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
