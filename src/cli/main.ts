/** The `stepwell` command. */
import { CommanderError } from "commander";
import { EXIT } from "../errors/row.js";
import { StepwellError } from "../errors/stepwell-error.js";
import { homeOf } from "../home/endpoint.js";
import { keepMemoryPrivate } from "../home/private-memory.js";
import type { Context } from "./context.js";
import { normalizeArguments } from "./input/arguments.js";
import { reportFault } from "./output/faults.js";
import { screenOf } from "./output/screen.js";
import { makeProgram, runProgram } from "./program.js";

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

void main(words);

async function main(words: readonly string[]): Promise<void> {
  const [first, ...rest] = words;
  try {
    if (first === "__complete") await answerShell(rest);
    else process.exitCode = await runProgram(context, normalizeArguments(words));
  } catch (thrown) {
    const isHelp = thrown instanceof CommanderError && thrown.exitCode === 0;
    // `stepwell daemon` alone: the help that was shown says it all.
    const isHelpOnly = thrown instanceof CommanderError && thrown.code === "commander.help";
    if (isHelp) process.exitCode = EXIT.ok;
    else process.exitCode = isHelpOnly ? EXIT.usage : reportFault(thrown, context.stderr, commandOf(words));
  }
}

/** The command that words name, as far as there is one. */
function commandOf(words: readonly string[]): string {
  const names = ["stepwell"];
  let command = makeProgram(context, () => async () => undefined);
  for (const word of normalizeArguments(words)) {
    const next = command.commands.find((each) => each.name() === word);
    if (!next) continue;
    names.push(word);
    command = next;
  }
  return names.join(" ");
}

/** A shell that completes a line wants candidates or nothing. */
async function answerShell(words: readonly string[]): Promise<void> {
  const { complete } = await import("./completion/complete.js");
  await complete(
    context,
    makeProgram(context, () => async () => undefined),
    words,
  );
  // A daemon that does not answer holds nobody at the prompt.
  process.exit(EXIT.ok);
}
