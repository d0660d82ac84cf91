/** Calls that are journaled as they are: judged as MLflow's server judges them before it carries them out. */
import type { JsonObject } from "./body.js";
import { checkLength } from "./names.js";
import { dumpJson } from "./python.js";
import { invalid } from "./request-fault.js";
import {
  int64,
  type LocalRequest,
  list,
  type Message,
  message,
  numbered,
  readMessage,
  text,
} from "./request-message.js";

const ENTRY = message({ key: text, value: text });
const DATASET = message({
  name: text,
  digest: text,
  source_type: text,
  source: text,
  schema: text,
  profile: text,
});
const DATASET_INPUT = { tags: list(ENTRY), dataset: DATASET };
/** A model as an input or an output of a run. */
const MODEL = message({ model_id: text, step: int64 });

/** A logged model's statuses, by their numbers. */
export const MODEL_STATUSES = [
  "LOGGED_MODEL_STATUS_UNSPECIFIED",
  "LOGGED_MODEL_PENDING",
  "LOGGED_MODEL_READY",
  "LOGGED_MODEL_UPLOAD_FAILED",
] as const;
const MODEL_STATUS = numbered(Object.fromEntries(MODEL_STATUSES.map((name, number) => [name, number])));

/** A dataset as an input of a run. */
export type DatasetInput = Message<typeof DATASET_INPUT>;

const LENGTHS_MAX = {
  name: 500,
  digest: 36,
  source: 65_535,
  schema: 1_048_575,
  profile: 16_777_215,
} as const;
const TAG_KEY_MAX = 255;
const TAG_VALUE_MAX = 500;

/** `runs/log-inputs`; answers its run. */
export function checkInputs(body: JsonObject): string {
  return readInputs(requestOf(body)).runId;
}

/** What a `runs/log-inputs` says. Throws where MLflow does not take it. */
export function readInputs(request: LocalRequest) {
  const fields = { run_id: text, datasets: list(message(DATASET_INPUT)), models: list(MODEL) };
  const checks = { run_id: ["required", "string"], datasets: ["array"], models: ["array"] } as const;
  const { run_id: runId = "", datasets = [], models = [] } = readMessage(request, fields, checks);
  checkRunId(runId);
  for (const { dataset, tags = [] } of datasets) {
    for (const [field, most] of Object.entries(LENGTHS_MAX) as [keyof typeof LENGTHS_MAX, number][])
      checkLength(field, most, dataset?.[field] ?? "");
    for (const { key = "", value = "" } of tags) {
      checkLength("key", TAG_KEY_MAX, key);
      checkLength("value", TAG_VALUE_MAX, value);
    }
  }
  return { runId, datasets, models };
}

/** `runs/outputs`; answers its run. */
export function checkOutputs(body: JsonObject): string {
  return readOutputs(requestOf(body)).runId;
}

/** What a `runs/outputs` says. Throws where MLflow does not take it. */
export function readOutputs(request: LocalRequest) {
  const fields = { run_id: text, models: list(MODEL) };
  const checks = { run_id: ["required", "string"], models: ["required", "array"] } as const;
  const { run_id: runId = "", models = [] } = readMessage(request, fields, checks);
  return { runId, models };
}

/** What `runs/log-inputs` or `runs/outputs` says, in a part for each dataset where it is longer than that. */
export function partsOfLinks(said: JsonObject, bytesMax: number): JsonObject[] {
  const { datasets, ...others } = said;
  if (!Array.isArray(datasets) || Buffer.byteLength(JSON.stringify(said)) <= bytesMax) return [said];
  const parts = datasets.map((each: unknown) => ({ datasets: [each] }));
  return Object.keys(others).length === 0 ? parts : [...parts, others];
}

/** What a model's finalization says. Throws where MLflow does not take it. */
export function readFinalization(request: LocalRequest) {
  const fields = { model_id: text, status: MODEL_STATUS };
  const checks = { model_id: ["string", "required"], status: ["integer", "required"] } as const;
  const { model_id: modelId = "", status = 0 } = readMessage(request, fields, checks);
  return { modelId, status };
}

/** A logged model's `params` or `tags`. */
export function checkModelTexts(body: JsonObject, field: "params" | "tags"): void {
  readMessage(requestOf(body), { [field]: list(ENTRY) }, { [field]: ["array"] });
}

/** Throws for what can be no run's id. */
export function checkRunId(runId: string): void {
  if (!/^[a-zA-Z0-9][\p{L}\p{N}_-]{0,255}\n?$/u.test(runId))
    throw invalid(`Invalid value ${dumpJson(runId)} for parameter 'run_id' supplied.`);
}

/** A request that its body alone says. */
export function requestOf(body: JsonObject): LocalRequest {
  return { method: "POST", path: "", query: new URLSearchParams(), body };
}
