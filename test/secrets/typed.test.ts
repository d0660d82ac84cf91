import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import anyTest from "ava";
import { ROOT, scratchHome } from "../support/home.js";

const PROGRAM = join(ROOT, "test/secrets/at_terminal.py");
const COMMAND = join(ROOT, "build/stepwell.js");
const CANARY = "canary-typed-04b7";

/** A terminal is made with Python's standard library. With CI=1 a lacking Python is a failure. */
function testAtTerminal(): typeof anyTest.serial | typeof anyTest.skip {
  if (spawnSync("python3", ["-c", "import os, pty; os.waitstatus_to_exitcode"]).status === 0)
    return anyTest.serial;
  console.error("SKIPPED: no python3 >= 3.9 on the PATH that could make a terminal.");
  return process.env["CI"] === "1" ? anyTest.serial : anyTest.skip;
}

const test = testAtTerminal();

test("values that are typed are not shown, neither for a new secret nor for a changed one", async (t) => {
  const home = await scratchHome(t);
  await home.startDaemonOrFind();
  const type = async (args: string[], lines: [string, string][]) => {
    const words = [PROGRAM, JSON.stringify(lines), process.execPath, COMMAND, "secret", ...args];
    const { stdout } = await promisify(execFile)("python3", words, { env: home.env });
    t.false(stdout.includes(CANARY), stdout);
    return stdout;
  };
  const created = await type(
    ["create", "s", "-i"],
    [
      ["Another key", "user"],
      ["user: ", CANARY],
      ["Another key", "port"],
      ["port: ", "5"],
      ["Another key", ""],
    ],
  );
  t.regex(created, /Created secret s/);
  t.like(await home.json(["secret", "get", "s", "--show"]), { values: { user: CANARY, port: "5" } });
  const changed = await type(
    ["update", "s", "-i"],
    [
      ["port (empty: as it is): ", ""],
      ["user (empty: as it is): ", `${CANARY}-2`],
      ["Another key", ""],
    ],
  );
  t.regex(changed, /Updated secret s/);
  t.like(await home.json(["secret", "get", "s", "--show"]), { values: { user: `${CANARY}-2`, port: "5" } });
});
