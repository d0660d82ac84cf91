/** Values as Python reads and prints them, for MLflow's messages, errors and numbers hold what it printed. */

import { RequestFault } from "../requests/request-fault.js";

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** `int(text)`; undefined where Python would not take it. */
export function readInt(text: string): bigint | undefined {
  const trimmed = text.trim().replace(/\p{Nd}/gu, digitOf);
  if (!/^[+-]?\d+(?:_\d+)*$/.test(trimmed)) return undefined;
  return BigInt(trimmed.replace(/^\+|_/g, ""));
}

/** Python's float() of digits of any script. */
export function numberOf(text: string): number {
  return Number(text.replace(/\p{Nd}/gu, digitOf));
}

/** A digit of any script: each has ten of them, one behind the other. */
function digitOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  let zero = code;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero--;
  return String((code - zero) % 10);
}

/** The same, for what MLflow's server fails on where it is none. */
export function readWhole(text: string): bigint {
  const found = readInt(text);
  if (found !== undefined) return found;
  throw new RequestFault("INTERNAL_ERROR", `invalid literal for int() with base 10: ${quote(text)}`);
}

/** Whether SQLite has a place for it. */
export function isInt64(value: bigint): boolean {
  return value >= INT64_MIN && value <= INT64_MAX;
}

/** `repr(value)` of a float that is finite. */
export function printFloat(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  const [, sign = "", digits = "", exponentText = "0"] =
    /^(-?)([\d.]+)e([+-]\d+)$/.exec(value.toExponential()) ?? [];
  const exponent = Number(exponentText);
  const figures = digits.replace(".", "");
  if (exponent < -4 || exponent >= 16) {
    const mantissa = figures.length > 1 ? `${figures[0]}.${figures.slice(1)}` : figures;
    const power = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${mantissa}e${exponent < 0 ? "-" : "+"}${power}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${figures}`;
  const whole = figures.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${figures.slice(exponent + 1) || "0"}`;
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** `repr(text)`. */
export function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inner = text.replace(/[\\\n\r\t]|[\p{C}\p{Z}]/gu, (character) => {
    if (character === " ") return character;
    return ESCAPES[character] ?? escapeCode(character.codePointAt(0) ?? 0);
  });
  return `${mark}${mark === "'" ? inner.replaceAll("'", "\\'") : inner}${mark}`;
}

function escapeCode(code: number): string {
  const hex = code.toString(16);
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}

/** `repr` of a list of texts. */
export function quoteList(texts: readonly string[]): string {
  return `[${texts.map(quote).join(", ")}]`;
}

/** `repr` of what came as JSON. */
export function quoteValue(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "string") return quote(value);
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : printFloat(value);
  if (Array.isArray(value)) return `[${value.map(quoteValue).join(", ")}]`;
  const fields = Object.entries(value as object).map(
    ([key, each]: [string, unknown]) => `${quote(key)}: ${quoteValue(each)}`,
  );
  return `{${fields.join(", ")}}`;
}

/** `repr` of a tuple of texts. */
export function quoteTuple(texts: readonly string[]): string {
  return `(${texts.map(quote).join(", ")}${texts.length === 1 ? "," : ""})`;
}

/** `repr` of a set of texts. Python's order is another one in each process. */
export function quoteSet(texts: readonly string[]): string {
  return `{${texts.map(quote).join(", ")}}`;
}

/** How many characters Python counts. */
export function lengthOf(text: string): number {
  let surrogates = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit >= 0xd800 && unit < 0xdc00) surrogates++;
  }
  return text.length - surrogates;
}

/** What Python calls the type of a value that came as JSON. */
export function typeName(value: unknown): string {
  if (typeof value === "string") return "str";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  if (value === null || value === undefined) return "NoneType";
  return Array.isArray(value) ? "list" : "dict";
}

/** `json.dumps` with sorted keys and no spaces: how MLflow shows a value that it refuses. */
export function dumpJson(value: unknown): string {
  const text = JSON.stringify(value ?? null, (_key, each: unknown) => {
    if (typeof each !== "object" || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([left], [right]) => (left < right ? -1 : 1)));
  });
  return escapeAscii(text);
}

/** JSON's text with nothing outside of ASCII in it. */
export function escapeAscii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) =>
    unit === "\u007f" ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
