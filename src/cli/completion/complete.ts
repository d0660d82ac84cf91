/** Answers what a shell's completion asks: one candidate a line, and nothing at all where something is wrong. */
import type { Command } from "commander";
import { sleep } from "../../home/wait.js";
import type { Context } from "../context.js";
import { type Candidates, candidatesFor } from "./candidates.js";
import { splitLine } from "./split-line.js";

/** How long somebody who pressed a key may wait for names. */
const NAMES_MS_MAX = 1_000;

/**
 * `stepwell __complete SHELL WORDS...`: the words after the command; the last is the one to
 * complete; of bash the whole line up to the cursor.
 */
export async function complete(
  context: Context,
  program: Command,
  [shell = "", ...words]: readonly string[],
): Promise<void> {
  const line = shell === "bash" ? splitLine(words[0] ?? "").slice(1) : words;
  const last = line.at(-1) ?? "";
  const found = candidatesFor(program, line);
  const begun = last.slice(found.lead.length);
  const names = found.names ? await namesOf(context, found.names, begun) : [];
  const all = [...found.words, ...names].filter((word) => word.startsWith(begun));
  // Bash itself has cut the word at its equals sign.
  const lead = shell === "bash" ? "" : found.lead;
  for (const word of all) context.stdout(`${lead}${word}\n`);
}

/** Names that begin so, of a daemon that runs; none is started. */
async function namesOf(
  context: Context,
  kind: NonNullable<Candidates["names"]>,
  begun: string,
): Promise<string[]> {
  const { namesBeginning } = await import("./names.js");
  const given = sleep(NAMES_MS_MAX).then(() => []);
  return Promise.race([namesBeginning(context, kind, begun).catch(() => []), given]);
}
