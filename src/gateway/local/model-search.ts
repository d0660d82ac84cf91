/** `logged-models/search`. */

import { escapeAscii, quoteValue, typeName } from "../requests/python.js";
import { invalid, RequestFault } from "../requests/request-fault.js";
import {
  flag,
  int32,
  type LocalRequest,
  list,
  message,
  readMessage,
  text,
} from "../requests/request-message.js";
import { type ArtifactPlace, shownColumn } from "./artifact-location.js";
import type { Cell } from "./cells.js";
import type { LocalDatabase } from "./database.js";
import { readExperimentId } from "./experiments.js";
import { among, and, type Condition, compare, oneOf, or } from "./filter/conditions.js";
import {
  isModelColumn,
  type ModelComparison,
  modelColumn,
  readModelComparisons,
} from "./filter/model-filter.js";
import { decodeBase64 } from "./page-token.js";
import { printLine, printMessage } from "./printed-json.js";
import { loadModels } from "./stored-models.js";

const RESULTS_DEFAULT = 50n;
/** What none means. */
const RESULTS_OF_NONE = 100n;

interface Dataset {
  readonly name: string;
  readonly digest: string | null;
}

/** One entry of the order, as MLflow keeps it in its token. */
interface OrderBy {
  readonly field_name: string;
  readonly ascending: boolean;
  readonly dataset_name: string | null;
  readonly dataset_digest: string | null;
}

/** What a page belongs to. */
interface Search {
  readonly experiment_ids: readonly string[];
  readonly filter_string: string | null;
  readonly order_by: readonly OrderBy[] | null;
}

export function searchModels(database: LocalDatabase, request: LocalRequest): string {
  const dataset = message({ dataset_name: text, dataset_digest: text });
  const order = message({ field_name: text, ascending: flag, dataset_name: text, dataset_digest: text });
  const fields = {
    experiment_ids: list(text),
    filter: text,
    datasets: list(dataset),
    max_results: int32,
    order_by: list(order),
    page_token: text,
  };
  const asked = readMessage(request, fields, {
    experiment_ids: ["array", "strings", "required"],
    filter: ["string"],
    datasets: ["array"],
    max_results: ["integer"],
    order_by: ["array"],
    page_token: ["string"],
  });
  const datasets = (asked.datasets ?? []).map((each) => ({
    name: each.dataset_name ?? "",
    digest: each.dataset_digest || null,
  }));
  if (datasets.some(({ name }) => name === ""))
    throw invalid("`dataset_name` in the `datasets` clause must be specified.");
  const orders = (asked.order_by ?? []).map((each) => ({
    field_name: each.field_name ?? "",
    ascending: each.ascending ?? true,
    dataset_name: each.dataset_name || null,
    dataset_digest: each.dataset_digest || null,
  }));
  const search: Search = {
    experiment_ids: asked.experiment_ids ?? [],
    filter_string: asked.filter || null,
    order_by: orders.length > 0 ? orders : null,
  };
  const offset = asked.page_token ? offsetOf(asked.page_token, search) : 0n;
  const most = (asked.max_results ?? RESULTS_DEFAULT) || RESULTS_OF_NONE;
  const where = conditionOf(search, datasets, database.place);
  const by = orderOf(orders, database.place);
  return database.read(() => {
    const rows = database.rows(
      `SELECT m.model_id FROM logged_models m ${by.joins} WHERE ${where.sql} ORDER BY ${by.sql} LIMIT ? OFFSET ?`,
      [...by.values, ...where.values, most + 1n, offset],
    );
    const ids = rows.map(([id]) => String(id));
    return printMessage({
      models: loadModels(database, ids.slice(0, Number(most))),
      next_page_token: BigInt(ids.length) > most ? tokenOf(search, offset + most) : undefined,
    });
  });
}

function conditionOf(search: Search, datasets: readonly Dataset[], place: ArtifactPlace): Condition {
  const ofDatasets = datasets.map(({ name, digest }) =>
    and(
      compare("dataset_name", "=", name),
      digest === null
        ? { sql: "dataset_digest IS NULL", values: [] }
        : compare("dataset_digest", "=", digest),
    ),
  );
  const inDatasets = datasets.length > 0 ? [or(...ofDatasets)] : [];
  const comparisons = readModelComparisons(search.filter_string ?? "");
  const conditions = comparisons.map((comparison) => comparedWith(comparison, inDatasets, place));
  if (datasets.length > 0 && !comparisons.some(({ type }) => type === "metrics"))
    conditions.push(among("m.model_id", METRICS, or(...ofDatasets)));
  const experimentIds = search.experiment_ids.map(readExperimentId);
  return and(
    { sql: "m.lifecycle_stage <> 'deleted'", values: [] },
    oneOf("m.experiment_id", experimentIds),
    ...conditions,
  );
}

const METRICS = "SELECT model_id FROM logged_model_metrics";

