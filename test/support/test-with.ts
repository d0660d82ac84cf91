import test from "ava";
import { hasPython, type PythonRequirements } from "./python-environment.js";

/**
 * AVA's `test` where a Python for these packages is on the PATH. Elsewhere `test.skip`, so
 * that the skipping is named and counted; with CI=1 `test`, which then fails.
 */
export function testWith(wanted: PythonRequirements): typeof test | typeof test.skip {
  return isRun(wanted) ? test : test.skip;
}

/** The same for tests that come one after the other. */
export function serialTestWith(wanted: PythonRequirements): typeof test.serial | typeof test.skip {
  return isRun(wanted) ? test.serial : test.skip;
}

function isRun(wanted: PythonRequirements): boolean {
  if (hasPython(wanted)) return true;
  console.error(`No Python ${wanted.pythons.join(", ")} on the PATH for ${wanted.requirements.join(", ")}.`);
  return process.env["CI"] === "1";
}
