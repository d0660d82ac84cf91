/** Tables for people: aligned columns, each as wide as it needs to be. What fits a terminal is fitted.ts's. */
import { type Column, cellOf, type Plain, type PlainRecord } from "./answer.js";
import { people, titleOf } from "./people.js";
import { padTo, widthOf } from "./text-width.js";

/** A list as columns under their titles; an empty list is an empty text. */
export function listTable(columns: readonly Column[], items: readonly PlainRecord[]): string {
  if (items.length === 0) return "";
  const titles = columns.map(({ key }) => titleOf(key).toUpperCase());
  const rows = items.map((item) => columns.map((column) => people(column.key, cellOf(column, item))));
  return aligned([titles, ...rows]);
}

/** A record as lines of name and value, then its lists, each as a table of its own. */
export function recordTable(record: PlainRecord): string {
  const { fields, lists } = partsOf(record);
  const head = aligned(fields.map(([key, value]) => [titleOf(key), people(key, value)]));
  const tables = lists.map(([, items]) => `\n${listTable(columnsOf(items), items)}`);
  return head + tables.join("");
}

/** A record's own fields, and those that are tables of their own. */
export function partsOf(record: PlainRecord) {
  const isList = (field: [string, Plain]): field is [string, readonly PlainRecord[]] => isTable(field[1]);
  const entries = Object.entries(record);
  return { fields: entries.filter((field) => !isList(field)), lists: entries.filter(isList) };
}

/** The columns that the items of a list have. */
export function columnsOf(items: readonly PlainRecord[]): Column[] {
  return [...new Set(items.flatMap((item) => Object.keys(item)))].map((key) => ({ key }));
}

/** Rows with their cells below one another. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows)
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => padTo(cell, widths[column] ?? 0)).join("  ");
  return rows.map((row) => `${line(row).trimEnd()}\n`).join("");
}

function isTable(value: Plain): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => typeof item === "object" && item !== null)
  );
}
