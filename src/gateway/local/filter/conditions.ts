/** Conditions of SQL, with their values bound. */
import { type Cell, LIST_ELSEWHERE, places } from "../cells.js";

const LISTED = ["IN", "NOT IN"];

export interface Condition {
  readonly sql: string;
  readonly values: readonly Cell[];
}

/** What a column is compared with. */
export type Operand = string | number | bigint | readonly Cell[];

/** The column compared with a value. The comparator is one of those that were checked. */
export function compare(column: string, comparator: string, operand: Operand): Condition {
  if (isList(operand) && LISTED.includes(comparator))
    return { sql: `${column} ${comparator} (${places(operand)})`, values: operand };
  if (isList(operand)) return { sql: `${column} ${comparator} ?`, values: [LIST_ELSEWHERE] };
  if (comparator === "ILIKE") return { sql: `lower(${column}) LIKE lower(?)`, values: [operand] };
  return { sql: `${column} ${comparator} ?`, values: [operand] };
}

export function and(...conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.length === 0 ? "TRUE" : conditions.map(({ sql }) => `(${sql})`).join(" AND "),
    values: conditions.flatMap(({ values }) => values),
  };
}

export function or(...conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.length === 0 ? "FALSE" : conditions.map(({ sql }) => `(${sql})`).join(" OR "),
    values: conditions.flatMap(({ values }) => values),
  };
}

/** Whether the column is one of a query's. */
export function among(column: string, query: string, { sql, values }: Condition): Condition {
  return { sql: `${column} IN (${query} WHERE ${sql})`, values };
}

export function not({ sql, values }: Condition): Condition {
  return { sql: `NOT (${sql})`, values };
}

/** Whether the column has one of these values. */
export function oneOf(column: string, values: readonly Cell[]): Condition {
  return { sql: `${column} IN (${places(values)})`, values };
}

function isList(operand: Operand): operand is readonly Cell[] {
  return Array.isArray(operand);
}
