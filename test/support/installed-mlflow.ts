/** MLflow as `integration install` leaves it, for a home: the tests' own environment, by a link, instead of 800 MB more. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ScratchHome } from "./home.js";
import { MLFLOW_3, pythonEnvironment } from "./python-environment.js";

export async function installMlflow({ paths }: Pick<ScratchHome, "paths">): Promise<void> {
  const environment = dirname(dirname(await pythonEnvironment(MLFLOW_3)));
  mkdirSync(paths.integrationsFolder, { recursive: true, mode: 0o700 });
  const name = "mlflow-00000000";
  symlinkSync(environment, join(paths.integrationsFolder, name));
  const version = /mlflow==(\S+)/.exec(MLFLOW_3.requirements.join(" "))?.[1];
  const mark = { name, version, python: "3" };
  writeFileSync(join(paths.integrationsFolder, "mlflow.json"), JSON.stringify(mark), { mode: 0o600 });
}
