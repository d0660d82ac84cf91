/**
 * Answers as MLflow's server prints them: JSON of two spaces' indentation and ASCII alone, whole numbers of 64 bits as
 * numbers, doubles as Python prints them, and what is no number as a text.
 */
import { escapeAscii, printFloat } from "../requests/python.js";

/** A double: it is printed as one, with a point, where a number of another kind is whole. */
export class Double {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** What an answer is made of. A field that is undefined is not there. */
export type Printed =
  | string
  | bigint
  | boolean
  | Double
  | readonly Printed[]
  | { readonly [field: string]: Printed | undefined };

/** A message, as protobuf's JSON has it: a list without entries is not there. */
export function printMessage(message: { readonly [field: string]: Printed | undefined }): string {
  return print(message, "\n", "  ", true);
}

/** A plain dictionary, as Flask prints one. */
export function printDictionary(dictionary: { readonly [field: string]: Printed | undefined }): string {
  return `${print(dictionary, "", "", false)}\n`;
}

function print(value: Printed, newline: string, indentation: string, isMessage: boolean): string {
  if (typeof value === "string") return escapeAscii(JSON.stringify(value));
  if (typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (value instanceof Double) return printDouble(value.value, isMessage);
  const inner = `${newline}${newline && indentation}`;
  const between = newline ? `,${inner}` : ",";
  const colon = newline ? ": " : ":";
  if (isList(value)) {
    if (value.length === 0) return "[]";
    const entries = value.map((each) => print(each, inner, indentation, isMessage));
    return `[${inner}${entries.join(between)}${newline}]`;
  }
  const fields = Object.entries(value).flatMap(([name, each]) => {
    if (each === undefined || (isMessage && isList(each) && each.length === 0)) return [];
    return `${JSON.stringify(name)}${colon}${print(each, inner, indentation, isMessage)}`;
  });
  return fields.length === 0 ? "{}" : `{${inner}${fields.join(between)}${newline}}`;
}

function isList(value: Printed): value is readonly Printed[] {
  return Array.isArray(value);
}

function printDouble(value: number, isMessage: boolean): string {
  if (Number.isFinite(value)) return printFloat(value);
  const word = Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  return isMessage ? `"${word}"` : word;
}

/** JSON in one line, with a space behind each comma and colon, as Python's json.dumps has it. */
export function printLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printLine).join(", ")}]`;
  if (typeof value !== "object" || value === null) return escapeAscii(JSON.stringify(value));
  const fields = Object.entries(value).map(([name, each]) => `${printLine(name)}: ${printLine(each)}`);
  return `{${fields.join(", ")}}`;
}
