/** From a command line's words to its exit code; what goes wrong is said, too. */
import { text } from "node:stream/consumers";
import { CommanderError } from "commander";
import { EXIT } from "../errors/row.js";
import type { Context } from "./context.js";
import { normalizeArguments } from "./input/arguments.js";
import { reportFault } from "./output/faults.js";
import { makeProgram, runProgram } from "./program.js";

/** Words as they were typed behind `stepwell`. Never rejects. */
export async function answer(context: Context, words: readonly string[]): Promise<number> {
  const [first, ...rest] = words;
  try {
    if (first === "__complete") return await answerShell(context, rest);
    if (first === "__supervise") return await superviseHere(context, rest);
    return await runProgram(context, normalizeArguments(words));
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return EXIT.ok;
    // `stepwell daemon` alone: the help that was shown says it all.
    if (thrown instanceof CommanderError && thrown.code === "commander.help") return EXIT.usage;
    return reportFault(thrown, context.stderr, commandOf(context, words));
  }
}

/** The command that words name, as far as there is one. */
function commandOf(context: Context, words: readonly string[]): string {
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
async function answerShell(context: Context, words: readonly string[]): Promise<number> {
  const { complete } = await import("./completion/complete.js");
  await complete(
    context,
    makeProgram(context, () => async () => undefined),
    words,
  );
  return EXIT.ok;
}

/** The process that runs a deployment's servers. What it needs to know that nobody else may is on its standard input. */
async function superviseHere(context: Context, [name = ""]: readonly string[]): Promise<number> {
  const { supervise } = await import("../deploy/supervise.js");
  await supervise(context, name, await text(process.stdin));
  return EXIT.ok;
}
