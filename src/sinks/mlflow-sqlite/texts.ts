import type { KeyValue } from "../../model/pack.js";
import type { Refusal } from "../sink.js";
import type { Connection } from "./connection.js";

/** The tag that is the run's name as well. */
const RUN_NAME_TAG = "mlflow.runName";

/** Adds params; answers those whose key already has another value, which stays. */
export function addParams(connection: Connection, runId: string, params: readonly KeyValue[]): Refusal[] {
  const refused: Refusal[] = [];
  for (const { key, value } of params) {
    const values = [key, value, runId];
    const added = connection.run(
      'INSERT INTO params ("key", value, run_uuid) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
      values,
    );
    if (added > 0) continue;
    // Compared by SQLite: a text that holds NUL is read back short.
    if (connection.row('SELECT 1 FROM params WHERE "key" = ? AND value = ? AND run_uuid = ?', values))
      continue;
    const reason = `Param ${JSON.stringify(key)} of run ${runId} already has another value in MLflow.`;
    refused.push({ kind: "param", key, value, code: "STEPWELL_PARAM_CHANGED", reason });
  }
  return refused;
}

/** Removes tags; a key that is not there is left alone. The run keeps its name. */
export function removeTags(connection: Connection, runId: string, keys: readonly string[]): void {
  for (const key of keys) connection.run('DELETE FROM tags WHERE "key" = ? AND run_uuid = ?', [key, runId]);
}

/** Sets tags in order, so that the last value of a key stays; the tag mlflow.runName names the run. */
export function setTags(connection: Connection, runId: string, tags: readonly KeyValue[]): void {
  for (const { key, value } of tags) {
    connection.run(
      'INSERT INTO tags ("key", value, run_uuid) VALUES (?, ?, ?) ON CONFLICT ("key", run_uuid) DO UPDATE SET value = excluded.value',
      [key, value, runId],
    );
    if (key === RUN_NAME_TAG) connection.run("UPDATE runs SET name = ? WHERE run_uuid = ?", [value, runId]);
  }
}
