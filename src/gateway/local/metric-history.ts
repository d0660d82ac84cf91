/** Histories of metrics: of one run, of several, and thinned out. */

import { readWhole } from "../requests/python.js";
import { invalid } from "../requests/request-fault.js";
import { int32, type LocalRequest, list, readMessage, text } from "../requests/request-message.js";
import { type Cell, places, toDouble, toInteger, toText } from "./cells.js";
import type { LocalDatabase } from "./database.js";
import { makeToken, offsetOf } from "./page-token.js";
import { type Double, type Printed, printDictionary, printMessage } from "./printed-json.js";

const BULK_RESULTS_MAX = 25_000n;
const BULK_RUNS_MAX = 100;
const THINNED_MAX = 2500n;

const POINT = "value, timestamp, step, is_nan";

/** `metrics/get-history`. */
export function getHistory(database: LocalDatabase, request: LocalRequest): string {
  const fields = { run_id: text, run_uuid: text, metric_key: text, page_token: text, max_results: int32 };
  const checks = {
    run_id: ["string", "required"],
    metric_key: ["string", "required"],
    page_token: ["string"],
  } as const;
  const {
    run_id,
    run_uuid,
    metric_key: key = "",
    page_token,
    max_results: most,
  } = readMessage(request, fields, checks);
  if (most !== undefined && most <= 0n)
    throw invalid(
      `Invalid value ${most} for parameter 'max_results' supplied. It must be a positive integer.`,
    );
  const offset = offsetOf(page_token);
  return database.read(() => {
    const rows = database.rows(
      `SELECT ${POINT} FROM metrics WHERE run_uuid = ? AND "key" = ? ORDER BY timestamp, step, value LIMIT ? OFFSET ?`,
      [run_id || run_uuid || "", key, most === undefined ? -1n : most + 1n, offset],
    );
    const hasMore = most !== undefined && BigInt(rows.length) > most;
    return printMessage({
      metrics: rows.slice(0, hasMore ? -1 : undefined).map((row) => pointOf(key, row)),
      next_page_token: hasMore ? makeToken(offset + most) : undefined,
    });
  });
}

/** `metrics/get-history-bulk`: the UI's, and no message of protobuf's. */
export function getHistoryBulk(database: LocalDatabase, { query }: LocalRequest): string {
  const runIds = query.getAll("run_id");
  if (runIds.length === 0) throw invalid("GetMetricHistoryBulk request must specify at least one run_id.");
  if (runIds.length > BULK_RUNS_MAX)
    throw invalid(
      `GetMetricHistoryBulk request cannot specify more than ${BULK_RUNS_MAX} run_ids. Received ${runIds.length} run_ids.`,
    );
  const key = query.get("metric_key");
  if (key === null) throw invalid("GetMetricHistoryBulk request must specify a metric_key.");
  const asked = readWhole(query.get("max_results") ?? String(BULK_RESULTS_MAX));
  const most = asked < BULK_RESULTS_MAX ? asked : BULK_RESULTS_MAX;
  return database.read(() => {
    const rows = database.rows(
      `SELECT ${POINT}, run_uuid FROM metrics WHERE "key" = ? AND run_uuid IN (${places(runIds)}) ORDER BY run_uuid, timestamp, step, value LIMIT ?`,
      [key, ...runIds, most],
    );
    // A negative number of results is all of them to SQLite, and all but the last ones to Python.
    const cut = most < 0n ? rows.slice(0, Number(most)) : rows;
    const metrics = cut.map(([value, timestamp, step, isNan, runId]) => ({
      key,
      run_id: toText(runId),
      step: toInteger(step),
      timestamp: toInteger(timestamp),
      value: toDouble(value, isNan),
    }));
    return printDictionary({ metrics });
  });
}

/** `metrics/get-history-bulk-interval`: points that stand evenly among those of each run, its last one with them. */
export function getHistoryInterval(database: LocalDatabase, request: LocalRequest): string {
  const fields = {
    run_ids: list(text),
    metric_key: text,
    start_step: int32,
    end_step: int32,
    max_results: int32,
  };
  const { run_ids: runIds = [], metric_key: key = "" } = readMessage(request, fields, {
    run_ids: ["required", "array", "strings", checkRunCount],
    metric_key: ["required", "string"],
    start_step: ["integer"],
    end_step: ["integer"],
    max_results: ["integer", checkThinned],
  });
  const most = readWhole(request.query.get("max_results") ?? String(THINNED_MAX));
  const steps = readSteps(request.query);
  return database.read(() => {
    const metrics = runIds.flatMap((runId) =>
      thin(database, runId, key, most, steps).map((row) => ({ ...pointOf(key, row), run_id: runId })),
    );
    return printMessage({ metrics });
  });
}

function checkRunCount(value: unknown): string | undefined {
  const count = Array.isArray(value) ? value.length : 0;
  if (count <= BULK_RUNS_MAX) return undefined;
  return `GetMetricHistoryBulkInterval request must specify at most ${BULK_RUNS_MAX} run_ids. Received ${count} run_ids.`;
}

function checkThinned(value: unknown): string | undefined {
  const found = readWhole(String(value));
  return found >= 1n && found <= THINNED_MAX
    ? undefined
    : `max_results must be between 1 and ${THINNED_MAX}.`;
}

type Steps = readonly [start: bigint, end: bigint] | undefined;

function readSteps(query: URLSearchParams): Steps {
  const [start, end] = [query.get("start_step"), query.get("end_step")];
  if (start === null && end === null) return undefined;
  if (start === null || end === null)
    throw invalid("If either start step or end step are specified, both must be specified.");
  const steps = [readWhole(start), readWhole(end)] as const;
  if (steps[0] > steps[1])
    throw invalid(
      `end_step must be greater than start_step. Found start_step=${steps[0]} and end_step=${steps[1]}.`,
    );
  return steps;
}

/** Of as many groups of points as are asked for, the first of each; the last of all stands in for the last of these. */
function thin(database: LocalDatabase, runId: string, key: string, most: bigint, steps: Steps): Cell[][] {
  const where = `run_uuid = ? AND "key" = ?${steps ? " AND step >= ? AND step <= ?" : ""}`;
  const values: Cell[] = [runId, key, ...(steps ?? [])];
  const order = "step, timestamp, value, is_nan";
  const rows = database.rows(
    `SELECT ${POINT} FROM (
       SELECT *, row_number() OVER (PARTITION BY bucket ORDER BY ${order}) AS place FROM (
         SELECT ${POINT}, ntile(?) OVER (ORDER BY ${order}) AS bucket FROM metrics WHERE ${where}))
     WHERE place = 1 ORDER BY ${order}`,
    [most, ...values],
  );
  const last = database.row(
    `SELECT ${POINT} FROM metrics WHERE ${where} ORDER BY step DESC, timestamp DESC, value DESC, is_nan DESC LIMIT 1`,
    values,
  );
  if (!last || rows.at(-1)?.every((cell, index) => cell === last[index])) return rows;
  return [...(BigInt(rows.length) >= most ? rows.slice(0, -1) : rows), last];
}

function pointOf(key: string, [value, timestamp, step, isNan]: readonly Cell[]) {
  return {
    key,
    value: toDouble(value, isNan),
    timestamp: toInteger(timestamp),
    step: toInteger(step),
  } satisfies Record<string, Printed | Double | undefined>;
}
