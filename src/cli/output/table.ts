/** Tables for people: aligned columns, numbers with their units, no control character of anybody's data. */
import { sizeText } from "../../model/size.js";
import { type Column, cellOf, type Plain, type PlainRecord } from "./answer.js";

/** A list as columns under their titles; an empty list is an empty text. */
export function listTable(columns: readonly Column[], items: readonly PlainRecord[]): string {
  if (items.length === 0) return "";
  const titles = columns.map(({ key }) => titleOf(key).toUpperCase());
  const rows = items.map((item) => columns.map((column) => people(column.key, cellOf(column, item))));
  return aligned([titles, ...rows]);
}

/** A record as lines of name and value, then its lists, each as a table of its own. */
export function recordTable(record: PlainRecord): string {
  const lists = Object.entries(record).filter((field): field is [string, readonly PlainRecord[]] =>
    isTable(field[1]),
  );
  const names = new Set(lists.map(([key]) => key));
  const fields = Object.entries(record).filter(([key]) => !names.has(key));
  const head = aligned(fields.map(([key, value]) => [titleOf(key), people(key, value)]));
  const tables = lists.map(
    ([, items]) =>
      `\n${listTable(
        Object.keys(items[0] ?? {}).map((key) => ({ key })),
        items,
      )}`,
  );
  return head + tables.join("");
}

function isTable(value: Plain): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => typeof item === "object" && item !== null)
  );
}

function titleOf(key: string): string {
  return key.replace(/_(ms|seconds)$/, "").replaceAll("_", " ");
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map(() => 0);
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, width(cell));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - width(cell))).join("  ");
  return rows.map((row) => `${line(row).trimEnd()}\n`).join("");
}

function width(text: string): number {
  return [...text].length;
}

/** A value as people read it; the key's last word tells its unit. */
function people(key: string, value: Plain): string {
  if (value === null || value === "") return "-";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return peopleNumber(key, value);
  if (typeof value === "string") return visible(value);
  if (Array.isArray(value))
    return (value as readonly Plain[]).map((item) => people(key, item)).join(", ") || "-";
  const fields = Object.entries(value as PlainRecord).map(
    ([name, field]) => `${name}=${people(name, field)}`,
  );
  return visible(fields.join(", ")) || "-";
}

function peopleNumber(key: string, value: number): string {
  if (key.endsWith("_ms")) return new Date(value).toISOString().replace("T", " ").replace(/\..*/, " UTC");
  if (key.endsWith("_seconds")) return `${value.toFixed(1)} s`;
  if (key.endsWith("_bytes")) return sizeText(value);
  // Not toLocaleString, which takes 10 ms the first time.
  return key === "pid" ? String(value) : String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Names and error texts come from others: what would steer the terminal is shown as its code. */
export function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Bidi_Control}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
