/** A machine that is out of files, or a line that is too long: nothing of it ends who starts a program. */
import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import test from "ava";
import { tellByCommand } from "../../src/home/notify-command.js";
import { startProcess } from "../../src/home/start-process.js";
import { ROOT } from "../support/home.js";

const run = promisify(execFile);

test("each way in which a program can't start is a rejection", async (t) => {
  await t.throwsAsync(
    startProcess(() => spawn("/no/such/program")),
    { code: "ENOENT" },
  );
  await t.throwsAsync(
    startProcess(() => spawn("true", ["x".repeat(4_000_000)])),
    { code: "E2BIG" },
  );
  const child = await startProcess(() => spawn("true"));
  t.true((child.pid ?? 0) > 0);
});

test("what is told by a command that can't start is said, and never thrown", async (t) => {
  const told = { events: [], more: 0 };
  t.regex((await tellByCommand("x".repeat(4_000_000), told, {})) ?? "", /E2BIG/);
});

test("without a free file GPUs are left out, what happens is not told, and the process lives", async (t) => {
  const script = `
    import { openSync } from "node:fs";
    import { tellByCommand } from "${join(ROOT, "build/src/home/notify-command.js")}";
    import { Gpus } from "${join(ROOT, "build/src/monitor/gpus.js")}";
    import { askProgram } from "${join(ROOT, "build/src/secrets/ask-program.js")}";
    const gpus = new Gpus({ clock: { monotonicMs: () => 0 }, log: () => undefined, command: "true" });
    try { for (;;) openSync("/dev/null"); } catch {}
    const read = await gpus.read(1_000);
    const reason = await tellByCommand("true", { events: [], more: 0 }, {});
    const { kind } = await askProgram({ program: "x", timeoutMs: 1_000 }, {});
    await new Promise((resolve) => setTimeout(resolve, 50));
    console.log(JSON.stringify([read, reason, kind]));
    process.exit(0);`;
  const line = `ulimit -n 60; exec "$0" --input-type=module -e "$1"`;
  const { stdout } = await run("sh", ["-c", line, process.execPath, script]);
  const [read, reason, kind] = JSON.parse(stdout) as [unknown[], string, string];
  t.deepEqual(read, []);
  t.regex(reason, /EMFILE/);
  t.is(kind, "silent");
});
