import type { Command } from "commander";

/**
 * Help that is asked for on what is no command. Commander would show the help of what stands above it, as if
 * nothing were wrong: answers the words that make it say which word it does not know, or undefined.
 */
export function unknownInHelp(program: Command, words: readonly string[]): readonly string[] | undefined {
  let asksHelp = words.some((word) => word === "--help" || word === "-h");
  let command = program;
  const names: string[] = [];
  for (const word of words) {
    if (command.commands.length === 0) return undefined;
    if (word.startsWith("-")) continue;
    if (word === "help") {
      asksHelp = true;
      continue;
    }
    names.push(word);
    const next = command.commands.find((each) => each.name() === word);
    if (!next) return asksHelp ? names : undefined;
    command = next;
  }
  return undefined;
}
