/** Runs as they stand in the file, as MLflow's answers have them. */
import { shownLocation } from "./artifact-location.js";
import { type Cell, groupBy, isTrue, places, toDouble, toFilled, toInteger, toText, whole } from "./cells.js";
import type { LocalDatabase } from "./database.js";
import type { Printed } from "./printed-json.js";

type Fields = Record<string, Printed | undefined>;

const COLUMNS = `run_uuid, ${whole("name")}, experiment_id, ${whole("user_id")}, status, start_time, end_time, artifact_uri, lifecycle_stage`;
/** SQLite takes 32,766 values a statement; a page may have 50,000 runs. */
const CHUNK = 10_000;

/** The runs of these ids, in their order; ids that nobody has are left out. */
export function loadRuns(
  database: LocalDatabase,
  ids: readonly string[],
  withModelInputs: boolean,
): Fields[] {
  const runs: Fields[] = [];
  for (let begin = 0; begin < ids.length; begin += CHUNK)
    runs.push(...loadChunk(database, ids.slice(begin, begin + CHUNK), withModelInputs));
  return runs;
}

function loadChunk(database: LocalDatabase, ids: readonly string[], withModelInputs: boolean): Fields[] {
  const these = places(ids);
  const select = (what: string) => database.rows(what.replace("THESE", these), ids);
  const infos = new Map(
    select(`SELECT ${COLUMNS} FROM runs WHERE run_uuid IN (THESE)`).map((row) => [row[0], row]),
  );
  const metrics = select(
    'SELECT run_uuid, "key", value, timestamp, step, is_nan FROM latest_metrics WHERE run_uuid IN (THESE)',
  );
  const params = select(`SELECT run_uuid, "key", ${whole("value")} FROM params WHERE run_uuid IN (THESE)`);
  const tags = select(`SELECT run_uuid, "key", ${whole("value")} FROM tags WHERE run_uuid IN (THESE)`);
  const parts = {
    metrics: groupBy(metrics, 0),
    params: groupBy(params, 0),
    tags: groupBy(tags, 0),
    datasets: groupBy(datasetInputsOf(select), 0),
    modelInputs: groupBy(withModelInputs ? select(MODEL_INPUTS) : [], 0),
    outputs: groupBy(select(OUTPUTS), 0),
  };
  return ids.flatMap((id) => {
    const info = infos.get(id);
    return info ? [runOf(database, info, parts)] : [];
  });
}

const MODEL_INPUTS =
  "SELECT source_id, destination_id FROM inputs WHERE source_type = 'RUN_INPUT' AND destination_type = 'MODEL_INPUT' AND source_id IN (THESE)";
const OUTPUTS =
  "SELECT source_id, destination_id, step FROM inputs WHERE source_type = 'RUN_OUTPUT' AND destination_type = 'MODEL_OUTPUT' AND source_id IN (THESE)";

const DATASET = [
  "d.name",
  "d.digest",
  "d.dataset_source_type",
  "d.dataset_source",
  "d.dataset_schema",
  "d.dataset_profile",
];

/** A row for each tag of each dataset of each run; one without a tag for a dataset that has none. */
function datasetInputsOf(select: (what: string) => Cell[][]): Cell[][] {
  return select(
    `SELECT i.destination_id, d.dataset_uuid, ${DATASET.map(whole).join(", ")}, ${whole("t.name")}, ${whole("t.value")}
     FROM inputs i JOIN datasets d ON i.source_id = d.dataset_uuid
       LEFT OUTER JOIN input_tags t ON t.input_uuid = i.input_uuid
     WHERE i.destination_type = 'RUN' AND i.destination_id IN (THESE) ORDER BY i.destination_id`,
  );
}

type Parts = Readonly<
  Record<"metrics" | "params" | "tags" | "datasets" | "modelInputs" | "outputs", Map<string, Cell[][]>>
>;

function runOf({ place }: LocalDatabase, row: readonly Cell[], parts: Parts): Fields {
  const [id, name, experimentId, userId, status, startTime, endTime, artifactUri, stage] = row;
  const of = (part: keyof Parts) => parts[part].get(String(id)) ?? [];
  const tags = of("tags").map(([, key, value]) => ({ key: toText(key), value: toText(value) }));
  const tagged = tags.find(({ key }) => key === "mlflow.runName")?.value;
  return {
    info: {
      run_uuid: toText(id),
      experiment_id: toText(experimentId),
      user_id: toText(userId),
      status: toText(status),
      start_time: toInteger(startTime),
      end_time: isTrue(endTime) ? toInteger(endTime) : undefined,
      artifact_uri: shownLocation(place, toFilled(artifactUri)),
      lifecycle_stage: toText(stage),
      run_name: toFilled(name) ?? (tagged || toText(name)),
      run_id: toText(id),
    },
    data: {
      metrics: of("metrics").map(([, key, value, timestamp, step, isNan]) => ({
        key: toText(key),
        value: toDouble(value, isNan),
        timestamp: toInteger(timestamp),
        step: toInteger(step),
      })),
      params: of("params").map(([, key, value]) => ({ key: toText(key), value: toText(value) })),
      tags,
    },
    inputs: {
      dataset_inputs: [...groupBy(of("datasets"), 1).values()].map(datasetInputOf),
      model_inputs: of("modelInputs").map(([, model]) => ({ model_id: toText(model) })),
    },
    outputs: {
      model_outputs: of("outputs").map(([, model, step]) => ({
        model_id: toText(model),
        step: toInteger(step),
      })),
    },
  };
}

function datasetInputOf(rows: readonly Cell[][]): Fields {
  const [, , name, digest, sourceType, source, schema, profile] = rows[0] ?? [];
  return {
    tags: rows
      .filter((row) => row[8] !== null)
      .map((row) => ({ key: toText(row[8]), value: toText(row[9]) })),
    dataset: {
      name: toText(name),
      digest: toText(digest),
      source_type: toText(sourceType),
      source: toText(source),
      schema: toFilled(schema),
      profile: toFilled(profile),
    },
  };
}
