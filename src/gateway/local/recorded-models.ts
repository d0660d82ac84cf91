/** What MLflow 2's clients, and 3's for Spark, note of a model at its run: a list in one of the run's tags. */
import { quoteSet } from "../requests/python.js";
import { invalid } from "../requests/request-fault.js";
import { type LocalRequest, readMessage, text } from "../requests/request-message.js";
import type { LocalDatabase } from "./database.js";
import { printLine, printMessage } from "./printed-json.js";
import { checkActiveRun } from "./runs.js";

const TAG = "mlflow.log-model.history";
const NEEDED = ["artifact_path", "flavors", "utc_time_created", "run_id"];
/** In the order in which MLflow's Model has them. */
const KEPT = ["run_id", "artifact_path", "utc_time_created", "model_uuid"];

type Json = Readonly<Record<string, unknown>>;

/** `runs/log-model`. */
export function logModel(database: LocalDatabase, request: LocalRequest): string {
  const checks = { run_id: ["string", "required"], model_json: ["string", "required"] } as const;
  const { run_id: runId = "", model_json: json = "" } = readMessage(
    request,
    { run_id: text, model_json: text },
    checks,
  );
  const model = readModel(json);
  return database.write(() => {
    checkActiveRun(database, runId);
    const [before] =
      database.row('SELECT value FROM tags WHERE run_uuid = ? AND "key" = ?', [runId, TAG]) ?? [];
    const known = before === undefined ? [] : (JSON.parse(String(before)) as unknown[]);
    database.run(
      'INSERT INTO main.tags ("key", value, run_uuid) VALUES (?, ?, ?) ON CONFLICT ("key", run_uuid) DO UPDATE SET value = excluded.value',
      [TAG, printLine([...known, noteOf(model)]), runId],
    );
    return printMessage({});
  });
}

function readModel(json: string): Json {
  let model: unknown;
  try {
    model = JSON.parse(json);
  } catch {
    throw invalid(`Malformed model info. \n ${json} \n is not a valid JSON.`);
  }
  const missing = NEEDED.filter((name) => typeof model !== "object" || model === null || !(name in model));
  if (missing.length > 0) throw invalid(`Model json is missing mandatory fields: ${quoteSet(missing)}`);
  return model as Json;
}

/** What stays of a model. */
function noteOf(model: Json): Json {
  const kept = KEPT.filter((name) => name === "model_uuid" || (model[name] ?? null) !== null);
  const flavors = Object.entries((model["flavors"] ?? {}) as Json).map(([name, flavor]) => {
    if (typeof flavor !== "object" || flavor === null || Array.isArray(flavor)) return [name, flavor];
    const { config: _, ...rest } = flavor as Json;
    return [name, rest];
  });
  return {
    ...Object.fromEntries(kept.map((name) => [name, model[name] ?? null])),
    flavors: Object.fromEntries(flavors),
  };
}
