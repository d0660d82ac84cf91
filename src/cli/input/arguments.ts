/**
 * Brings command lines as people and ZenML's pages write them into one form: options
 * in any order, underscores or hyphens, `--output` before the command's words too.
 */
import { StepwellError } from "../../errors/stepwell-error.js";

/** A setting's name as an option gives it. */
const SETTING = /^[A-Za-z][\w-]*$/;

/** The arguments in the form that the program's options are declared in. What follows `--` stays as it is. */
export function normalizeArguments(args: readonly string[]): string[] {
  const end = args.indexOf("--");
  const ours = end === -1 ? args : args.slice(0, end);
  const rest = end === -1 ? [] : args.slice(end);
  const moved = moveEarlyOutput(ours);
  const named = hyphenateCommand(moved);
  const mayHaveKeys = named[0] === "secret" && named[1] !== "list";
  return [...named.map(mayHaveKeys ? hyphenateOwn : hyphenate), ...rest];
}

/** A word that begins with a hyphen, and what it says if it is --KEY=TEXT, or --KEY with TEXT behind it. */
export interface WordOption {
  readonly word: string;
  readonly key: string | undefined;
  readonly text: string | undefined;
}

/** Names, and options as they were given, in order. Throws nothing: what is wrong is the caller's to say. */
export function splitWords(words: readonly string[]): { names: string[]; options: WordOption[] } {
  const names: string[] = [];
  const options: WordOption[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (!word.startsWith("-")) {
      names.push(word);
      continue;
    }
    const [, key, joined] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    const next = words[index + 1];
    const isApart = joined === undefined && next !== undefined && !next.startsWith("-");
    if (isApart) index += 1;
    options.push({ word, key, text: isApart ? next : joined });
  }
  return { names, options };
}

/** The name and the free settings of a register command. */
export interface Registration {
  readonly name: string;
  /** By setting, with underscores as flavors name them. */
  readonly configuration: Readonly<Record<string, string>>;
}

/**
 * Reads what a register or update command leaves over: one name and any number of --key=value or
 * --key value; `read` makes the value of its text. Throws STEPWELL_USAGE on anything else.
 */
export function readRegistration(
  words: readonly string[],
  read: (text: string) => string = (text) => text,
): Registration {
  const { names, options } = splitWords(words);
  const configuration: Record<string, string> = {};
  for (const { word, key, text } of options) {
    if (key === undefined || text === undefined || !SETTING.test(key))
      throw usage(`Give ${optionShown(word)} as --key=value.`);
    const setting = key.replaceAll("-", "_");
    if (setting in configuration) throw usage(`--${setting} is given twice.`);
    configuration[setting] = read(text);
  }
  const [name, second] = names;
  if (name === undefined) throw usage("Give the name.");
  if (second !== undefined)
    // A word too many may be the value of an option, and that a credential: it is not shown.
    throw usage(`One name is needed, and there are ${names.length}: give settings as --key=value.`);
  return { name, configuration };
}

/**
 * Reads what a remove-attribute command leaves over: one name and at least one --key, or a bare
 * key behind the name. Throws STEPWELL_USAGE on anything else.
 */
export function readChange(words: readonly string[]): { name: string; keys: string[] } {
  const [name, ...bare] = words.filter((word) => !word.startsWith("-"));
  const options = words.filter((word) => word.startsWith("-"));
  const keys = [...options.map((word) => word.replace(/^-+/, "")), ...bare];
  const wrong = keys.find((key) => !SETTING.test(key));
  if (wrong !== undefined) throw usage("Give settings by their names alone, as in --tracking_uri.");
  if (name === undefined || keys.length === 0) throw usage("Give a name and the settings to remove.");
  return { name, keys: keys.map((key) => key.replaceAll("-", "_")) };
}

/** The option's name alone: what follows it may be a credential, however it was written. */
function optionShown(word: string): string {
  return /^--[A-Za-z][\w-]*/.exec(word)?.[0] ?? "settings";
}

function usage(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_USAGE", sentence);
}

/** Words that name a command, at most: `stack list`. */
const COMMAND_WORDS = 2;

/**
 * `stepwell -o json stack list`, `stepwell stack -o json list`: before or among the command's words the
 * option belongs to any command, so its long form goes last. Behind them -o may mean something else.
 */
function moveEarlyOutput(args: readonly string[]): readonly string[] {
  let words = 0;
  for (const [index, word] of args.entries()) {
    const joined = /^(?:-o|--output=)(.+)$/.exec(word)?.[1];
    if (joined !== undefined)
      return [...args.slice(0, index), ...args.slice(index + 1), `--output=${joined}`];
    const next = args[index + 1];
    if ((word === "-o" || word === "--output") && next !== undefined)
      return [...args.slice(0, index), ...args.slice(index + 2), `--output=${next}`];
    if (!word.startsWith("-")) words += 1;
    if (words === COMMAND_WORDS) return args;
  }
  return args;
}

/** Underscores to hyphens in the words that name a command: `experiment_tracker remove_attribute`. */
function hyphenateCommand(args: readonly string[]): readonly string[] {
  const places = args.flatMap((word, index) => (word.startsWith("-") ? [] : [index]));
  // Behind these come another program's name, and keys of a run.
  const isWhole = ["run", "log", "param", "tag", "artifact"].includes(args[places[0] ?? 0] ?? "");
  const ours = isWhole ? [] : places.slice(0, COMMAND_WORDS);
  return args.map((word, index) => (ours.includes(index) ? word.replaceAll("_", "-") : word));
}

/** Of a secret only the options that are ours: a key of it may have underscores and hyphens. */
function hyphenateOwn(word: string): string {
  return /^--(remove_keys|rewrite_references)(=|$)/.test(word) ? hyphenate(word) : word;
}

/** Underscores to hyphens in an option's name, never in a value. */
function hyphenate(word: string): string {
  const match = /^--([^=]+)(=.*)?$/s.exec(word);
  return match?.[1] ? `--${match[1].replaceAll("_", "-")}${match[2] ?? ""}` : word;
}
