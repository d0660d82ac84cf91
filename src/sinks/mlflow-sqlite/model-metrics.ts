/** Points that measure a logged model: beside the run's metrics they are in MLflow 3's table of the models'. */
import type { ErrorCode } from "../../errors/table.js";
import type { MetricRows } from "../../model/pack.js";
import { finite } from "../latest-points.js";
import type { Refusal } from "../sink.js";
import type { Connection } from "./connection.js";
import type { Shape } from "./shape.js";

/**
 * Adds the points of models; answers those whose model is not there, or has another value at
 * the same step and time, which MLflow's server refuses too. The run's own points are not touched.
 */
export function addModelMetrics(
  connection: Connection,
  runId: string,
  rows: MetricRows,
  { hasLoggedModels }: Shape,
): Refusal[] {
  const known = rows.modelIds.map(
    (id) => id !== "" && hasLoggedModels && isThere(connection, "logged_models WHERE model_id = ?", [id]),
  );
  const refused: Refusal[] = [];
  for (const [row, keyIndex] of rows.keyIndexes.entries()) {
    const modelId = rows.modelIds[keyIndex] ?? "";
    if (modelId === "") continue;
    const point = pointAt(rows, row, keyIndex, modelId);
    const refuse = (code: ErrorCode, reason: string) =>
      void refused.push({ kind: "metric", ...point, code, reason });
    if (!known[keyIndex]) {
      const why = hasLoggedModels ? "" : ": MLflow 3 has not opened it";
      refuse("STEPWELL_MODEL_UNKNOWN", `There is no logged model ${modelId} in the database${why}.`);
    } else if (!isAdded(connection, runId, point)) {
      const reason = `The model ${modelId} has another value of ${JSON.stringify(point.key)} at this step and time.`;
      refuse("STEPWELL_ENTRY_REFUSED", reason);
    }
  }
  return refused;
}

type Point = Pick<
  Refusal & { kind: "metric" },
  "key" | "modelId" | "dataset" | "step" | "timestampMs" | "value"
>;

function pointAt(rows: MetricRows, row: number, keyIndex: number, modelId: string): Point {
  return {
    key: rows.keys[keyIndex] ?? "",
    modelId,
    dataset: rows.datasets?.[keyIndex],
    step: rows.steps[row] ?? 0n,
    timestampMs: rows.timestampsMs[row] ?? 0n,
    value: rows.values[row] ?? 0,
  };
}

/** Whether the model has the point now. As MLflow, NaN is kept as 0: the table has no other form for it. */
function isAdded(connection: Connection, runId: string, point: Point): boolean {
  const at = [point.modelId, point.key, point.timestampMs, point.step, runId];
  const value = finite(point.value) || 0;
  const added = connection.run(
    `INSERT INTO logged_model_metrics
       (model_id, metric_name, metric_timestamp_ms, metric_step, run_id, metric_value, experiment_id,
        dataset_name, dataset_digest)
     SELECT ?1, ?2, ?3, ?4, run_uuid, ?6, experiment_id, ?7, ?8 FROM runs WHERE run_uuid = ?5
     ON CONFLICT DO NOTHING`,
    [...at, value, point.dataset?.name || null, point.dataset?.digest || null],
  );
  if (added > 0) return true;
  return isThere(
    connection,
    `logged_model_metrics WHERE model_id = ? AND metric_name = ? AND metric_timestamp_ms = ?
     AND metric_step = ? AND run_id = ? AND metric_value = ?`,
    [...at, value],
  );
}

function isThere(connection: Connection, rows: string, values: readonly (string | number | bigint)[]) {
  return connection.row(`SELECT 1 FROM ${rows}`, values) !== undefined;
}
