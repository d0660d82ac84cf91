/** Finds a Python by name on the PATH. A name may be a shim that starts nothing, so each one is run. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

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

/**
 * How a Python makes an environment in a folder, and which pip installs into it: an environment of its own pip takes four
 * seconds of a processor more than one that the Python's own pip (22.3 or newer) fills.
 */
export function environmentBy(base, folder) {
  const python = join(folder, "bin", "python");
  const { stdout } = spawnSync(base, ["-m", "pip", "--version"], { encoding: "utf8", timeout: 20_000 });
  const [, major, minor] = /^pip (\d+)\.(\d+)/.exec(stdout ?? "") ?? [];
  const hasOwnPip = !(Number(major) > 22 || (Number(major) === 22 && Number(minor) >= 3));
  return {
    python,
    hasOwnPip,
    make: [base, "-m", "venv", ...(hasOwnPip ? [] : ["--without-pip"]), folder],
    install: [...(hasOwnPip ? [python, "-m", "pip"] : [base, "-m", "pip", "--python", python]), "install"],
  };
}
