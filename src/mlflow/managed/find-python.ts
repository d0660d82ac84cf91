import { spawnSync } from "node:child_process";
import { StepwellError } from "../../errors/stepwell-error.js";
import type { Environment } from "../../home/endpoint.js";

/** A Python that can make virtual environments. */
export interface Python {
  readonly executable: string;
  /** For example "3.12.1". */
  readonly version: string;
  /** Whether its own pip installs into other environments: one of its own takes an environment 8 s. */
  readonly hasPip: boolean;
}

/** MLflow 3 needs it. */
const MINOR_MIN = 10;
const NAMES = ["python3.12", "python3.11", "python3.13", "python3.10", "python3.14", "python3", "python"];
/** Since pip 22.3 there is --python. */
const PIP_MIN = [22, 3] as const;
const PROBE = `import importlib.metadata, sys, venv, ensurepip
try:
    pip = importlib.metadata.version("pip")
except importlib.metadata.PackageNotFoundError:
    pip = "0.0"
print("%d.%d.%d" % sys.version_info[:3], pip, sys.executable)`;
const PROBE_MS_MAX = 20_000;

/**
 * The first Python on the PATH that is new enough; of STEPWELL_PYTHON, if set, only that.
 * Throws STEPWELL_PYTHON_MISSING.
 */
export function findPython(env: Environment): Python {
  const given = env["STEPWELL_PYTHON"];
  // A name on the PATH may be a shim that starts nothing, or start another version: each is run.
  for (const name of given ? [given] : NAMES) {
    const probe = spawnSync(name, ["-c", PROBE], {
      encoding: "utf8",
      timeout: PROBE_MS_MAX,
      env: { ...env },
    });
    const [, version = "", minor, pip = "", executable = ""] =
      /^(3\.(\d+)\.\d+) (\S+) (.+)\s*$/.exec(probe.stdout ?? "") ?? [];
    if (probe.status === 0 && Number(minor) >= MINOR_MIN)
      return { executable, version, hasPip: isNewEnough(pip) };
  }
  const where = given ? `STEPWELL_PYTHON=${given} is no` : "There is no";
  throw new StepwellError(
    "STEPWELL_PYTHON_MISSING",
    `${where} Python 3.${MINOR_MIN} or newer that can make virtual environments.`,
  );
}

function isNewEnough(pip: string): boolean {
  const [major = 0, minor = 0] = pip.split(".").map((part) => Number.parseInt(part, 10));
  return major > PIP_MIN[0] || (major === PIP_MIN[0] && minor >= PIP_MIN[1]);
}
