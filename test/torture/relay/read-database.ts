/** Reads MLflow's tables as they stand in PostgreSQL, with a connection of its own and nothing of the relay's. */
import type { LoggedBatch } from "../branches.js";
import { type Stored, type StoredRow, storedOf } from "../branches-check.js";
import type { DatabasePair } from "./database-pair.js";

const POINTS = "SELECT run_uuid, key, step::float8, timestamp::float8, value, is_nan::int FROM metrics";

export async function readDatabase(database: DatabasePair, batches: readonly LoggedBatch[]): Promise<Stored> {
  const rows = (await database.query(POINTS)) as unknown as StoredRow[];
  const latest = await database.query("SELECT run_uuid, step::float8 FROM latest_metrics");
  const runs = await database.query("SELECT run_uuid, status FROM runs");
  const again = await database.query("SELECT run_uuid, step FROM torture_doubled");
  const stored = storedOf(rows, batches, {
    latest: latest as [string, number][],
    statuses: runs as [string, string][],
  });
  const writtenAgain = again.map(
    ([runId, step]) => `${String(runId)}: step ${String(step)} was written again`,
  );
  return { ...stored, doubled: [...stored.doubled, ...writtenAgain] };
}
