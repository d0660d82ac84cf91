/** MLflow as `integration install` leaves it, for a home: the tests' own environment by its Python, instead of 800 MB more. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ScratchHome } from "./home.js";
import { MLFLOW_3 } from "./python-environment.js";
import { placeWarmPython } from "./warm-mlflow.js";

export async function installMlflow({ paths }: Pick<ScratchHome, "paths">): Promise<void> {
  mkdirSync(paths.integrationsFolder, { recursive: true, mode: 0o700 });
  const name = "mlflow-00000000";
  await placeWarmPython(join(paths.integrationsFolder, name, "bin/python"));
  const version = /mlflow==(\S+)/.exec(MLFLOW_3.requirements.join(" "))?.[1];
  const mark = { name, version, python: "3" };
  writeFileSync(join(paths.integrationsFolder, "mlflow.json"), JSON.stringify(mark), { mode: 0o600 });
}
