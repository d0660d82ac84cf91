/**
 * The command for other languages' tests: one process that runs it as often as they ask, since a process for each costs
 * a fifth of a second of a processor. A line of JSON with `args` and `env` comes on standard input; a line with `code`,
 * `stdout` and `stderr` is answered. A pipe that is named as the argument has lines of programs under test, which
 * a script asks for: the id of the script's process, and its words (clients/python/tests/command_server.py).
 */
import { closeSync, constants, openSync, readFileSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { createInterface } from "node:readline";
import { runHere } from "./command-here.js";

interface Question {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Answers scripts, each at the pipe that it made, and says on its standard error what the command would. */
async function answerScripts(pipe: string): Promise<void> {
  // For writing, too: it does not end where no script has it open.
  const input = new Socket({ fd: openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK), writable: false });
  for await (const line of createInterface({ input })) {
    const [pid = "", ...args] = line.split(" ");
    try {
      const { code, stderr } = await runHere(args, environmentOf(pid));
      if (stderr !== "") writeFileSync(`/proc/${pid}/fd/2`, stderr);
      // Without waiting: a script that was killed reads nothing.
      const answer = openSync(`${pipe}.${pid}`, constants.O_WRONLY | constants.O_NONBLOCK);
      writeFileSync(answer, `${code}\n`);
      closeSync(answer);
    } catch {
      // The script's process is gone.
    }
  }
}

function environmentOf(pid: string): Record<string, string> {
  const pairs = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").filter(Boolean);
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
}

const [pipe] = process.argv.slice(2);
if (pipe !== undefined) void answerScripts(pipe);
for await (const line of createInterface({ input: process.stdin })) {
  const { args, env } = JSON.parse(line) as Question;
  process.stdout.write(`${JSON.stringify(await runHere(args, env))}\n`);
}
