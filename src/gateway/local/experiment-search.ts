/** `experiments/search`. */
import { invalid } from "../requests/request-fault.js";
import { int64, type LocalRequest, list, numbered, readMessage, text } from "../requests/request-message.js";
import type { Cell, Queries } from "./cells.js";
import type { LocalDatabase } from "./database.js";
import { and, oneOf } from "./filter/conditions.js";
import { EXPERIMENT_ATTRIBUTES, experimentConditions } from "./filter/experiment-filter.js";
import { experimentEntityOf } from "./filter/meaning.js";
import { readOrder } from "./filter/order.js";
import { makeToken, offsetOf, type Page } from "./page-token.js";
import { printMessage } from "./printed-json.js";
import { checkResults, stagesOf, VIEWS } from "./run-search.js";
import { loadExperiments } from "./stored-experiments.js";

const ORDER_DEFAULT = ["creation_time DESC", "experiment_id ASC"];

export function searchExperiments(database: LocalDatabase, request: LocalRequest): string {
  return database.read(() => {
    const { ids, nextPageToken } = findExperimentPage(database, request);
    return printMessage({ experiments: loadExperiments(database, ids), next_page_token: nextPageToken });
  });
}

/** The experiments that a request asks for; within a transaction. */
export function findExperimentPage(database: Queries, request: LocalRequest): Page<Cell> {
  const fields = {
    max_results: int64,
    page_token: text,
    filter: text,
    order_by: list(text),
    view_type: numbered(VIEWS),
  };
  const asked = readMessage(request, fields, {
    view_type: ["integer"],
    max_results: ["integer"],
    order_by: ["array"],
    filter: ["string"],
    page_token: ["string"],
  });
  const most = checkResults(asked.max_results ?? 0n);
  const conditions = experimentConditions(asked.filter ?? "");
  const order = orderOf(asked.order_by ?? []);
  const offset = offsetOf(asked.page_token);
  const where = and(...conditions, oneOf("e.lifecycle_stage", stagesOf(asked.view_type)));
  const rows = database.rows(
    `SELECT e.experiment_id FROM experiments e WHERE ${where.sql} ORDER BY ${order} LIMIT ? OFFSET ?`,
    [...where.values, most + 1n, offset],
  );
  const hasMore = BigInt(rows.length) > most;
  return {
    ids: rows.slice(0, hasMore ? -1 : undefined).map(([id]) => id ?? null),
    nextPageToken: hasMore ? makeToken(offset + most) : undefined,
  };
}

function orderOf(texts: readonly string[]): string {
  const orders = (texts.length > 0 ? texts : ORDER_DEFAULT).map((each) => {
    const order = readOrder(each, { entityOf: experimentEntityOf }, EXPERIMENT_ATTRIBUTES);
    if (order.type !== "attribute") throw invalid(`Invalid order_by entity: ${order.type}`);
    return order;
  });
  const by = orders.map(({ key, isAscending }) => `e.${key}${isAscending ? "" : " DESC"}`);
  if (!orders.some(({ key }) => key === "experiment_id")) by.push("e.experiment_id DESC");
  return by.join(", ");
}
