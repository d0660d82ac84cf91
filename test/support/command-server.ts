/**
 * The command for other languages' tests: one process that runs it as often as they ask, since a process for each costs
 * a fifth of a second of a processor. A line of JSON with `args` and `env` comes on standard input; a line with `code`,
 * `stdout` and `stderr` is answered.
 */
import { createInterface } from "node:readline";
import { runHere } from "./command-here.js";

interface Question {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { args, env } = JSON.parse(line) as Question;
  process.stdout.write(`${JSON.stringify(await runHere(args, env))}\n`);
}
