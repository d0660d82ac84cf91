/** Calls that are journaled as they are: judged as MLflow's server judges them before it carries them out. */
import type { JsonObject } from "./body.js";
import { tooLong } from "./names.js";
import { dumpJson, lengthOf } from "./python.js";
import { invalid } from "./request-fault.js";
import { int64, list, message, readMessage, text } from "./request-message.js";

const ENTRY = message({ key: text, value: text });
const DATASET = message({
  name: text,
  digest: text,
  source_type: text,
  source: text,
  schema: text,
  profile: text,
});
const INPUTS = {
  run_id: text,
  datasets: list(message({ tags: list(ENTRY), dataset: DATASET })),
  models: list(message({ model_id: text, step: int64 })),
};
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
  const checks = { run_id: ["required", "string"], datasets: ["array"], models: ["array"] } as const;
  const { run_id: runId = "", datasets = [] } = readMessage(requestOf(body), INPUTS, checks);
  checkRunId(runId);
  for (const { dataset, tags = [] } of datasets) {
    for (const [field, most] of Object.entries(LENGTHS_MAX) as [keyof typeof LENGTHS_MAX, number][])
      checkLength(field, most, dataset?.[field] ?? "");
    for (const { key = "", value = "" } of tags) {
      checkLength("key", TAG_KEY_MAX, key);
      checkLength("value", TAG_VALUE_MAX, value);
    }
  }
  return runId;
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

function checkLength(what: string, most: number, value: string): void {
  if (lengthOf(value) > most) throw tooLong(what, most);
}

function requestOf(body: JsonObject) {
  return { method: "POST", path: "", query: new URLSearchParams(), body };
}
