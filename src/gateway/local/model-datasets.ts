/** The datasets on which models were measured. Their points come through the journal, which has no place for a dataset's name. */
import { integerField, objectsField, textField } from "../requests/fields.js";
import type { LocalRequest } from "../requests/request-message.js";
import type { LocalDatabase } from "./database.js";
import { printMessage } from "./printed-json.js";

const NAMED = "UPDATE main.logged_model_metrics SET dataset_name = ?, dataset_digest = ?";
const POINT = "model_id = ? AND metric_name = ? AND metric_timestamp_ms = ? AND metric_step = ? AND run_id = ?";

/** Names them at their points; one that has a name keeps it, as the first that was logged. */
export function nameDatasets(database: LocalDatabase, { body }: LocalRequest): string {
  const runId = textField(body, "run_id");
  const points = objectsField(body, "metrics").filter(
    (point) => textField(point, "model_id") !== "" && textField(point, "dataset_name") !== "",
  );
  return database.write(() => {
    if (database.lacks.models) return printMessage({});
    for (const point of points)
      database.run(`${NAMED} WHERE ${POINT} AND dataset_name IS NULL`, [
        ...[textField(point, "dataset_name"), textField(point, "dataset_digest") || null],
        ...[textField(point, "model_id"), textField(point, "key")],
        ...[integerField(point, "timestamp") ?? 0n, integerField(point, "step") ?? 0n, runId],
      ]);
    return printMessage({});
  });
}
