/** Cells of SQLite's rows, as answers need them. */
import { Double } from "./printed-json.js";

/** What SQLite stores. Whole numbers come as bigint, since many are of 64 bits. */
export type Cell = string | number | bigint | Uint8Array | null;

/** A list where SQLite takes one value, which MLflow hears when the statement runs. No number of 64 bits. */
export const LIST_ELSEWHERE = 2n ** 200n;

/** Runs statements, within a transaction. */
export interface Queries {
  /** The rows, each an array of its columns. */
  rows(sql: string, values?: readonly Cell[]): Cell[][];
  /** The first row. */
  row(sql: string, values?: readonly Cell[]): Cell[] | undefined;
  /** How many rows it changed. */
  run(sql: string, values?: readonly Cell[]): number;
}

/** Infinities are stored as the largest doubles, and stay those; what is no number has a column of its own. */
export function toDouble(value: Cell | undefined, isNan: Cell | undefined = 0n): Double {
  return new Double(isTrue(isNan) ? Number.NaN : Number(value ?? 0));
}

export function isTrue(value: Cell | undefined): boolean {
  return value !== undefined && value !== null && Number(value) !== 0;
}

/** A text; undefined where there is none. */
export function toText(value: Cell | undefined): string | undefined {
  if (value === null || value === undefined) return undefined;
  return value instanceof Uint8Array ? Buffer.from(value).toString() : String(value);
}

/** A column of texts that may hold anything: libsql gives a text as far as its first NUL, and bytes whole. */
export function whole(column: string): string {
  return `CASE WHEN instr(CAST(${column} AS BLOB), x'00') > 0 THEN CAST(${column} AS BLOB) ELSE ${column} END`;
}

/** A text; undefined where there is none, or nothing in it. */
export function toFilled(value: Cell | undefined): string | undefined {
  return toText(value) || undefined;
}

export function toInteger(value: Cell | undefined): bigint | undefined {
  if (value === null || value === undefined) return undefined;
  return typeof value === "bigint" ? value : BigInt(Math.trunc(Number(value)));
}

/** Question marks for a list of values. */
export function places(values: readonly unknown[]): string {
  return values.map(() => "?").join(", ");
}

/** Rows by what stands in one of their columns, in their order. */
export function groupBy(rows: readonly Cell[][], column: number): Map<string, Cell[][]> {
  const groups = new Map<string, Cell[][]>();
  for (const row of rows) {
    const key = String(row[column]);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}
