/** What a home's local store has of a run, once all of it is delivered. */
import { join } from "node:path";
import Database from "libsql";
import type { ScratchHome } from "../support/home.js";

/** A point as it is kept: numbers are exact. */
export interface KeptPoint {
  readonly step: bigint;
  readonly timestamp: bigint;
  readonly value: number;
}

/** What can be asked of where the clients log to. */
export interface Kept {
  points(runId: string, key: string): KeptPoint[];
  texts(kind: "params" | "tags", runId: string): ReadonlyMap<string, string>;
  status(runId: string): string | undefined;
}

/** MLflow's tables keep NaN and the infinities as numbers of their own. */
interface Row {
  readonly step: bigint;
  readonly timestamp: bigint;
  readonly value: number;
  readonly is_nan: bigint;
}

/** The home's local store. */
export function databaseOf(home: ScratchHome): string {
  return join(home.paths.home, "artifact_stores", "default", "mlflow.db");
}

export function storeOf(home: ScratchHome): Kept {
  const file = databaseOf(home);
  return {
    points: (runId, key) =>
      query<Row>(file, "SELECT * FROM metrics WHERE run_uuid = ? AND key = ? ORDER BY rowid", [
        runId,
        key,
      ]).map(({ step, timestamp, value, is_nan }) => ({
        step,
        timestamp,
        value: is_nan ? Number.NaN : value,
      })),
    texts: (kind, runId) =>
      new Map(
        // As text it would end at a NUL.
        query<{ key: string; value: string }>(
          file,
          `SELECT key, hex(value) AS value FROM ${kind} WHERE run_uuid = ?`,
          [runId],
        ).map(({ key, value }) => [key, Buffer.from(value, "hex").toString()]),
      ),
    status: (runId) =>
      query<{ status: string }>(file, "SELECT status FROM runs WHERE run_uuid = ?", [runId])[0]?.status,
  };
}

function query<Found>(file: string, sql: string, values: readonly unknown[]): Found[] {
  const database = new Database(file, { readonly: true });
  try {
    return database
      .prepare(sql)
      .safeIntegers(true)
      .all(...values) as Found[];
  } finally {
    database.close();
  }
}
