/**
 * A pack cut into log-batch requests, and their JSON, written by hand.
 *
 * A server parses a body field by field and, at the first value of a wrong type, keeps what
 * it has, drops the rest and answers 200. So each value's form is decided here: steps and
 * timestamps are whole numbers of 64 bits, written as they are; NaN and infinities are the
 * texts that protobuf's JSON has for them; texts are JSON strings. The run's id comes first.
 */
import { LOG_BATCH_MODEL_POINTS_MAX, LOG_BATCH_PARAMS_MAX, LOG_BATCH_TAGS_MAX } from "../../model/limits.js";
import type { DatasetName, KeyValue, MetricRows, Pack } from "../../model/pack.js";

/** A part of a pack that goes in one request; rows are indexes into the pack's columns. */
export interface Slice {
  readonly params: readonly KeyValue[];
  readonly rows: Uint32Array;
  readonly tags: readonly KeyValue[];
}

/** How many entries it holds. */
export function sizeOf({ params, rows, tags }: Slice): number {
  return params.length + rows.length + tags.length;
}

/**
 * A pack's entries in order, each request within MLflow's counts: params, then metrics, then
 * tags. Params that came twice are one (MLflow refuses a request that repeats a key, even
 * with the same value); of a tag's values the last one counts.
 */
export function slicesOf(pack: Pick<Pack, "params" | "metrics" | "tags">, entriesMax: number): Slice[] {
  const params = [...new Map(pack.params.map((param) => [JSON.stringify(param), param])).values()];
  const tags = [...new Map(pack.tags.map((tag) => [tag.key, tag])).values()];
  const rows = Uint32Array.from({ length: pack.metrics.values.length }, (_, row) => row);
  const slices: Slice[] = [];
  for (
    const at = { param: 0, row: 0, tag: 0 };
    at.param < params.length || at.row < rows.length || at.tag < tags.length;
  ) {
    const ofParams = uniqueKeys(
      params.slice(at.param, at.param + Math.min(entriesMax, LOG_BATCH_PARAMS_MAX)),
    );
    at.param += ofParams.length;
    const isLastOfParams = at.param === params.length;
    const fitting = rows.subarray(at.row, isLastOfParams ? at.row + entriesMax - ofParams.length : at.row);
    const ofRows = withFewModelPoints(pack.metrics, fitting);
    at.row += ofRows.length;
    const left = at.row === rows.length && isLastOfParams ? entriesMax - ofParams.length - ofRows.length : 0;
    const ofTags = tags.slice(at.tag, at.tag + Math.min(left, LOG_BATCH_TAGS_MAX));
    at.tag += ofTags.length;
    slices.push({ params: ofParams, rows: ofRows, tags: ofTags });
  }
  return slices;
}

/** The rows before there are too many that measure a logged model. */
function withFewModelPoints({ modelIds, keyIndexes }: MetricRows, rows: Uint32Array): Uint32Array {
  if (modelIds.every((modelId) => modelId === "")) return rows;
  let points = 0;
  const end = rows.findIndex((row) => {
    const isOfModel = modelIds[keyIndexes[row] ?? 0] !== "";
    return isOfModel && ++points > LOG_BATCH_MODEL_POINTS_MAX;
  });
  return end === -1 ? rows : rows.subarray(0, end);
}

/** Two halves, in order. The slice holds two entries at least. */
export function halvesOf(slice: Slice): [Slice, Slice] {
  const middle = Math.ceil(sizeOf(slice) / 2);
  const { params, rows, tags } = slice;
  const inParams = Math.min(params.length, middle);
  const inRows = Math.min(rows.length, middle - inParams);
  const inTags = middle - inParams - inRows;
  return [
    { params: params.slice(0, inParams), rows: rows.subarray(0, inRows), tags: tags.slice(0, inTags) },
    { params: params.slice(inParams), rows: rows.subarray(inRows), tags: tags.slice(inTags) },
  ];
}

/** The body of a log-batch request. */
export function logBatchBody(mlflowRunId: string, metrics: MetricRows, slice: Slice): Buffer {
  const id = JSON.stringify(mlflowRunId);
  const params = slice.params.map(textJson).join(",");
  const tags = slice.tags.map(textJson).join(",");
  return Buffer.from(
    `{"run_id":${id},"params":[${params}],"metrics":[${metricsJson(metrics, slice.rows)}],"tags":[${tags}]}`,
  );
}

/** A value as MLflow reads it without a change. */
function valueJson(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0.0" : String(value);
  return Number.isNaN(value) ? '"NaN"' : value > 0 ? '"Infinity"' : '"-Infinity"';
}

function metricsJson(
  { keys, modelIds, datasets, keyIndexes, steps, timestampsMs, values }: MetricRows,
  rows: Uint32Array,
): string {
  const heads = keys.map((key, index) => {
    const modelId = modelIds[index] ?? "";
    const model = modelId === "" ? "" : `"model_id":${JSON.stringify(modelId)},`;
    return `{"key":${JSON.stringify(key)},${model}${datasetJson(datasets?.[index])}"value":`;
  });
  let json = "";
  for (const row of rows) {
    const head = heads[keyIndexes[row] ?? 0];
    json += `${json === "" ? "" : ","}${head}${valueJson(values[row] ?? 0)},"timestamp":${timestampsMs[row]},"step":${steps[row]}}`;
  }
  return json;
}

function datasetJson(dataset: DatasetName | undefined): string {
  if (!dataset) return "";
  const [name, digest] = [dataset.name, dataset.digest].map((text) => JSON.stringify(text));
  return `"dataset_name":${name},"dataset_digest":${digest},`;
}

function textJson({ key, value }: KeyValue): string {
  return `{"key":${JSON.stringify(key)},"value":${JSON.stringify(value)}}`;
}

/** The params before the first key that is there already: it has another value and goes alone, to be refused alone. */
function uniqueKeys(params: readonly KeyValue[]): readonly KeyValue[] {
  const seen = new Set<string>();
  const end = params.findIndex(({ key }) => seen.size === seen.add(key).size);
  return end === -1 ? params : params.slice(0, end);
}
