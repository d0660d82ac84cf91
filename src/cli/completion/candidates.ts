/** What can stand at the end of a command line: commands, options, their choices, and kinds of names. */
import type { Argument, Command, Option } from "commander";
import type { ComponentGroup } from "../commands/component-group.js";
import { fieldsOf, flavorsOf } from "../commands/flavor-help.js";

/** Things whose names, or ids, only the daemon knows. */
export type NameKind = ComponentGroup | "stack" | "secret" | "runs" | "dead-letter";

/** Words that are known at once, and a kind of names to ask the daemon for; `lead` stands before each. */
export interface Candidates {
  readonly lead: string;
  readonly words: readonly string[];
  readonly names?: NameKind;
}

const GROUPS: readonly string[] = ["experiment-tracker", "artifact-store", "orchestrator"];
/** Commands whose first argument is a new name. */
const NEW_NAMES: readonly string[] = ["register", "import", "create", "backend", "unlock"];

/** The candidates for the last of the words, which may be empty. All of them, whatever it begins with. */
export function candidatesFor(program: Command, words: readonly string[]): Candidates {
  const before = words.slice(0, -1);
  const last = words.at(-1) ?? "";
  const { command, path, pending, operands } = walk(program, before);
  if (pending) return valuesOf(pending, path, "");
  const [, name] = /^(--[^=]+)=/.exec(last) ?? [];
  if (name !== undefined) {
    const option = command.options.find(({ long }) => long === hyphens(name));
    return option ? valuesOf(option, path, `${name}=`) : { lead: "", words: [] };
  }
  if (last.startsWith("-")) return spelledAs(last, [...optionsOf(command), ...settingsOf(path, before)]);
  if (command.commands.length > 0)
    return spelledAs(
      last,
      command.commands.filter(isShown).map((each) => each.name()),
    );
  return operandsOf(argumentAt(command, operands), path, operands);
}

/** Names in the spelling that was begun, with hyphens or underscores: a shell drops what does not begin so. */
function spelledAs(begun: string, words: readonly string[]): Candidates {
  const [sign] = /[-_]/.exec(begun.replace(/^-+/, "")) ?? [];
  if (sign === undefined) return { lead: "", words };
  return { lead: "", words: words.map((word) => word.replace(/(?<!^|^-)[-_]/g, sign)) };
}

function argumentAt({ registeredArguments }: Command, index: number): Argument | undefined {
  const last = registeredArguments.at(-1);
  return registeredArguments[index] ?? (last?.variadic ? last : undefined);
}

interface Place {
  readonly command: Command;
  readonly path: readonly string[];
  /** The option whose value comes next. */
  readonly pending: Option | undefined;
  /** How many arguments the command has so far. */
  readonly operands: number;
}

function walk(program: Command, words: readonly string[]): Place {
  let place: Place = { command: program, path: [], pending: undefined, operands: 0 };
  for (const word of words) place = step(place, word);
  return place;
}

function step(place: Place, word: string): Place {
  const { command, path, pending, operands } = place;
  if (pending) return { ...place, pending: undefined };
  if (word.startsWith("-")) {
    const option = command.options.find(({ long, short }) => long === hyphens(word) || short === word);
    return { ...place, pending: option?.required ? option : undefined };
  }
  const next = command.commands.find((each) => each.name() === hyphens(word));
  if (next) return { command: next, path: [...path, next.name()], pending: undefined, operands: 0 };
  return { ...place, operands: operands + 1 };
}

function valuesOf(option: Option, path: readonly string[], lead: string): Candidates {
  const [group = "", verb = ""] = path;
  const name = option.name();
  if (option.argChoices) return { lead, words: option.argChoices };
  if (name === "run") return { lead, words: [], names: "runs" };
  if (name === "tracker") return { lead, words: [], names: "experiment-tracker" };
  if (isKind(name)) return { lead, words: [], names: name };
  if (name === "flavor" && isGroup(group) && verb === "register") return { lead, words: flavorsOf(group) };
  if (name === "name" && isKind(group) && group !== "runs") return { lead, words: [], names: group };
  return { lead, words: [] };
}

function operandsOf(argument: Argument | undefined, path: readonly string[], index: number): Candidates {
  const [group = "", verb = ""] = path;
  if (argument?.argChoices) return { lead: "", words: argument.argChoices };
  const isName = (index === 0 || group === "dead-letter") && isKind(group) && !NEW_NAMES.includes(verb);
  return isName && argument ? { lead: "", words: [], names: group } : { lead: "", words: [] };
}

function optionsOf(command: Command): string[] {
  return [...command.options.filter(({ hidden }) => !hidden).flatMap(({ long }) => long ?? []), "--help"];
}

/** The settings of the flavor that the line names, or of all. */
function settingsOf([group = "", verb = ""]: readonly string[], words: readonly string[]): string[] {
  if (!isGroup(group) || (verb !== "register" && verb !== "update")) return [];
  const flavors = flavorsOf(group);
  const named = flavors.filter((flavor) =>
    words.some((word) => word === flavor || word === `--flavor=${flavor}`),
  );
  const fields = (named.length > 0 ? named : flavors).flatMap((flavor) => fieldsOf(group, flavor));
  return [...new Set(fields.map(({ name }) => `--${name}=`))];
}

function isShown(command: Command): boolean {
  return !("_hidden" in command && command._hidden === true);
}

function hyphens(word: string): string {
  return word.replaceAll("_", "-");
}

function isGroup(name: string): name is ComponentGroup {
  return GROUPS.includes(name);
}

function isKind(name: string): name is NameKind {
  return ["stack", "secret", "runs", "dead-letter"].includes(name) || isGroup(name);
}
