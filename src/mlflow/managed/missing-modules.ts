/** Which modules of Python are not there. */
import { execFile } from "node:child_process";
import { StepwellError } from "../../errors/stepwell-error.js";
import type { Environment } from "../../home/endpoint.js";

const PROBE = `
import importlib.util, sys
for name in sys.argv[1:]:
    try: found = importlib.util.find_spec(name)
    except ImportError: found = None
    if found is None: print(name)
`;
/** Without importing what is asked for this is a second's work. */
const PROBE_MS_MAX = 60_000;

/** Those of the modules that an interpreter can't import. Rejects with STEPWELL_INTEGRATION_FAILED where it can't even be asked. */
export function missingModules(
  interpreter: string,
  env: Environment,
  modules: readonly string[],
): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const options = { timeout: PROBE_MS_MAX, env: { ...env } };
    execFile(interpreter, ["-c", PROBE, ...modules], options, (error, stdout) => {
      if (!error) return resolve(stdout.split(/\r?\n/).filter((line) => line !== ""));
      const remedy = "Install MLflow anew: stepwell integration uninstall mlflow -y, then install.";
      reject(new StepwellError("STEPWELL_INTEGRATION_FAILED", `${interpreter} does not run.`, { remedy }));
    });
  });
}
