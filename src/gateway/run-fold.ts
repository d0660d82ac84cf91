/**
 * What records of a run say together: its latest points, its params, tags, inputs and outputs. Pure, so that what a backend has not
 * got yet can be laid over what it has: a program sees what it wrote.
 */
import type { RunEnd } from "../gen/stepwell/v1/ingest.js";
import { type BatchView, type ColumnView, POINT_COLUMN_BYTES } from "../model/batch-view.js";
import { END_STATUS } from "../model/end-status.js";
import { InputFold } from "./input-fold.js";
import type { JsonObject } from "./requests/body.js";

/** A metric's point. */
export interface Point {
  readonly step: bigint;
  readonly timestampMs: bigint;
  readonly value: number;
}

const NAME_TAG = "mlflow.runName";

export class RunFold {
  readonly #points = new Map<string, Point>();
  readonly #params = new Map<string, string>();
  /** Undefined: the tag was removed. */
  readonly #tags = new Map<string, string | undefined>();
  readonly #inputs = new InputFold();
  #end: RunEnd | undefined;

  /** Adds a record's batch; records come in their order. */
  add({ columns, params, tags, removedTags, end, calls }: BatchView): void {
    for (const column of columns) this.#addColumn(column);
    for (const { key = "", value = "" } of params) this.#params.set(key, value);
    for (const key of removedTags) this.#tags.set(key ?? "", undefined);
    for (const { key = "", value = "" } of tags) this.#tags.set(key, value);
    for (const call of calls) this.#inputs.add(call);
    if (end) this.#end = endTold(end, this.#end);
  }

  /** The models that its inputs and outputs name. */
  get modelIds(): readonly string[] {
    return this.#inputs.modelIds;
  }

  /** A run in MLflow's JSON with this laid over it, with the ids that its models have there by those that they have here. */
  over(run: JsonObject, ids: ReadonlyMap<string, string> = new Map()): JsonObject {
    const info = (run["info"] ?? {}) as JsonObject;
    const data = (run["data"] ?? {}) as JsonObject;
    const name = this.#tags.get(NAME_TAG);
    return {
      ...run,
      info: { ...info, ...(name === undefined ? {} : { run_name: name }), ...endFields(this.#end) },
      data: { ...data, ...this.#data(data) },
      inputs: this.#inputs.over(run["inputs"] as JsonObject | undefined, ids),
      outputs: this.#inputs.outputsOver(run["outputs"] as JsonObject | undefined, ids),
    };
  }

  #data(data: JsonObject): JsonObject {
    const params = keyed(data["params"]);
    for (const [key, value] of this.#params) params.set(key, { key, value });
    const tags = keyed(data["tags"]);
    for (const [key, value] of this.#tags) {
      if (value === undefined) tags.delete(key);
      else tags.set(key, { key, value });
    }
    const metrics = keyed(data["metrics"]);
    for (const [key, point] of this.#points) {
      const known = metrics.get(key);
      if (known === undefined || isLater(point, pointIn(known))) metrics.set(key, metricOf(key, point));
    }
    const lists = { metrics, params, tags };
    return Object.fromEntries(
      Object.entries(lists).flatMap(([name, map]) => (map.size === 0 ? [] : [[name, [...map.values()]]])),
    );
  }

  #addColumn(column: ColumnView): void {
    const { key = "" } = column;
    for (const point of pointsOf(column)) {
      const known = this.#points.get(key);
      if (known === undefined || isLater(point, known)) this.#points.set(key, point);
    }
  }
}

/** The points of a column. */
export function* pointsOf({ steps, timestampsMs, values }: ColumnView): Generator<Point> {
  const [stepView, timeView, valueView] = [viewOf(steps), viewOf(timestampsMs), viewOf(values)];
  for (let at = 0; at < values.length; at += POINT_COLUMN_BYTES)
    yield {
      step: stepView.getBigInt64(at, true),
      timestampMs: timeView.getBigInt64(at, true),
      value: valueView.getFloat64(at, true),
    };
}

/** MLflow's order of latest points: by step, then time, then value. */
function isLater(one: Point, other: Point): boolean {
  if (one.step !== other.step) return one.step > other.step;
  if (one.timestampMs !== other.timestampMs) return one.timestampMs > other.timestampMs;
  return one.value > other.value;
}

function pointIn(metric: JsonObject): Point {
  return {
    step: BigInt((metric["step"] ?? 0) as number | string),
    timestampMs: BigInt((metric["timestamp"] ?? 0) as number | string),
    value: Number(metric["value"] ?? 0),
  };
}

/** A point in MLflow's JSON. */
export function metricOf(key: string, { step, timestampMs, value }: Point): JsonObject {
  return { key, value: jsonDouble(value), timestamp: jsonInteger(timestampMs), step: jsonInteger(step) };
}

/** What JSON has no number for is a text in protobuf's JSON. */
function jsonDouble(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function jsonInteger(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** One that ends keeps the time that was said before, where it says none. */
function endTold(end: RunEnd, before: RunEnd | undefined): RunEnd {
  const isEnd = END_STATUS[end.status] !== undefined;
  return isEnd && end.endTimeMs === 0n && before ? { ...end, endTimeMs: before.endTimeMs } : end;
}

function endFields(end: RunEnd | undefined): JsonObject {
  if (!end) return {};
  const status = END_STATUS[end.status];
  if (end.endTimeMs > 0n) return { status: status ?? "RUNNING", end_time: jsonInteger(end.endTimeMs) };
  // JSON leaves out what is undefined: a run that goes on has no end.
  return status === undefined ? { status: "RUNNING", end_time: undefined } : { status };
}

function keyed(list: unknown): Map<unknown, JsonObject> {
  return new Map(((list ?? []) as JsonObject[]).map((each) => [each["key"], each]));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
