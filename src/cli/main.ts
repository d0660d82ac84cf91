/** The `stepwell` command. */
import { EXIT } from "../errors/row.js";
import { StepwellError } from "../errors/stepwell-error.js";
import { homeOf } from "../home/endpoint.js";
import { keepMemoryPrivate } from "../home/private-memory.js";
import { answer } from "./answer.js";
import type { Context } from "./context.js";
import { reportFault } from "./output/faults.js";
import { screenOf } from "./output/screen.js";

const words = process.argv.slice(2);
// A program that is run keeps its own dumps; every other command may be given a secret.
if (words.find((word) => !word.startsWith("-")) !== "run") keepMemoryPrivate();
const context: Context = {
  env: process.env,
  // Help needs no home, and where there can be none, that is an error like any other.
  get paths() {
    return homeOf(process.env);
  },
  program: [process.execPath, process.argv[1] ?? ""],
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  screen: screenOf(process.stdout, process.env),
  noteScreen: screenOf(process.stderr, process.env),
};

// The reader of a pipe may leave first, as in `stepwell runs list | head -1`.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.ok);
    // As on a full disk. Where nothing can be said, the exit code says it.
    const fault = new StepwellError(
      "STEPWELL_ANSWER_UNWRITABLE",
      `The answer can't be written: ${error.message}.`,
    );
    process.exit(stream === process.stdout ? reportFault(fault, context.stderr, "stepwell") : EXIT.failed);
  });
}

void main();

async function main(): Promise<void> {
  process.exitCode = await answer(context, words);
  // A daemon that does not answer holds nobody at the prompt, and what a server left behind holds no supervisor.
  if (words[0] === "__complete" || words[0] === "__supervise") process.exit();
}
