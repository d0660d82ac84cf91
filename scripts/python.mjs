/** Finds a Python by name on the PATH. A name may be a shim that starts nothing, so each one is run. */
import { spawnSync } from "node:child_process";

const names = ["python3.13", "python3.12", "python3.11", "python3.10", "python3.9", "python3", "python"];
const probe = "import sys, venv, ensurepip; print(sys.executable); sys.exit(sys.version_info < (3, 9))";

/** The first Python >= 3.9 that can make virtual environments, as a path; undefined when there is none. */
export function findPython() {
  for (const name of names) {
    const { status, stdout } = spawnSync(name, ["-c", probe], { encoding: "utf8", timeout: 20_000 });
    if (status === 0) return stdout.trim();
  }
  return undefined;
}
