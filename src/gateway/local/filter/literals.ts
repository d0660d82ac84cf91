/** Python's literals in a filter: the values of a list in parentheses. */
import { quote } from "../../requests/python.js";
import type { Cell } from "../cells.js";

/** A list's values: texts, or what Python shows of another literal. */
export type Literal =
  | { readonly kind: "texts"; readonly texts: readonly string[] }
  /** A literal with something in it that is no text: how Python shows it, and the values of a list of texts and numbers. */
  | { readonly kind: "mixed"; readonly shown: string; readonly values: readonly Cell[] | undefined }
  /** Python finds no literal in it, but names or the like. */
  | { readonly kind: "malformed" }
  /** Python can't read it. */
  | { readonly kind: "ill-formed" };

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  "\\": "\\",
  "'": "'",
  '"': '"',
  "\n": "",
};
const TEXT = /^(?:'((?:\\[\s\S]|[^'\\\n])*)'|"((?:\\[\s\S]|[^"\\\n])*)")\s*/;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*/;
const NAME = /^[\p{L}_][\p{L}\p{N}_.]*\s*/u;

/** `ast.literal_eval` of a text in parentheses. */
export function readList(text: string): Literal {
  const value = readValue(text);
  if (!value || text.slice(value.length).trim() !== "") return { kind: "ill-formed" };
  if (value.hasNames) return { kind: "malformed" };
  const entries = value.entries ?? [value];
  const texts = entries.flatMap((entry) => (entry.text === undefined ? [] : [entry.text]));
  if (texts.length === entries.length) return { kind: "texts", texts };
  const values = value.entries?.flatMap(({ text: of, number }) => of ?? number ?? []);
  return {
    kind: "mixed",
    shown: value.entries ? value.shown : showTuple([value]),
    values: values?.length === entries.length ? values : undefined,
  };
}

interface Value {
  /** Of a text. */
  readonly text?: string;
  /** Of a number. */
  readonly number?: Cell;
  /** Of a tuple. */
  readonly entries?: readonly Value[];
  readonly hasNames: boolean;
  readonly shown: string;
  readonly length: number;
}

function showTuple(entries: readonly Value[]): string {
  return `(${entries.map(({ shown }) => shown).join(", ")}${entries.length === 1 ? "," : ""})`;
}

/** A tuple, or the one value that stands in parentheses. */
function readParenthesis(text: string): Value | undefined {
  const entries: Value[] = [];
  let rest = text.slice(1).trimStart();
  let isTuple = false;
  while (!rest.startsWith(")")) {
    const value = readValue(rest);
    if (!value) return undefined;
    entries.push(value);
    rest = rest.slice(value.length);
    if (rest.startsWith(",")) {
      isTuple = true;
      rest = rest.slice(1).trimStart();
    } else if (!rest.startsWith(")")) return undefined;
  }
  const length = text.length - rest.slice(1).trimStart().length;
  const [only] = entries;
  if (only && !isTuple) return { ...only, length };
  const hasNames = entries.some((entry) => entry.hasNames);
  return { entries, hasNames, shown: showTuple(entries), length };
}

function readValue(text: string): Value | undefined {
  if (text.startsWith("(")) return readParenthesis(text);
  let length = 0;
  let joined = "";
  // Texts that stand side by side are one.
  for (let found = TEXT.exec(text); found; found = TEXT.exec(text.slice(length))) {
    joined += unescapeText(found[1] ?? found[2] ?? "");
    length += found[0].length;
  }
  if (length > 0) return { text: joined, hasNames: false, shown: quote(joined), length };
  const number = NUMBER.exec(text)?.[0];
  if (number) {
    const shown = number.trim().replace(/^\+/, "");
    const value = /^-?\d+$/.test(shown) ? BigInt(shown) : Number(shown);
    return { number: value, hasNames: false, shown, length: number.length };
  }
  const name = NAME.exec(text)?.[0];
  return name ? { hasNames: true, shown: name.trim(), length: name.length } : undefined;
}

function unescapeText(text: string): string {
  return text.replace(/\\([\s\S])/g, (all, character: string) => ESCAPES[character] ?? all);
}

/** The words of an order, as a shell cuts them. Throws where a quotation has no end. */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  const word = /\s*((?:[^\s'"\\]|\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*")+)\s*/y;
  while (word.lastIndex < text.length) {
    const found = word.exec(text);
    if (!found) return undefined;
    words.push(unquote(found[1] ?? ""));
  }
  return words;
}

function unquote(word: string): string {
  return word.replace(/'([^']*)'|"((?:\\[\s\S]|[^"\\])*)"|\\([\s\S])/g, (_all, single, double, escaped) => {
    const inner = single as string | undefined;
    if (inner !== undefined) return inner;
    if (double !== undefined) return (double as string).replace(/\\(["\\])/g, "$1");
    return escaped as string;
  });
}
