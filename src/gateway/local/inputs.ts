/** Inputs and outputs of runs: datasets and models. */
import { newId } from "../../model/id.js";
import { type DatasetInput, readInputs, readOutputs } from "../requests/journaled-calls.js";
import { invalid } from "../requests/request-fault.js";
import { type LocalRequest, list, readMessage, text } from "../requests/request-message.js";
import { type Cell, places, toFilled, toText, whole } from "./cells.js";
import type { LocalDatabase } from "./database.js";
import { readExperimentId } from "./experiments.js";
import { printMessage } from "./printed-json.js";
import { checkActiveRun } from "./runs.js";
import { ensureTables } from "./upgrade.js";

const SUMMARIES_MAX = 1000;
const EXPERIMENTS_MAX = 20;

/** `runs/log-inputs`. */
export function logInputs(database: LocalDatabase, request: LocalRequest): string {
  const { runId, datasets, models } = readInputs(request);
  return database.write(() => {
    ensureTables(database, models.length > 0 ? "models" : "inputs");
    const experimentId = checkActiveRun(database, runId);
    for (const each of unique(datasets)) addDatasetInput(database, experimentId, runId, each);
    for (const { model_id: model = "" } of models)
      database.run(
        `${INSERT} ON CONFLICT (source_type, source_id, destination_type, destination_id) DO UPDATE SET input_uuid = excluded.input_uuid`,
        [newId(), "RUN_INPUT", runId, "MODEL_INPUT", model],
      );
    return printMessage({});
  });
}

/** `runs/outputs`. */
export function logOutputs(database: LocalDatabase, request: LocalRequest): string {
  const { runId, models } = readOutputs(request);
  return database.write(() => {
    ensureTables(database, "models");
    checkActiveRun(database, runId);
    for (const { model_id: model = "", step = 0n } of models)
      database.run(
        "INSERT INTO main.inputs (input_uuid, source_type, source_id, destination_type, destination_id, step) VALUES (?, ?, ?, ?, ?, ?)",
        [newId(), "RUN_OUTPUT", runId, "MODEL_OUTPUT", model, step],
      );
    return printMessage({});
  });
}

/** `experiments/search-datasets`. */
export function searchDatasets(database: LocalDatabase, request: LocalRequest): string {
  const { experiment_ids: ids = [] } = readMessage(request, { experiment_ids: list(text) });
  if (ids.length === 0) throw invalid("SearchDatasets request must specify at least one experiment_id.");
  if (ids.length > EXPERIMENTS_MAX)
    throw invalid(
      `SearchDatasets request cannot specify more than ${EXPERIMENTS_MAX} experiment_ids. Received ${ids.length} experiment_ids.`,
    );
  const experimentIds = ids.map(readExperimentId);
  return database.read(() => {
    const rows = database.rows(
      `SELECT d.experiment_id, ${whole("d.name")}, ${whole("d.digest")}, ${whole("t.value")}
       FROM datasets d JOIN inputs i ON i.source_id = d.dataset_uuid
         LEFT OUTER JOIN input_tags t ON i.input_uuid = t.input_uuid AND t.name = 'mlflow.data.context'
       WHERE d.experiment_id IN (${places(experimentIds)})
       GROUP BY 1, 2, 3, 4 ORDER BY d.experiment_id, d.name, d.digest, min(i.rowid) LIMIT ${SUMMARIES_MAX}`,
      experimentIds,
    );
    const summaries = rows.map(([experimentId, name, digest, context]) => ({
      experiment_id: toText(experimentId),
      name: toText(name),
      digest: toText(digest),
      context: toFilled(context),
    }));
    return printMessage({ dataset_summaries: summaries });
  });
}

const INSERT =
  "INSERT INTO main.inputs (input_uuid, source_type, source_id, destination_type, destination_id) VALUES (?, ?, ?, ?, ?)";

/** The dataset, unless its experiment has it; its edge, unless the run has it; the edge's tags with it. */
function addDatasetInput(
  database: LocalDatabase,
  experimentId: Cell,
  runId: string,
  input: DatasetInput,
): void {
  const { name = "", digest = "", source_type = "", source = "", schema, profile } = input.dataset ?? {};
  const [known] =
    database.row("SELECT dataset_uuid FROM datasets WHERE experiment_id = ? AND name = ? AND digest = ?", [
      experimentId,
      name,
      digest,
    ]) ?? [];
  const datasetId = known ?? newId();
  if (known === undefined)
    database.run(
      "INSERT INTO main.datasets (dataset_uuid, experiment_id, name, digest, dataset_source_type, dataset_source, dataset_schema, dataset_profile) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      [datasetId, experimentId, name, digest, source_type, source, schema ?? null, profile ?? null],
    );
  const edge: Cell[] = ["DATASET", datasetId, "RUN", runId];
  const isThere = database.row(
    "SELECT 1 FROM inputs WHERE source_type = ? AND source_id = ? AND destination_type = ? AND destination_id = ?",
    edge,
  );
  if (isThere) return;
  const inputId = newId();
  database.run(INSERT, [inputId, ...edge]);
  for (const { key = "", value = "" } of input.tags ?? [])
    database.run("INSERT INTO main.input_tags (input_uuid, name, value) VALUES (?, ?, ?)", [
      inputId,
      key,
      value,
    ]);
}

/** The first of each name and digest. */
function unique(inputs: readonly DatasetInput[]): DatasetInput[] {
  const found = new Map<string, DatasetInput>();
  for (const each of inputs) {
    const key = JSON.stringify([each.dataset?.name ?? "", each.dataset?.digest ?? ""]);
    if (!found.has(key)) found.set(key, each);
  }
  return [...found.values()];
}
