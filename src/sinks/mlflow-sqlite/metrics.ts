/**
 * Metric points, many rows a statement (measured: 350,000 points/s with 256 rows, 185,000
 * with one). Points equal in all of MLflow's primary key are one; the second is ignored.
 *
 * SQLite stores a NaN that is bound as NULL: MLflow's form of it, 0 and is_nan, is made
 * from that. Infinities are MLflow's largest doubles.
 */
import type { MetricRows } from "../../model/pack.js";
import { finite, integerAt, keyOf, latestRows, valueAt } from "../latest-points.js";
import type { Connection, SqlValue } from "./connection.js";

/** Rows of one statement, largest first; the last takes what is left. */
const STATEMENT_ROWS = [256, 16, 1];

/** Adds the points and brings the run's latest metrics up to date. */
export function addMetrics(connection: Connection, runId: string, rows: MetricRows): void {
  const count = rows.values.length;
  let row = 0;
  for (const size of STATEMENT_ROWS) {
    for (; row + size <= count; row += size)
      connection.run(insertOf(size), valuesOf(runId, rows, row, row + size));
  }
  setLatest(connection, runId, rows);
}

const inserts = new Map<number, string>();

function insertOf(size: number): string {
  let sql = inserts.get(size);
  if (sql === undefined) {
    const tuples = Array.from({ length: size }, (_, row) => {
      const at = 2 + row * 4;
      return `(?${at}, ifnull(?${at + 1}, 0.0), ?${at + 2}, ?1, ?${at + 3}, ?${at + 1} IS NULL)`;
    });
    sql = `INSERT INTO metrics ("key", value, timestamp, run_uuid, step, is_nan) VALUES ${tuples.join(", ")} ON CONFLICT DO NOTHING`;
    inserts.set(size, sql);
  }
  return sql;
}

function valuesOf(runId: string, rows: MetricRows, from: number, to: number): SqlValue[] {
  const values = new Array<SqlValue>(1 + (to - from) * 4);
  values[0] = runId;
  let at = 1;
  for (let row = from; row < to; row++) {
    values[at++] = keyOf(rows, row);
    values[at++] = finite(valueAt(rows.values, row));
    values[at++] = integerAt(rows.timestampsMs, row);
    values[at++] = integerAt(rows.steps, row);
  }
  return values;
}

/** An equal one changes nothing. */
function setLatest(connection: Connection, runId: string, rows: MetricRows): void {
  for (const row of latestRows(rows).values()) {
    connection.run(
      `INSERT INTO latest_metrics ("key", value, timestamp, step, is_nan, run_uuid)
       VALUES (?2, ifnull(?3, 0.0), ?4, ?5, ?3 IS NULL, ?1)
       ON CONFLICT ("key", run_uuid) DO UPDATE
       SET value = excluded.value, timestamp = excluded.timestamp, step = excluded.step, is_nan = excluded.is_nan
       WHERE (excluded.step, excluded.timestamp, excluded.value) > (step, timestamp, value)`,
      valuesOf(runId, rows, row, row + 1),
    );
  }
}
