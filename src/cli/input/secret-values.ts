/** The values of a secret as a command line gives them: in options, a file, standard input, or typed. */
import { StepwellError } from "../../errors/stepwell-error.js";
import { SECRET_BYTES_MAX } from "../../model/limits.js";
import { splitWords, type WordOption } from "./arguments.js";
import { readInputWithin } from "./bounded-text.js";
import { openPrompts } from "./hidden-input.js";
import { readValue } from "./value-file.js";

/** Options that say where values come from, beside --KEY=VALUE. */
export interface ValueOptions {
  readonly interactive?: true;
  readonly values?: string;
  readonly stdin?: true;
}

/** What was given. */
export interface GivenValues {
  readonly name: string;
  readonly values: Readonly<Record<string, string>>;
  /** A value stood in the command line itself. */
  readonly isExposed: boolean;
}

/** JSON may quote every byte, and a file may have white space around. */
const FILE_BYTES_MAX = 8 * SECRET_BYTES_MAX;

/**
 * Reads one name and the values of all sources. `keys` are asked for with -i; without any
 * their names are asked for too. Throws STEPWELL_USAGE; no error shows a value.
 */
export async function readSecretValues(
  words: readonly string[],
  options: ValueOptions,
  keysOf: (name: string) => Promise<readonly string[]>,
): Promise<GivenValues> {
  const { names, options: found } = splitWords(words);
  const given = found.map(readOption);
  const [name] = names;
  if (name === undefined || names.length > 1) throw usage("Give one name, and values as --KEY=VALUE.");
  const inline = options.values !== undefined && !options.values.startsWith("@");
  const entries = [
    ...given.map(({ key, value }) => [key, value] as const),
    ...(options.values === undefined
      ? []
      : await readObject(readValue(options.values, FILE_BYTES_MAX), "--values")),
    ...(options.stdin ? await readObject(await readInputWithin(FILE_BYTES_MAX), "Standard input") : []),
    ...(options.interactive ? await typed(await keysOf(name)) : []),
  ];
  const keys = entries.map(([key]) => key);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) throw usage(`The key ${JSON.stringify(twice)} is given twice.`);
  return {
    name,
    values: Object.fromEntries(entries),
    isExposed: inline || given.some(({ isExposed }) => isExposed),
  };
}

interface GivenValue {
  readonly key: string;
  readonly value: string;
  readonly isExposed: boolean;
}

function readOption({ key, text }: WordOption): GivenValue {
  // The word may be a value that lost its key: it is not shown.
  if (key === undefined || text === undefined) throw usage("Give values as --KEY=VALUE.");
  return { key, value: readValue(text), isExposed: !/^@(?!@)/.test(text) };
}

/** An object of texts, as JSON or as YAML, which takes every scalar as it is written. */
async function readObject(text: string, source: string): Promise<[string, string][]> {
  const value = await parsed(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw usage(`${source} has to be an object of texts, as in {"username": "ann"}, in JSON or YAML.`);
  return Object.entries(value).map(([key, each]) => {
    if (typeof each === "string") return [key, each];
    if (typeof each === "number" || typeof each === "boolean") return [key, String(each)];
    throw usage(`${source} has no text under the key ${JSON.stringify(key)}.`);
  });
}

/** Undefined for what can't be parsed: the parsers' messages would show a part of the values. */
async function parsed(text: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch {
    const { parse } = await import("yaml");
    try {
      return parse(text, { schema: "failsafe", logLevel: "silent" });
    } catch {
      return undefined;
    }
  }
}

async function typed(keys: readonly string[]): Promise<[string, string][]> {
  const prompts = openPrompts();
  try {
    const entries: [string, string][] = [];
    for (const key of keys) {
      const value = await prompts.askHidden(`${key} (empty: as it is): `);
      if (value !== "") entries.push([key, value]);
    }
    for (;;) {
      const isFirst = keys.length + entries.length === 0;
      const key = (await prompts.ask(`${isFirst ? "A key" : "Another key"} (empty: no more): `)).trim();
      if (key === "") return entries;
      entries.push([key, await prompts.askHidden(`${key}: `)]);
    }
  } finally {
    prompts.close();
  }
}

function usage(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_USAGE", sentence);
}
