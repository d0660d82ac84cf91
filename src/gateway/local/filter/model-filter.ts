/** A filter of logged models, which MLflow reads in a way of its own (MLflow 3.17.2, search_logged_model_utils). */

import { numberOf, quote, quoteList, quoteTuple } from "../../requests/python.js";
import { invalid, RequestFault } from "../../requests/request-fault.js";
import { type Clause, parseClauses } from "./clauses.js";
import type { Operand } from "./conditions.js";
import { readList } from "./literals.js";

type ModelEntity = "attributes" | "metrics" | "params" | "tags";

export interface ModelComparison {
  readonly type: ModelEntity;
  readonly key: string;
  readonly comparator: string;
  readonly value: Operand;
}

const ENTITIES: readonly string[] = ["attributes", "metrics", "params", "tags"] satisfies ModelEntity[];
const NUMERIC_COMPARATORS = ["<", "<=", ">", ">=", "=", "!="];
const TEXT_COMPARATORS = ["=", "!=", "LIKE", "ILIKE", "IN", "NOT IN"];
const NUMERIC = ["creation_timestamp_ms", "last_updated_timestamp_ms"];
const COLUMNS = [
  "model_id",
  "experiment_id",
  "name",
  "artifact_location",
  "creation_timestamp_ms",
  "last_updated_timestamp_ms",
  "status",
  "lifecycle_stage",
  "model_type",
  "source_run_id",
  "status_message",
];

/** The column of an attribute, by its name or an alias. */
export function modelColumn(name: string): string {
  switch (name) {
    case "creation_time":
    case "creation_timestamp":
      return "creation_timestamp_ms";
    case "last_updated_timestamp":
      return "last_updated_timestamp_ms";
    default:
      return name;
  }
}

export function isModelColumn(column: string): boolean {
  return COLUMNS.includes(column);
}

/** The comparisons of a filter's text. */
export function readModelComparisons(text: string): ModelComparison[] {
  if (text === "") return [];
  const parsed = parseClauses(text);
  if (parsed.kind === "too much") throw invalid(`Invalid filter string: ${quote(text)}. SQLParseError()`);
  if (parsed.kind !== "parts")
    throw invalid(`Invalid filter string: ${quote(text)}. Expected a single SQL expression.`);
  const found: ModelComparison[] = [];
  for (const part of parsed.parts) {
    if (part.kind === "other")
      throw invalid(
        `Invalid filter string: ${quote(text)}. Expected a list of comparisons separated by 'AND' (e.g. 'metrics.loss > 0.1 AND params.lr = 0.01').`,
      );
    if (part.kind === "clause") found.push(comparisonOf(part.clause));
  }
  for (const { type, key } of found)
    if (type === "attributes" && !isModelColumn(modelColumn(key)))
      throw new RequestFault("INTERNAL_ERROR", `type object 'SqlLoggedModel' has no attribute '${key}'`);
  return found;
}

function comparisonOf({ text, left, comparator, right, comments }: Clause): ModelComparison {
  if (!right || comments > 0)
    throw invalid(`Invalid comparison: ${text}. Expected a comparison with 3 tokens.`);
  const { type, key } = readEntity(left.text);
  const isNumeric = type === "metrics" || (type === "attributes" && NUMERIC.includes(modelColumn(key)));
  const op = comparator.toUpperCase();
  const valid = isNumeric ? NUMERIC_COMPARATORS : TEXT_COMPARATORS;
  if (!valid.includes(op))
    throw invalid(
      `Invalid comparison operator for ${type}.${key}: ${quote(op)}. Expected one of ${quoteTuple(valid)}.`,
    );
  return { type, key, comparator: op, value: isNumeric ? readFloat(right.text) : readText(right.text) };
}

function readEntity(text: string): { readonly type: ModelEntity; readonly key: string } {
  const [, entity, key] = /^([a-z]+)\.(.+)\n?$/.exec(text) ?? [];
  if (entity === undefined || key === undefined)
    return { type: "attributes", key: stripMarks(modelColumn(text), "`") };
  if (!isEntity(entity))
    throw invalid(`Invalid entity type: ${quote(entity)}. Expected one of ${quoteList(ENTITIES)}.`);
  return { type: entity, key: stripMarks(key, "`") };
}

function isEntity(name: string): name is ModelEntity {
  return ENTITIES.includes(name);
}

/** Python's float() of a text. What is no number compares with nothing. */
function readFloat(text: string): number {
  const odd = /^\s*([+-]?)(?:(inf|infinity)|nan)\s*$/i.exec(text);
  if (odd) return odd[2] ? Number(`${odd[1]}Infinity`) : Number.NaN;
  const plain = text.replace(/(\p{Nd})_(?=\p{Nd})/gu, "$1");
  if (/^\s*[+-]?(?:\p{Nd}+\.?\p{Nd}*|\.\p{Nd}+)(?:e[+-]?\p{Nd}+)?\s*$/iu.test(plain)) return numberOf(plain);
  throw new RequestFault("INTERNAL_ERROR", `could not convert string to float: ${quote(text)}`);
}

function readText(text: string): Operand {
  if (!text.startsWith("(") || !text.endsWith(")")) return stripMarks(text, "'");
  const list = readList(text);
  const values = list.kind === "texts" ? list.texts : list.kind === "mixed" ? list.values : undefined;
  if (values === undefined)
    throw new RequestFault("INTERNAL_ERROR", `malformed node or string on line 1: ${text}`);
  return values;
}

/** Python's strip(): all of them, at both ends. */
function stripMarks(text: string, mark: string): string {
  let begin = 0;
  let end = text.length;
  while (begin < end && text[begin] === mark) begin++;
  while (end > begin && text[end - 1] === mark) end--;
  return text.slice(begin, end);
}
