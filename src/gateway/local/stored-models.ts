/** Logged models as they stand in the file, as MLflow's answers have them. */
import { shownLocation } from "./artifact-location.js";
import { type Cell, groupBy, places, toDouble, toFilled, toInteger, toText, whole } from "./cells.js";
import type { LocalDatabase } from "./database.js";
import type { Printed } from "./printed-json.js";

type Fields = Record<string, Printed | undefined>;

const COLUMNS = `model_id, experiment_id, ${whole("name")}, creation_timestamp_ms, last_updated_timestamp_ms, artifact_location, status, ${whole("model_type")}, ${whole("source_run_id")}, status_message`;
const ENTRIES = { params: ["param_key", "param_value"], tags: ["tag_key", "tag_value"] } as const;
const CHUNK = 10_000;
const STATUSES = [
  "LOGGED_MODEL_STATUS_UNSPECIFIED",
  "LOGGED_MODEL_PENDING",
  "LOGGED_MODEL_READY",
  "LOGGED_MODEL_UPLOAD_FAILED",
];

/** The models of these ids, in their order; ids that none has are left out. */
export function loadModels(database: LocalDatabase, ids: readonly string[]): Fields[] {
  const models: Fields[] = [];
  for (let begin = 0; begin < ids.length; begin += CHUNK)
    models.push(...loadChunk(database, ids.slice(begin, begin + CHUNK)));
  return models;
}

function loadChunk(database: LocalDatabase, ids: readonly string[]): Fields[] {
  const where = `WHERE model_id IN (${places(ids)})`;
  const select = (what: string) => database.rows(`SELECT ${what} ${where}`, ids);
  const rows = new Map(select(`${COLUMNS} FROM logged_models`).map((row) => [String(row[0]), row]));
  const entries = (kind: keyof typeof ENTRIES) =>
    select(`model_id, ${ENTRIES[kind].map(whole).join(", ")} FROM logged_model_${kind}`);
  const params = groupBy(entries("params"), 0);
  const tags = groupBy(entries("tags"), 0);
  const metrics = groupBy(
    select(
      "model_id, metric_name, metric_value, metric_timestamp_ms, metric_step, dataset_name, dataset_digest, run_id FROM logged_model_metrics",
    ),
    0,
  );
  return ids.flatMap((id) => {
    const row = rows.get(id);
    if (!row) return [];
    return [
      modelOf(database, row, {
        params: params.get(id) ?? [],
        tags: tags.get(id) ?? [],
        metrics: metrics.get(id) ?? [],
      }),
    ];
  });
}

type Parts = Readonly<Record<"params" | "tags" | "metrics", readonly Cell[][]>>;

function modelOf({ place }: LocalDatabase, row: readonly Cell[], { params, tags, metrics }: Parts): Fields {
  const [id, experimentId, name, created, updated, location, status, type, sourceRunId, statusMessage] = row;
  const entry = ([, key, value]: readonly Cell[]) => ({ key: toText(key), value: toText(value) });
  return {
    info: {
      model_id: toText(id),
      experiment_id: toText(experimentId),
      name: toText(name),
      creation_timestamp_ms: toInteger(created),
      last_updated_timestamp_ms: toInteger(updated),
      artifact_uri: shownLocation(place, toText(location)),
      status: STATUSES[Number(status)],
      model_type: toText(type),
      source_run_id: toText(sourceRunId),
      status_message: toText(statusMessage),
      tags: tags.map(entry),
    },
    data: { params: params.map(entry), metrics: metrics.map(metricOf) },
  };
}

function metricOf([
  modelId,
  key,
  value,
  timestamp,
  step,
  datasetName,
  datasetDigest,
  runId,
]: readonly Cell[]): Fields {
  return {
    key: toText(key),
    value: toDouble(value),
    timestamp: toInteger(timestamp),
    step: toInteger(step),
    dataset_name: toFilled(datasetName),
    dataset_digest: toFilled(datasetDigest),
    model_id: toFilled(modelId),
    run_id: toFilled(runId),
  };
}
