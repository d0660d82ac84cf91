/**
 * The four calls that log to a run: `runs/log-metric`, `log-parameter`, `set-tag` and `log-batch`. Each is judged as
 * MLflow's server judges it, whole: one bad entry refuses its request, and nothing of it is taken.
 */
import type { MetricColumn, Param, Tag } from "../../gen/stepwell/v1/ingest.js";
import { PARAM_VALUE_CODE_POINTS_MAX, TAG_VALUE_CODE_POINTS_MAX } from "../../model/limits.js";
import type { JsonObject } from "./body.js";
import {
  doubleField,
  integerField,
  missing,
  objectsField,
  requiredText,
  textField,
  wrongType,
} from "./fields.js";
import { checkRunId } from "./journaled-calls.js";
import { checkKey, cutValue } from "./names.js";
import { printFloat } from "./python.js";
import { invalid } from "./request-fault.js";

/** What one of them logs. */
export interface LogRequest {
  /** As the request has it: an id of ours, or one that a server gave. */
  readonly runId: string;
  readonly metrics: MetricColumn[];
  readonly params: Param[];
  readonly tags: Tag[];
}

const METRICS_MAX = 1000;
const TEXTS_MAX = 100;
const ENTRIES_MAX = 1000;

/** `runs/log-metric`. */
export function readLogMetric(body: JsonObject): LogRequest {
  const runId = runIdOf(body);
  return { runId, metrics: [readPoint(body, "")], params: [], tags: [] };
}

/** `runs/log-parameter`. */
export function readLogParam(body: JsonObject): LogRequest {
  return { runId: runIdOf(body), metrics: [], params: [readParam(body, "")], tags: [] };
}

/** `runs/set-tag`. */
export function readSetTag(body: JsonObject): LogRequest {
  return { runId: runIdOf(body), metrics: [], params: [], tags: [readTag(body, "")] };
}

/** `runs/log-batch`. */
export function readLogBatch(body: JsonObject): LogRequest {
  const runId = runIdOf(body);
  const metrics = objectsField(body, "metrics").map((each, index) => readPoint(each, `metrics[${index}].`));
  const params = objectsField(body, "params").map((each, index) => readParam(each, `params[${index}].`));
  const tags = objectsField(body, "tags").map((each, index) => readTag(each, `tags[${index}].`));
  checkCount("metrics", METRICS_MAX, metrics.length);
  checkCount("params", TEXTS_MAX, params.length);
  checkCount("tags", TEXTS_MAX, tags.length);
  checkCount("metrics, params, and tags", ENTRIES_MAX, metrics.length + params.length + tags.length);
  checkUnique(params);
  // As the server does: it looks for one name, and uses the other.
  checkRunId(textField(body, "run_id"));
  return { runId, metrics: gather(metrics), params, tags };
}

/** The run of a request, by either of the names that MLflow has for it. */
export function runIdOf(body: JsonObject): string {
  const runId =
    [body["run_id"], body["run_uuid"]].find((id) => id !== undefined && id !== null && id !== "") ?? "";
  if (typeof runId !== "string") throw wrongType("run_id", runId);
  if (runId === "") throw missing("run_id");
  return runId;
}

/** A point, as a column of one. */
function readPoint(body: JsonObject, prefix: string): MetricColumn {
  const key = requiredText(body, "key", `${prefix}key`);
  const value = doubleField(body, "value", `${prefix}value`);
  if (value === undefined) throw missing(`${prefix}value`);
  const timestampMs = integerField(body, "timestamp", `${prefix}timestamp`);
  if (timestampMs === undefined) throw missing(`${prefix}timestamp`);
  const step = integerField(body, "step", `${prefix}step`) ?? 0n;
  checkKey(key, `${prefix}name`, "Metric name");
  if (timestampMs < 0n)
    throw invalid(
      `Invalid value ${timestampMs} for parameter '${prefix}timestamp' supplied: metric '${key}' (value=${floatText(value)}). ` +
        "Timestamp must be a nonnegative long (64-bit integer) ",
    );
  const modelId = textField(body, "model_id", `${prefix}model_id`);
  const column = { key, modelId, steps: [step], timestampsMs: [timestampMs], values: [value] };
  const name = textField(body, "dataset_name", `${prefix}dataset_name`);
  const digest = textField(body, "dataset_digest", `${prefix}dataset_digest`);
  return name === "" && digest === "" ? column : { ...column, dataset: { name, digest } };
}

/** As Python prints it. */
function floatText(value: number): string {
  return Number.isFinite(value) ? printFloat(value) : String(value).replace("Infinity", "inf").toLowerCase();
}

function readParam(body: JsonObject, prefix: string): Param {
  const key = requiredText(body, "key", `${prefix}key`);
  const value = textField(body, "value", `${prefix}value`);
  checkKey(key, `${prefix}key`, "Param key");
  return { key, value: cutValue(value, `${prefix}value`, PARAM_VALUE_CODE_POINTS_MAX) };
}

/** A tag, as a request has it. */
export function readTag(body: JsonObject, prefix: string): Tag {
  const key = requiredText(body, "key", `${prefix}key`);
  const value = textField(body, "value", `${prefix}value`);
  checkKey(key, `${prefix}key`, `${prefix}key`);
  return { key, value: cutValue(value, `${prefix}value`, TAG_VALUE_CODE_POINTS_MAX) };
}

/** Points of one key, model and dataset in one column, in their order. */
function gather(points: readonly MetricColumn[]): MetricColumn[] {
  const columns = new Map<string, MetricColumn>();
  for (const point of points) {
    const name = JSON.stringify([point.key, point.modelId, point.dataset]);
    const column = columns.get(name);
    if (!column) columns.set(name, point);
    else {
      column.steps.push(...point.steps);
      column.timestampsMs.push(...point.timestampsMs);
      column.values.push(...point.values);
    }
  }
  return [...columns.values()];
}

function checkCount(what: string, most: number, count: number): void {
  if (count <= most) return;
  throw invalid(
    `A batch logging request can contain at most ${most} ${what}. Got ${count} ${what}. Please split up ${what} ` +
      "across multiple requests and try again.",
  );
}

function checkUnique(params: readonly Param[]): void {
  const seen = new Set<string>();
  const again = params.map(({ key }) => key).filter((key) => seen.has(key) || !seen.add(key));
  if (again.length === 0) return;
  throw invalid(
    `Duplicate parameter keys have been submitted: [${again.map((key) => `'${key}'`).join(", ")}]. Please ensure ` +
      "the request contains only one param value per param key.",
  );
}
