/** Points that measure a logged model: beside the run's metrics they are in MLflow 3's table of the models'. */
import type { ErrorCode } from "../../errors/table.js";
import type { MetricRows } from "../../model/pack.js";
import { finite } from "../latest-points.js";
import type { Refusal } from "../sink.js";
import type { Connection } from "./connection.js";
import type { RunPoints } from "./metrics.js";
import type { Place } from "./place.js";

type Point = Pick<
  Refusal & { kind: "metric" },
  "key" | "modelId" | "dataset" | "step" | "timestampMs" | "value"
>;

interface ModelPoint extends Point {
  readonly runId: string;
  /** Which of the packs it is of. */
  readonly pack: number;
}

/**
 * Adds the points of models; answers, for each of the packs, those whose model is not there, or has another value at
 * the same step and time, which MLflow's server refuses too. The runs' own points are not touched.
 */
export async function addModelMetrics(
  connection: Connection,
  packs: readonly RunPoints[],
  { shape }: Place,
): Promise<Refusal[][]> {
  const refused: Refusal[][] = packs.map(() => []);
  const points = packs.flatMap((each, pack) => modelPoints(each, pack));
  if (points.length === 0) return refused;
  const refuse = (point: ModelPoint, code: ErrorCode, reason: string) => {
    const { key, modelId, dataset, step, timestampMs, value } = point;
    const entry = { kind: "metric", key, modelId, dataset, step, timestampMs, value } as const;
    refused[point.pack]?.push({ ...entry, code, reason });
  };
  const { hasLoggedModels } = shape;
  const known = hasLoggedModels ? await knownModels(connection, points) : new Set<string>();
  const ofKnown = points.filter((point) => {
    if (known.has(point.modelId)) return true;
    const why = hasLoggedModels ? "" : ": MLflow 3 has not upgraded it";
    refuse(
      point,
      "STEPWELL_MODEL_UNKNOWN",
      `There is no logged model ${point.modelId} in the database${why}.`,
    );
    return false;
  });
  const isThere = await addPoints(connection, ofKnown);
  for (const [index, point] of ofKnown.entries()) {
    if (isThere[index]) continue;
    const reason = `The model ${point.modelId} has another value of ${JSON.stringify(point.key)} at this step and time.`;
    refuse(point, "STEPWELL_ENTRY_REFUSED", reason);
  }
  return refused;
}

function modelPoints({ runId, rows }: RunPoints, pack: number): ModelPoint[] {
  if (rows.modelIds.every((id) => id === "")) return [];
  const points: ModelPoint[] = [];
  for (const [row, keyIndex] of rows.keyIndexes.entries()) {
    const modelId = rows.modelIds[keyIndex] ?? "";
    if (modelId !== "") points.push({ runId, pack, ...pointAt(rows, row, keyIndex, modelId) });
  }
  return points;
}

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

async function knownModels(connection: Connection, points: readonly ModelPoint[]): Promise<Set<string>> {
  const rows = await connection.rows("SELECT model_id FROM logged_models WHERE model_id = ANY ($1)", [
    [...new Set(points.map(({ modelId }) => modelId))],
  ]);
  return new Set(rows.map(([modelId]) => modelId ?? ""));
}

/** Answers for each whether the model has the point now. As MLflow, NaN is kept as 0: the table has no other form for it. */
async function addPoints(connection: Connection, points: readonly ModelPoint[]): Promise<boolean[]> {
  if (points.length === 0) return [];
  const columns = [
    points.map(({ modelId }) => modelId),
    points.map(({ key }) => key),
    points.map(({ timestampMs }) => timestampMs),
    points.map(({ step }) => step),
    points.map(({ runId }) => runId),
    points.map(({ value }) => finite(value) || 0),
    points.map(({ dataset }) => dataset?.name || null),
    points.map(({ dataset }) => dataset?.digest || null),
  ];
  const added = await connection.rows(
    `INSERT INTO logged_model_metrics (model_id, metric_name, metric_timestamp_ms, metric_step, run_id, metric_value,
       experiment_id, dataset_name, dataset_digest)
     SELECT n.model_id, n.name, n.timestamp, n.step, n.run_id, n.value, r.experiment_id, n.dataset, n.digest
     FROM ${UNNEST} JOIN runs r ON r.run_uuid = n.run_id
     ORDER BY n.model_id, n.name, n.timestamp, n.step, n.run_id, n.place
     ON CONFLICT DO NOTHING RETURNING model_id`,
    columns,
  );
  if (added.length === points.length) return points.map(() => true);
  const same = await connection.rows(
    `SELECT n.place FROM ${UNNEST} JOIN logged_model_metrics m ON m.model_id = n.model_id AND m.metric_name = n.name
       AND m.metric_timestamp_ms = n.timestamp AND m.metric_step = n.step AND m.run_id = n.run_id AND m.metric_value = n.value`,
    columns,
  );
  const places = new Set(same.map(([place]) => Number(place)));
  return points.map((_, index) => places.has(index + 1));
}

const UNNEST = `unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::float8[], $7::text[], $8::text[])
  WITH ORDINALITY AS n (model_id, name, timestamp, step, run_id, value, dataset, digest, place)`;
