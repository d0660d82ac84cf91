import { join } from "node:path";
import Database from "libsql";
import type { ScratchHome } from "../../../../test/support/home.js";

/** Registers a tracker on the embedded local store and makes it the active stack's. */
export async function useLocalStore(home: ScratchHome): Promise<void> {
  for (const line of ["experiment-tracker register t --flavor=mlflow", "stack register s -e t --set"]) {
    const { code, stderr } = await home.here(line.split(" "));
    if (code !== 0) throw new Error(stderr);
  }
}

/** A point as MLflow's database has it. */
export interface StoredPoint {
  readonly step: number;
  readonly value: number;
  readonly timestamp: number;
}

/** The points of a run's metric in the embedded store, by step. */
export function storedPoints(home: ScratchHome, runId: string, key: string): StoredPoint[] {
  return query<StoredPoint>(
    home,
    "SELECT step, value, timestamp FROM metrics WHERE run_uuid = ? AND key = ? ORDER BY step",
    [runId, key],
  );
}

/** Rows of the embedded store. */
export function query<Row>(home: ScratchHome, sql: string, values: readonly unknown[] = []): Row[] {
  const file = join(home.paths.home, "artifact_stores", "default", "mlflow.db");
  const database = new Database(file, { readonly: true });
  try {
    return database.prepare(sql).all(...values) as Row[];
  } finally {
    database.close();
  }
}
