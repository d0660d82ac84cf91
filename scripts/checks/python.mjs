/** Formats and lints what is written in Python for users with ruff, from a virtual environment kept in .cache/. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "../install.mjs";
import { environmentBy, findPython } from "../python.mjs";
import { tool } from "./tool.mjs";

const ruffVersion = "0.17.6";
const client = "clients/python";
const sources = [client, "scripts/docs", "scripts/package"];

/** Fails when a Python file is not formatted or breaks a rule of ruff.toml. Skipped where there is no Python. */
export async function lintPython() {
  if (!existsSync(join(root, client))) return { outcome: "skipped", output: `there is no ${client}` };
  const ruff = join(root, ".cache", `ruff-${ruffVersion}`, "bin", "ruff");
  if (!existsSync(ruff)) {
    const lacking = await installRuff(join(ruff, "../.."));
    if (lacking !== undefined) return { outcome: "skipped", required: true, output: lacking };
  }
  const format = await tool([ruff, "format", "--check", "--diff", ...sources]);
  const lint = await tool([ruff, "check", ...sources]);
  const outcome = format.outcome === "ok" && lint.outcome === "ok" ? "ok" : "failed";
  return { outcome, output: `${format.output}${lint.output}`, note: format.output.trim() };
}

async function installRuff(folder) {
  const python = findPython();
  if (python === undefined) return "needs Python >= 3.9 on the PATH, with venv";
  const { make, install } = environmentBy(python, folder);
  const options = ["--quiet", "--disable-pip-version-check", "--no-compile", "--only-binary", ":all:"];
  for (const step of [make, [...install, ...options, `ruff==${ruffVersion}`]]) {
    const { outcome, output } = await tool(step);
    if (outcome !== "ok") return output;
  }
  return undefined;
}
