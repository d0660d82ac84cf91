import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import anyTest, { type ExecutionContext } from "ava";
import { ROOT, type ScratchHome, scratchHome } from "../support/home.js";

const PROGRAM = join(ROOT, "test/secrets/at_terminal.py");
const COMMAND = join(ROOT, "build/stepwell.js");
const CANARY = "canary-typed-04b7";

/** Prompts and what is typed after each. */
type Lines = readonly (readonly [prompt: string, line: string])[];

/** A terminal is made with Python's standard library. With CI=1 a lacking Python is a failure. */
function testAtTerminal(): typeof anyTest.serial | typeof anyTest.skip {
  if (spawnSync("python3", ["-c", "import os, pty; os.waitstatus_to_exitcode"]).status === 0)
    return anyTest.serial;
  console.error("SKIPPED: no python3 >= 3.9 on the PATH that could make a terminal.");
  return process.env["CI"] === "1" ? anyTest.serial : anyTest.skip;
}

const test = testAtTerminal();

/** Types at a `stepwell secret` command; what was shown holds no canary. */
async function typeAt(
  t: ExecutionContext,
  home: ScratchHome,
  args: string[],
  lines: Lines,
  code = 0,
): Promise<string> {
  const words = [PROGRAM, JSON.stringify(lines), process.execPath, COMMAND, "secret", ...args];
  const { stdout, status } = await promisify(execFile)("python3", words, { env: home.env }).then(
    ({ stdout }) => ({ stdout, status: 0 }),
    (error: { stdout: string; code: number }) => ({ stdout: error.stdout, status: error.code }),
  );
  t.is(status, code, stdout);
  t.false(stdout.includes(CANARY), stdout);
  return stdout;
}

test("values that are typed are not shown, neither for a new secret nor for a changed one", async (t) => {
  const home = await scratchHome(t);
  await home.startDaemonOrFind();
  const created = await typeAt(
    t,
    home,
    ["create", "s", "-i"],
    [
      ["A key", "user"],
      ["user: ", CANARY],
      ["Another key", "port"],
      ["port: ", "5"],
      ["Another key", ""],
    ],
  );
  t.regex(created, /Created secret s/);
  t.like(await home.json(["secret", "get", "s", "--show"]), { values: { user: CANARY, port: "5" } });
  const changed = await typeAt(
    t,
    home,
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

test("a passphrase is typed twice to seal the vault and once to unlock it, and is not shown", async (t) => {
  const home = await scratchHome(t);
  const seal = ["backend", "set", "vault", "--passphrase"];
  const [asked, again] = ["A passphrase for the vault: ", "The same again: "];
  const unlike: Lines = [
    [asked, CANARY],
    [again, `${CANARY}-2`],
  ];
  t.regex(await typeAt(t, home, seal, unlike, 2), /not the same; nothing was changed/);
  await home.startDaemonOrFind();
  t.like(await home.json(["secret", "backend", "get"]), { has_passphrase: false });
  const alike: Lines = [
    [asked, CANARY],
    [again, CANARY],
  ];
  t.regex(await typeAt(t, home, seal, alike), /has this passphrase now/);
  await home.stepwell(["daemon", "restart"]);
  t.regex(await typeAt(t, home, ["unlock"], [["The vault's passphrase: ", CANARY]]), /The vault is unlocked/);
  t.like(await home.json(["secret", "backend", "get"]), { state: "ready", has_passphrase: true });
});
