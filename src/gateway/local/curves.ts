/**
 * A run's curves out of the file: a few hundred points that stand evenly, however many there are. A run with few points
 * is read as a whole. Of one with many a point is looked up at each of so many times: MLflow's index leads by a metric's
 * key and time to it, and what other runs logged under that key is passed over only so far.
 */
import { type Cell, toDouble, toInteger } from "./cells.js";
import type { LocalDatabase } from "./database.js";

/** A point of a curve. */
export interface CurvePoint {
  readonly step: bigint;
  readonly timestampMs: bigint;
  readonly value: number;
}

/** Points of a run that are read as a whole. */
const READ_MAX = 20_000n;
/** Points of other runs that are passed over for one. */
const PASSED_MAX = 2_000n;
const POINT = "value, timestamp, step, is_nan";
/** The plus keeps SQLite from the index of keys, which holds the points of all runs. */
const ALL = `SELECT ${POINT} FROM metrics WHERE run_uuid = ? AND +"key" = ? ORDER BY step, timestamp`;
const NEXT_BY_TIME = `SELECT ${POINT} FROM (
  SELECT ${POINT}, run_uuid FROM metrics WHERE "key" = ? AND timestamp >= ? AND timestamp < ?
  ORDER BY timestamp, step LIMIT ?) WHERE run_uuid = ? LIMIT 1`;
const NEXT_BY_STEP = `SELECT ${POINT} FROM (
  SELECT ${POINT}, run_uuid FROM metrics WHERE "key" = ? AND timestamp = ? AND step >= ? AND step < ?
  ORDER BY step LIMIT ?) WHERE run_uuid = ? LIMIT 1`;

/** Curves of some of a run's metrics, each of so many points or a few more. */
export function readCurves(
  database: LocalDatabase,
  runId: string,
  keys: readonly string[],
  most: number,
): Map<string, CurvePoint[]> {
  return database.read(() => {
    const [count = 0n] =
      database.row("SELECT count(*) FROM (SELECT 1 FROM metrics WHERE run_uuid = ? LIMIT ?)", [
        runId,
        READ_MAX + 1n,
      ]) ?? [];
    const read = Number(count) <= Number(READ_MAX) ? readAll : readSome;
    return new Map(keys.map((key) => [key, read(database, runId, key, BigInt(most))]));
  });
}

function readAll(database: LocalDatabase, runId: string, key: string): CurvePoint[] {
  return database.rows(ALL, [runId, key]).map(pointOf);
}

function readSome(database: LocalDatabase, runId: string, key: string, most: bigint): CurvePoint[] {
  const last = database.row(
    'SELECT value, timestamp, step, is_nan FROM latest_metrics WHERE run_uuid = ? AND "key" = ?',
    [runId, key],
  );
  const [first] =
    database.row("SELECT timestamp FROM metrics WHERE run_uuid = ? ORDER BY rowid LIMIT 1", [runId]) ?? [];
  if (!last || first === undefined) return [];
  const end = pointOf(last);
  const beginMs = toInteger(first) ?? 0n;
  const spanMs = end.timestampMs - beginMs;
  // What was logged at one time, as a whole series may be, is told apart by its steps.
  const found =
    spanMs >= most
      ? sample(beginMs, end.timestampMs, most, (from, to) =>
          database.row(NEXT_BY_TIME, [key, from, to, PASSED_MAX, runId]),
        )
      : sample(0n, end.step, most, (from, to) =>
          database.row(NEXT_BY_STEP, [key, end.timestampMs, from, to, PASSED_MAX, runId]),
        );
  return [...found.map(pointOf), end];
}

/** The first row of each of so many pieces of a span. */
function sample(
  begin: bigint,
  end: bigint,
  pieces: bigint,
  next: (from: bigint, to: bigint) => Cell[] | undefined,
): Cell[][] {
  const rows: Cell[][] = [];
  const span = end - begin;
  for (let piece = 0n; piece < pieces; piece++) {
    const from = begin + (span * piece) / pieces;
    const to = begin + (span * (piece + 1n)) / pieces;
    const row = from < to ? next(from, to) : undefined;
    if (row) rows.push(row);
  }
  return rows;
}

function pointOf([value, timestamp, step, isNan]: readonly Cell[]): CurvePoint {
  return {
    step: toInteger(step) ?? 0n,
    timestampMs: toInteger(timestamp) ?? 0n,
    value: toDouble(value, isNan).value,
  };
}
