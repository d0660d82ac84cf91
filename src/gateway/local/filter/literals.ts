/** Python's literals in a filter: the values of a list in parentheses. */
import { quote } from "../python.js";

/** A list's values: texts, or what Python shows of another literal. */
export type Literal =
  | { readonly kind: "texts"; readonly texts: readonly string[] }
  /** A literal with something in it that is no text; how Python shows it. */
  | { readonly kind: "mixed"; readonly shown: string }
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
const TEXT = /^(?:'((?:\\[^]|[^'\\\n])*)'|"((?:\\[^]|[^"\\\n])*)")\s*/;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?\s*/;
const NAME = /^[\p{L}_][\p{L}\p{N}_.]*\s*/u;

/** `ast.literal_eval` of a text in parentheses. */
export function readList(text: string): Literal {
  let rest = text.slice(1).trimStart();
  const shown: string[] = [];
  const texts: string[] = [];
  let hasNames = false;
  let hasComma = false;
  while (!rest.startsWith(")")) {
    const value = readValue(rest);
    if (!value) return { kind: "ill-formed" };
    if (value.kind === "name") hasNames = true;
    if (value.kind === "text") texts.push(value.text);
    shown.push(value.shown);
    rest = rest.slice(value.length);
    if (rest.startsWith(",")) {
      hasComma = true;
      rest = rest.slice(1).trimStart();
    } else if (!rest.startsWith(")")) return { kind: "ill-formed" };
  }
  if (rest.slice(1).trim() !== "") return { kind: "ill-formed" };
  if (hasNames) return { kind: "malformed" };
  if (texts.length === shown.length) return { kind: "texts", texts };
  return { kind: "mixed", shown: `(${shown.join(", ")}${shown.length === 1 || (hasComma && shown.length === 1) ? "," : ""})` };
}

interface Value {
  readonly kind: "text" | "number" | "name";
  readonly text: string;
  readonly shown: string;
  readonly length: number;
}

function readValue(text: string): Value | undefined {
  let length = 0;
  let joined = "";
  // Texts that stand side by side are one.
  for (let found = TEXT.exec(text); found; found = TEXT.exec(text.slice(length))) {
    joined += unescape(found[1] ?? found[2] ?? "");
    length += found[0].length;
  }
  if (length > 0) return { kind: "text", text: joined, shown: quote(joined), length };
  const number = NUMBER.exec(text)?.[0];
  if (number) return { kind: "number", text: "", shown: number.trim().replace(/^\+/, ""), length: number.length };
  const name = NAME.exec(text)?.[0];
  return name ? { kind: "name", text: "", shown: name.trim(), length: name.length } : undefined;
}

function unescape(text: string): string {
  return text.replace(/\\([^])/g, (all, character: string) => ESCAPES[character] ?? all);
}

/** The words of an order, as a shell cuts them. Throws where a quotation has no end. */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = [];
  const word = /\s*((?:[^\s'"\\]|\\[^]|'[^']*'|"(?:\\[^]|[^"\\])*")+)\s*/y;
  while (word.lastIndex < text.length) {
    const found = word.exec(text);
    if (!found) return undefined;
    words.push(unquote(found[1] ?? ""));
  }
  return words;
}

function unquote(word: string): string {
  return word.replace(/'([^']*)'|"((?:\\[^]|[^"\\])*)"|\\([^])/g, (_all, single, double, escaped) => {
    const inner = single as string | undefined;
    if (inner !== undefined) return inner;
    if (double !== undefined) return (double as string).replace(/\\(["\\])/g, "$1");
    return escaped as string;
  });
}
