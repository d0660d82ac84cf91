/** An MLflow that can serve: the one that was installed, or the user's own on the PATH. */
import { execFile } from "node:child_process";
import type { Environment, HomePaths } from "../../home/endpoint.js";
import { readEnvironment } from "./environment.js";

/** A Python that has it. */
export interface MlflowPython {
  readonly interpreter: string;
  readonly version: string;
}

const PROBE = `
import importlib.metadata as m, importlib.util as u, os
folder = os.path.dirname(u.find_spec("mlflow").origin)
assert os.path.exists(os.path.join(folder, "server", "fastapi_app.py"))
print(m.version("mlflow"))
`;
const PROBE_MS_MAX = 20_000;
const NAMES = ["python3", "python"];

/** Undefined where there is none that can. Of STEPWELL_PYTHON, if set, only that one is asked. */
export async function findMlflow(paths: HomePaths, env: Environment): Promise<MlflowPython | undefined> {
  const own = readEnvironment(paths);
  if (own) return own;
  const given = env["STEPWELL_PYTHON"];
  for (const interpreter of given ? [given] : NAMES) {
    const version = await probe(interpreter, env);
    if (version !== undefined) return { interpreter, version };
  }
  return undefined;
}

function probe(interpreter: string, env: Environment): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(interpreter, ["-c", PROBE], { timeout: PROBE_MS_MAX, env: { ...env } }, (error, stdout) => {
      resolve(error ? undefined : stdout.trim());
    });
  });
}
