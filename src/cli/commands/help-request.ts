import type { Command } from "commander";

/**
 * Help that is asked for where Commander would show another page: after the word `help` it takes one name only, and for what
 * is no command it shows the help of what stands above it, as if nothing were wrong. Answers the words that make it
 * show the page that is meant, or say which word it does not know; undefined where it does by itself.
 */
export function helpWords(program: Command, words: readonly string[]): readonly string[] | undefined {
  let asksHelp = words.some((word) => word === "--help" || word === "-h");
  let byWord = false;
  let command = program;
  const names: string[] = [];
  for (const word of words) {
    if (command.commands.length === 0) break;
    if (word.startsWith("-")) continue;
    if (word === "help") {
      asksHelp = true;
      byWord = true;
      continue;
    }
    names.push(word);
    const next = command.commands.find((each) => each.name() === word);
    if (!next) return asksHelp ? names : undefined;
    command = next;
  }
  return byWord ? [...names, "--help"] : undefined;
}
