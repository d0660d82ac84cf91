/** Python's literals in a filter: the values of a list in parentheses. */
import { quote } from "../../requests/python.js";
import type { Operand } from "./conditions.js";

/** A list's values: texts, or what Python shows of another literal. */
export type Literal =
  | { readonly kind: "texts"; readonly texts: readonly string[] }
  /** A literal with something in it that is no text: how Python shows it, and the values of a list of texts and numbers, or one number. */
  | { readonly kind: "mixed"; readonly shown: string; readonly values: Operand | undefined }
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
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
  "\n": "",
};
/** A character by its number, in one of Python's ways; what begins so and goes on otherwise is no text. */
const NUMBERED = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3}))/g;
const BROKEN = /\\(?:x(?![\da-fA-F]{2})|u(?![\da-fA-F]{4})|U(?![\da-fA-F]{8})|N)/;
const TEXT = /^(?:'((?:\\[\s\S]|[^'\\\n])*)'|"((?:\\[\s\S]|[^"\\\n])*)")\s*/;
/** Python's comments, and texts, in which there are none. */
const COMMENT = /'(?:\\[\s\S]|[^'\\\n])*'|"(?:\\[\s\S]|[^"\\\n])*"|#[^\n]*/g;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*/;
const NAME = /^[\p{L}_][\p{L}\p{N}_.]*\s*/u;

/** `ast.literal_eval` of a text in parentheses. */
export function readList(text: string): Literal {
  if (text.includes("\0") || BROKEN.test(text.replaceAll("\\\\", ""))) return { kind: "ill-formed" };
  const read = text.replace(COMMENT, (all) => (all.startsWith("#") ? "" : all));
  const value = readValue(read);
  if (!value || read.slice(value.length).trim() !== "") return { kind: "ill-formed" };
  if (value.hasNames) return { kind: "malformed" };
  const entries = value.entries ?? [value];
  const texts = entries.flatMap((entry) => (entry.text === undefined ? [] : [entry.text]));
  if (texts.length === entries.length) return { kind: "texts", texts };
  const values = value.entries?.flatMap(({ text: of, number }) => of ?? number ?? []);
  const isWhole = values?.length === entries.length;
  return {
    kind: "mixed",
    shown: value.entries ? value.shown : showTuple([value]),
    values: value.entries ? (isWhole ? values : undefined) : value.number,
  };
}

interface Value {
  /** Of a text. */
  readonly text?: string;
  /** Of a number. */
  readonly number?: number | bigint;
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
  return text
    .split("\\\\")
    .map((part) =>
      part
        .replace(NUMBERED, (_all, hex, four, eight, octal) =>
          String.fromCodePoint(
            octal
              ? Number.parseInt(octal as string, 8)
              : Number.parseInt((hex ?? four ?? eight) as string, 16),
          ),
        )
        .replace(/\\([\s\S])/g, (all, character: string) => ESCAPES[character] ?? all),
    )
    .join("\\");
}

/** The words of an order, as a shell cuts them. Throws where a quotation has no end. */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  const word = /[ \t\r\n]*((?:[^ \t\r\n'"\\]|\\[\s\S]|'[^']*'|"(?:\\[\s\S]|[^"\\])*")+)[ \t\r\n]*/y;
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
