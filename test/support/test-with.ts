import test from "ava";
import { hasPython, type PythonRequirements } from "./python-environment.js";

/**
 * AVA's `test` where a Python for these packages is on the PATH. Elsewhere `test.skip`, so
 * that the skipping is named and counted; with CI=1 `test`, which then fails.
 */
export function testWith(wanted: PythonRequirements): typeof test | typeof test.skip {
  if (hasPython(wanted)) return test;
  console.error(`No Python ${wanted.pythons.join(", ")} on the PATH for ${wanted.requirements.join(", ")}.`);
  return process.env["CI"] === "1" ? test : test.skip;
}
