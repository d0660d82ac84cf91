/** A run's points out of the file as they are: page by page, or those of one metric in a range. */
import type { RangeQuestion } from "../../model/range-question.js";
import { type Cell, toDouble, toInteger } from "./cells.js";
import type { LocalDatabase } from "./database.js";

/** Points of one metric in columns, in the order in which they were written. */
export interface StoredColumn {
  readonly key: string;
  readonly steps: BigInt64Array;
  readonly timestampsMs: BigInt64Array;
  readonly values: Float64Array;
}

/** How far a home has a run in the file. */
export interface StoredCursor {
  readonly homeId: string;
  readonly seq: number;
  readonly points: number;
}

/** Some points of a run. */
export interface StoredPoints {
  readonly columns: readonly StoredColumn[];
  /** The row that the next page goes on behind; undefined: there are no more. */
  readonly next: bigint | undefined;
  /** As they are in the same state of the file. */
  readonly cursors: readonly StoredCursor[];
}

/** What is asked for: a page of all of a run's points, or those of one metric in a range. */
export type StoredQuestion = { readonly afterRow: bigint; readonly most: number } | RangeQuestion;

const PAGE = `SELECT rowid, "key", step, timestamp, value, is_nan FROM metrics
  WHERE run_uuid = ? AND rowid > ? ORDER BY rowid LIMIT ?`;
const COLUMNS = `rowid, "key", step, timestamp, value, is_nan`;
const CURSORS = "SELECT home_id, seq, points FROM stepwell_cursors WHERE run_uuid = ?";

/** Answers it from one state of the file. */
export function readStoredPoints(
  database: LocalDatabase,
  runId: string,
  question: StoredQuestion,
): StoredPoints {
  return database.read(() => {
    const most = BigInt(question.most);
    const rows =
      "afterRow" in question
        ? database.rows(PAGE, [runId, question.afterRow, most])
        : database.rows(rangeQuery(question.isByTime), [
            ...[question.key, question.fromMs, question.toMs, runId, question.from, question.to],
            most,
          ]);
    const last = rows.at(-1)?.[0];
    return {
      columns: columnsOf(rows),
      next: rows.length < question.most ? undefined : toInteger(last ?? null),
      cursors: cursorsOf(database, runId),
    };
  });
}

/** The points' own key leads by the metric and the time: that is what finds them. */
function rangeQuery(isByTime: boolean): string {
  const axis = isByTime ? "timestamp" : "step";
  return `SELECT ${COLUMNS} FROM metrics WHERE "key" = ? AND timestamp >= ? AND timestamp <= ? AND +run_uuid = ?
    AND ${axis} >= ? AND ${axis} <= ? ORDER BY ${axis}, rowid LIMIT ?`;
}

function cursorsOf(database: LocalDatabase, runId: string): StoredCursor[] {
  const [table] = database.row("SELECT 1 FROM sqlite_master WHERE name = 'stepwell_cursors'", []) ?? [];
  if (table === undefined) return [];
  return database
    .rows(CURSORS, [runId])
    .map(([homeId, seq, points]) => ({ homeId: String(homeId), seq: Number(seq), points: Number(points) }));
}

function columnsOf(rows: readonly Cell[][]): StoredColumn[] {
  const places = new Map<string, number[]>();
  for (const [index, row] of rows.entries()) {
    const key = String(row[1]);
    const place = places.get(key);
    if (place) place.push(index);
    else places.set(key, [index]);
  }
  return [...places].map(([key, some]) => ({
    key,
    steps: BigInt64Array.from(some, (index) => toInteger(rows[index]?.[2] ?? null) ?? 0n),
    timestampsMs: BigInt64Array.from(some, (index) => toInteger(rows[index]?.[3] ?? null) ?? 0n),
    values: Float64Array.from(some, (index) => doubleOf(rows[index])),
  }));
}

/** MLflow's stores hold the largest double for an infinity. */
function doubleOf(row: readonly Cell[] | undefined): number {
  const { value } = toDouble(row?.[4] ?? null, row?.[5]);
  return Math.abs(value) === Number.MAX_VALUE ? value * 2 : value;
}
