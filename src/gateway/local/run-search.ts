/** `runs/search`. */

import { quoteList, readWhole } from "../requests/python.js";
import { invalid, RequestFault } from "../requests/request-fault.js";
import {
  type Check,
  int32,
  type LocalRequest,
  list,
  numbered,
  readMessage,
  text,
} from "../requests/request-message.js";
import type { Cell } from "./cells.js";
import type { LocalDatabase, ReadTables } from "./database.js";
import { readExperimentId } from "./experiments.js";
import { and, type Condition, oneOf } from "./filter/conditions.js";
import { entityOf } from "./filter/meaning.js";
import { type Order, readOrder } from "./filter/order.js";
import { RUN_ORDERS, readRunFilter, runColumn, runConditions, runValue } from "./filter/run-filter.js";
import { makeToken, offsetOf, type Page } from "./page-token.js";
import { printMessage } from "./printed-json.js";
import { loadRuns } from "./stored-runs.js";

/** Which stages a view shows, by protobuf's numbers of them. */
export const VIEWS = { ACTIVE_ONLY: 1, DELETED_ONLY: 2, ALL: 3 } as const;
const RESULTS_MAX = 50_000n;
const RESULTS_DEFAULT = 1000n;
const LOADED_AT_ONCE = 1000;

const checkMost: Check = (value) => {
  const most = typeof value === "string" ? readWhole(value) : Number(value);
  return most > Number(RESULTS_MAX) ? "" : undefined;
};

export function searchRuns(database: LocalDatabase, request: LocalRequest): string {
  const { ids, nextPageToken } = findRunPage(database, request);
  const runs: ReturnType<typeof loadRuns> = [];
  // Others write between them: MLflow's own queries see no common state either.
  for (let begin = 0; begin < ids.length; begin += LOADED_AT_ONCE)
    runs.push(...database.read(() => loadRuns(database, ids.slice(begin, begin + LOADED_AT_ONCE), false)));
  return printMessage({ runs, next_page_token: nextPageToken });
}

/** The runs that a request asks for. */
export function findRunPage(database: ReadTables, request: LocalRequest): Page<string> {
  const fields = {
    experiment_ids: list(text),
    filter: text,
    run_view_type: numbered(VIEWS),
    max_results: int32,
    order_by: list(text),
    page_token: text,
  };
  const asked = readMessage(request, fields, {
    experiment_ids: ["array"],
    filter: ["string"],
    max_results: ["integer", checkMost],
    order_by: ["array", "strings"],
  });
  const most = checkResults(asked.max_results ?? RESULTS_DEFAULT);
  const comparisons = readRunFilter(asked.filter ?? "");
  const orders = readOrders(asked.order_by ?? []);
  const conditions = runConditions(comparisons, database.place);
  const offset = offsetOf(asked.page_token);
  const experimentIds = (asked.experiment_ids ?? []).map(readExperimentId);
  const where = and(
    oneOf("r.experiment_id", experimentIds),
    oneOf("r.lifecycle_stage", stagesOf(asked.run_view_type)),
    ...conditions,
  );
  const found = database.read(() => findRuns(database, where, orders, most + 1n, offset));
  const hasMore = BigInt(found.length) > most;
  return {
    ids: hasMore ? found.slice(0, -1) : found,
    nextPageToken: hasMore ? makeToken(offset + most) : undefined,
  };
}

/** Throws for a number of results that MLflow does not give. */
export function checkResults(most: bigint): bigint {
  const what = `Invalid value ${most} for parameter 'max_results' supplied. It must be`;
  if (most < 1n) throw invalid(`${what} a positive integer`);
  if (most > RESULTS_MAX) throw invalid(`${what} at most ${RESULTS_MAX}`);
  return most;
}

export function stagesOf(view: number | undefined): string[] {
  if (view === VIEWS.ALL) return ["active", "deleted"];
  return view === VIEWS.DELETED_ONLY ? ["deleted"] : ["active"];
}

function readOrders(texts: readonly string[]): Order[] {
  const orders: Order[] = [];
  for (const each of texts) {
    const order = readOrder(each, { entityOf }, RUN_ORDERS);
    if (order.type === "dataset") throw invalid("Invalid identifier type 'dataset'");
    const column = columnOf(order);
    if (orders.some((other) => other.type === order.type && columnOf(other) === column))
      throw new RequestFault("INTERNAL_ERROR", `\`order_by\` contains duplicate fields: ${quoteList(texts)}`);
    orders.push(order);
  }
  return orders;
}

/** What two entries of one order may not share. */
function columnOf({ type, key }: Order): string {
  return type === "attribute" ? runColumn(key) : key;
}

/** Ids of a page of runs. */
function findRuns(
  database: ReadTables,
  where: Condition,
  orders: readonly Order[],
  most: bigint,
  offset: bigint,
): string[] {
  const joins: string[] = [];
  const keys: Cell[] = [];
  const by: string[] = [];
  for (const [index, order] of orders.entries()) {
    const direction = order.isAscending ? "" : " DESC";
    if (order.type === "attribute") {
      const column = runValue(order.key, database.place);
      by.push(`${column} IS NULL`, `${column}${direction}`);
      continue;
    }
    const table = { metric: "latest_metrics", parameter: "params", tag: "tags", dataset: "" }[order.type];
    const name = `o${index}`;
    joins.push(`LEFT OUTER JOIN ${table} ${name} ON ${name}.run_uuid = r.run_uuid AND ${name}."key" = ?`);
    keys.push(order.key);
    // What is no number stands behind numbers, and what is not there behind all.
    const isMissing = `${name}.value IS NULL`;
    by.push(
      order.type === "metric"
        ? `CASE WHEN ${name}.is_nan = 1 THEN 1 WHEN ${isMissing} THEN 2 ELSE 0 END`
        : isMissing,
      `${name}.value${direction}`,
    );
  }
  if (!orders.some((order) => order.type === "attribute" && columnOf(order) === "start_time"))
    by.push("r.start_time DESC");
  by.push("r.run_uuid");
  const rows = database.rows(
    `SELECT r.run_uuid FROM runs r ${joins.join(" ")} WHERE ${where.sql} ORDER BY ${by.join(", ")} LIMIT ? OFFSET ?`,
    [...keys, ...where.values, most, offset],
  );
  return rows.map(([id]) => String(id));
}
