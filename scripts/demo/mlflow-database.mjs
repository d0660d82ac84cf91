/** Reads a run back from MLflow's SQLite file, without the daemon: what is there has been delivered. */
import { DemoError } from "./commands.mjs";

/** The file that a SQLite tracking URI names. */
export function databasePathOf(uri) {
  const path = /^sqlite:\/\/\/(.+)$/.exec(uri)?.[1];
  if (path === undefined) throw new DemoError(`The tracker's URL is no SQLite file: ${uri}`);
  return path;
}

/**
 * What the file holds of a run: its status, the count of its points, and the curve of each named
 * metric: its finite points `{ step, value }` in the order of their steps. Rejects when it can't be read.
 */
export async function readRun(path, runId, metrics) {
  const { default: Database } = await import("libsql");
  const database = new Database(path, { readonly: true, timeout: 5_000 });
  try {
    const status = database.prepare("SELECT status FROM runs WHERE run_uuid = ?").get(runId)?.status;
    const { points } = database
      .prepare("SELECT count(*) AS points FROM metrics WHERE run_uuid = ?")
      .get(runId);
    const select = database.prepare(
      "SELECT step, value FROM metrics WHERE run_uuid = ? AND key = ? AND NOT is_nan ORDER BY step, timestamp",
    );
    const curveOf = (metric) =>
      // MLflow stores infinities as the largest numbers.
      select.all(runId, metric).filter(({ value }) => Math.abs(value) < Number.MAX_VALUE);
    return { status, points, curves: new Map(metrics.map((metric) => [metric, curveOf(metric)])) };
  } finally {
    database.close();
  }
}
