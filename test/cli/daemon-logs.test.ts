import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import anyTest from "ava";
import { homeOf } from "../../src/home/endpoint.js";
import { ROOT, scratchHome } from "../support/home.js";

// One after the other: each starts processes.
const test = anyTest.serial;
const COMMAND = join(ROOT, "build/stepwell.js");

test("daemon logs --follow goes on with what is written later", async (t) => {
  const home = await scratchHome(t);
  await mkdir(dirname(home.paths.logFile), { recursive: true });
  await writeFile(home.paths.logFile, "one\ntwo\n");
  const child = spawn(process.execPath, [COMMAND, "daemon", "logs", "-f", "-n1"], { env: home.env });
  const parts: string[] = [];
  child.stdout.on("data", (text: Buffer) => parts.push(text.toString()));
  while (parts.join("").length < "two\n".length) await once(child.stdout, "data");
  await appendFile(home.paths.logFile, "three\n");
  while (parts.join("").length < "two\nthree\n".length) await once(child.stdout, "data");
  child.kill("SIGKILL");
  t.is(parts.join(""), "two\nthree\n");
});

test("daemon logs shows the log's end, also when no daemon runs", async (t) => {
  const home = await scratchHome(t);
  t.is((await home.stepwell(["daemon", "logs"])).code, 0);
  await mkdir(dirname(home.paths.logFile), { recursive: true });
  const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} ünïcode`);
  await writeFile(home.paths.logFile, `${lines.join("\n")}\n`);
  const all = await home.stepwell(["daemon", "logs", "-n", "10000"]);
  t.is(all.stdout, `${lines.slice(-10_000).join("\n")}\n`);
  t.is((await home.stepwell(["daemon", "logs", "-n", "1"])).stdout, `${lines.at(-1)}\n`);
  t.is(homeOf(home.env).logFile, home.paths.logFile);
});

test("nothing in the log steers the terminal, and a line of it stays JSON", async (t) => {
  const home = await scratchHome(t);
  await mkdir(dirname(home.paths.logFile), { recursive: true });
  const message = "\u001b]0;owned\u0007\u009b2J\u202ered\u2028";
  await writeFile(home.paths.logFile, `${JSON.stringify({ message })}\n`);
  const { stdout } = await home.here(["daemon", "logs"]);
  t.notRegex(stdout, /(?!\n)\p{Cc}|\p{Bidi_Control}|\u2028/u);
  t.deepEqual(JSON.parse(stdout), { message });
});