function comparedWith(
  { type, key, comparator, value }: ModelComparison,
  inDatasets: readonly Condition[],
  place: ArtifactPlace,
): Condition {
  switch (type) {
    case "attributes":
      return compare(modelValue(modelColumn(key), place), comparator, value);
    case "metrics": {
      const compared = compare("metric_value", comparator, value);
      return among("m.model_id", METRICS, and(compare("metric_name", "=", key), compared, ...inDatasets));
    }
    case "params":
    case "tags": {
      const name = type === "params" ? "param" : "tag";
      const entry = and(compare(`${name}_key`, "=", key), compare(`${name}_value`, comparator, value));
      return among("m.model_id", `SELECT model_id FROM logged_model_${type}`, entry);
    }
  }
}

interface By {
  readonly joins: string;
  readonly sql: string;
  readonly values: readonly Cell[];
}

/** What an attribute is compared and ordered by. */
function modelValue(column: string, place: ArtifactPlace): string {
  return column === "artifact_location" ? shownColumn(place, `m.${column}`) : `m.${column}`;
}

function orderOf(orders: readonly OrderBy[], place: ArtifactPlace): By {
  const joins: string[] = [];
  const by: string[] = [];
  const values: Cell[] = [];
  const columns = new Set<string>();
  for (const [index, order] of orders.entries()) {
    const direction = order.ascending ? "" : " DESC";
    const point = order.field_name.indexOf(".");
    let column = `o${index}.metric_value`;
    if (point < 0) {
      const name = modelColumn(order.field_name);
      if (!isModelColumn(name))
        throw new RequestFault(
          "INVALID_PARAMETER_VALUE",
          `Invalid order by field name: ${order.field_name}`,
          "ATTRIBUTE_NOT_FOUND",
        );
      column = modelValue(name, place);
      columns.add(name);
    } else if (order.field_name.slice(0, point) !== "metrics") {
      throw invalid(`Invalid order by field name: ${order.field_name}. Only metrics are supported.`);
    } else {
      const latest = latestMetric(order.field_name.slice(point + 1), order);
      joins.push(`LEFT OUTER JOIN (${latest.sql}) o${index} ON o${index}.model_id = m.model_id`);
      values.push(...latest.values);
    }
    by.push(`${column} IS NULL`, `${column}${direction}`);
  }
  if (!columns.has("creation_timestamp_ms")) by.push("m.creation_timestamp_ms DESC");
  if (!columns.has("model_id")) by.push("m.model_id");
  return { joins: joins.join(" "), sql: by.join(", "), values };
}

/** Each model's latest value of a metric. */
function latestMetric(key: string, { dataset_name: name, dataset_digest: digest }: OrderBy): Condition {
  const where = and(
    compare("metric_name", "=", key),
    ...(name ? [compare("dataset_name", "=", name)] : []),
    ...(digest ? [compare("dataset_digest", "=", digest)] : []),
  );
  const place =
    "row_number() OVER (PARTITION BY model_id, metric_name ORDER BY metric_timestamp_ms DESC, metric_step DESC, run_id)";
  return {
    sql: `SELECT * FROM (SELECT model_id, metric_value, ${place} AS place FROM logged_model_metrics WHERE ${where.sql}) WHERE place = 1`,
    values: where.values,
  };
}

function tokenOf(search: Search, offset: bigint): string {
  const fields = Object.entries({ ...search, offset: Number(offset) }).map(
    ([name, value]) => `${JSON.stringify(name)}: ${printLine(value)}`,
  );
  return Buffer.from(escapeAscii(`{${fields.join(", ")}}`)).toString("base64");
}

/** Where a page begins. Throws for a token of another search. */
function offsetOf(token: string, search: Search): bigint {
  const found = decode(token);
  const same = (what: string, name: string, expected: unknown, actual: unknown) => {
    if (JSON.stringify(expected) === JSON.stringify(actual)) return;
    throw invalid(`${what} in the page token do${name}. Expected: ${show(expected)}. Found: ${show(actual)}`);
  };
  same(
    "Experiment IDs",
    " not match the requested experiment IDs",
    search.experiment_ids,
    found["experiment_ids"],
  );
  same(
    "Filter string",
    "es not match the requested filter string",
    search.filter_string,
    found["filter_string"] || null,
  );
  same("Order by", "es not match the requested order by", search.order_by, found["order_by"] || null);
  return BigInt(Math.trunc(Number(found["offset"] ?? 0)) || 0);
}

function show(value: unknown): string {
  return typeof value === "string" ? value : quoteValue(value);
}

function decode(token: string): Readonly<Record<string, unknown>> {
  // What is no character of base64 is skipped here, letters of other scripts, too.
  const decoded = decodeBase64(token.replace(/\P{ASCII}/gu, "")).toString("utf8");
  let found: unknown;
  try {
    found = JSON.parse(decoded);
  } catch {
    throw invalid(`Invalid page token: ${token}. Expecting value: line 1 column 1 (char 0)`);
  }
  if (typeof found === "object" && found !== null && !Array.isArray(found))
    return found as Record<string, unknown>;
  throw new RequestFault("INTERNAL_ERROR", `'${typeName(found)}' object has no attribute 'get'`);
}
