/** The two trainings that the demo can run, and the Python environment that one of them needs. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tool } from "../checks/tool.mjs";
import { root } from "../install.mjs";
import { environmentBy, findPython } from "../python.mjs";
import { DemoError, run } from "./commands.mjs";
import { shownWhile } from "./outlook.mjs";

const client = join(root, "clients/python");
const requirements = ["scikit-learn>=1.5,<2"];
// A build from source needs compilers and takes minutes: better the other training.
const binaryOnly = ["--only-binary", "scikit-learn,numpy,scipy"];

const epochs = "500";
const curves = [
  { metric: "train/loss", isLog: true },
  { metric: "test/accuracy", isLog: false },
];
const typescript = {
  title: "a neural network on Fisher's iris flowers, in TypeScript",
  command: [process.execPath, join(root, "build/clients/typescript/examples/iris.js"), "iris", epochs],
  shown: `node build/clients/typescript/examples/iris.js iris ${epochs}`,
  curves,
};

/** The training in Python where there is one and it is not forced otherwise; says why it is not. */
export async function prepareTraining({ isTypeScriptForced }) {
  if (isTypeScriptForced) return typescript;
  const found = findPython();
  if (found === undefined) {
    console.log("No Python >= 3.9 with venv is on the PATH: the demo trains in TypeScript.");
    return typescript;
  }
  const { python, fault } = await environment(found);
  if (fault !== undefined) {
    console.log(`THE DEMO TRAINS IN TYPESCRIPT, because the Python packages can't be installed: ${fault}`);
    return typescript;
  }
  return {
    title: "a neural network on scikit-learn's handwritten digits, in Python",
    command: [python, "-u", join(client, "examples/digits.py")],
    shown: "python clients/python/examples/digits.py",
    curves,
  };
}

/**
 * Runs a training, hands its lines to the progress, and resolves to what it says of itself:
 * `{ runId, sent, acknowledged, elapsedMs }`, in points. Rejects with a DemoError when it fails or says less.
 */
export async function train(training, { env, signal, progress }) {
  const facts = {};
  const faults = [];
  const beginMs = performance.now();
  await run(training.command, {
    env,
    signal,
    name: "The training",
    onLine: (line, stream) => {
      const [, key, value] = /^(points_sent|points_acknowledged|run_id): (\w+)$/.exec(line) ?? [];
      if (key !== undefined) facts[key] = value;
      else if (stream === "stdout") progress.say(line);
      else {
        faults.push(line);
        progress.note(line);
      }
    },
    whyFailed: () => faults.at(-1) ?? "",
  });
  const { run_id: runId, points_sent: sent, points_acknowledged: acknowledged } = facts;
  if (runId === undefined || sent === undefined || acknowledged === undefined)
    throw new DemoError("The training did not say its run's id, or how many points it sent.");
  const elapsedMs = performance.now() - beginMs;
  return { runId, sent: Number(sent), acknowledged: Number(acknowledged), elapsedMs };
}

/** Whether an environment for the training in Python has to be made. */
export function lacksPython({ isTypeScriptForced }) {
  const found = isTypeScriptForced ? undefined : findPython();
  return found !== undefined && !existsSync(join(placeOf(found), "ready"));
}

/** The folder of the environment with the client and what the training needs, by all that it depends on. */
function placeOf(base) {
  const { stdout } = spawnSync(base, ["-c", "import sys; print(sys.version)"], { encoding: "utf8" });
  const facts = [requirements, readFileSync(join(client, "pyproject.toml"), "utf8"), base, stdout];
  const hash = createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 16);
  return join(root, ".cache", `demo-${hash}`);
}

/** The Python of that environment, which is made once. */
async function environment(base) {
  const folder = placeOf(base);
  const python = join(folder, "bin", "python");
  const ready = join(folder, "ready");
  // Written last: what an interrupted demo left is made anew.
  if (existsSync(ready)) return { python };
  return await shownWhile(
    `installing scikit-learn and the Python client in a virtual environment (${base})`,
    fill({ base, folder, ready }),
  );
}

async function fill({ base, folder, ready }) {
  rmSync(folder, { recursive: true, force: true });
  const { python, hasOwnPip, make, install } = environmentBy(base, folder);
  // Not compiled: Python compiles what it imports, and a demo imports a small part.
  const pip = [...install, "--quiet", "--no-compile", "--disable-pip-version-check", "--retries=2"];
  // Older ones can't install a folder in place.
  const renewed = hasOwnPip ? [[...pip, "pip>=22"]] : [];
  for (const step of [make, ...renewed, [...pip, ...binaryOnly, ...requirements, "--editable", client]]) {
    const { outcome, output } = await tool(step);
    if (outcome !== "ok") return { fault: reasonIn(output) };
  }
  writeFileSync(ready, "");
  return { python };
}

/** The last of pip's errors, which may stand indented in another one's output. */
function reasonIn(output) {
  const lines = output.trim().split("\n");
  return (lines.findLast((line) => /\bERROR: /.test(line)) ?? lines.at(-1)).trim();
}
