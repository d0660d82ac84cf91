/**
 * What the clauses of a filter mean for runs and experiments, in MLflow's words (MLflow 3.17.2, search_utils): names of
 * entities and their aliases, quotations, and what may be compared with what.
 */

import { numberOf, quote, quoteList, quoteSet, quoteTuple, readInt } from "../../requests/python.js";
import { invalid, RequestFault } from "../../requests/request-fault.js";
import { type Clause, type Part, parseClauses, type Side } from "./clauses.js";
import type { Operand } from "./conditions.js";
import { readList } from "./literals.js";

export type EntityType = "metric" | "parameter" | "tag" | "attribute" | "dataset";

/** A clause whose sides are understood. */
export interface Comparison {
  readonly type: EntityType;
  readonly key: string;
  /** As it is written. */
  readonly comparator: string;
  /** Missing for IS NULL and IS NOT NULL. */
  readonly value: Operand | undefined;
}

/** What differs between what is searched. */
export interface Dialect {
  readonly attributes: readonly string[];
  readonly numeric: readonly string[];
  /** Attributes that may be compared with a list. */
  readonly listed: readonly string[];
  /** The entity that a name's first part means. */
  entityOf(name: string): EntityType;
  /** MLflow's sentence for what stands where clauses do. */
  sayInvalid(texts: readonly string[]): string;
  /** Throws where the entity can't be NULL. */
  checkNull(type: EntityType, key: string): void;
}

const DATASET_KEYS = ["name", "digest", "context"];
const ENTITIES: Readonly<Record<EntityType, readonly string[]>> = {
  metric: ["metric", "metrics"],
  parameter: ["parameter", "parameters", "param", "params"],
  tag: ["tag", "tags"],
  attribute: ["attribute", "attributes", "attr", "run"],
  dataset: ["dataset", "datasets"],
};

/** The comparisons of a filter's text. */
export function readComparisons(text: string, dialect: Dialect): Comparison[] {
  if (text === "") return [];
  const parsed = parseClauses(text);
  switch (parsed.kind) {
    case "nothing":
      throw invalid(`Invalid filter '${text}'. Could not be parsed.`);
    case "several":
      throw invalid(
        `Search filter contained multiple expression ${quote(text)}. Provide AND-ed expression list.`,
      );
    case "too much":
      throw invalid(`Error on parsing filter '${text}'`);
    case "parts": {
      const wrong = parsed.parts.flatMap((part) => (part.kind === "other" ? [part.text] : []));
      if (wrong.length > 0) throw invalid(`Invalid clause(s) in filter string: ${dialect.sayInvalid(wrong)}`);
      return parsed.parts.filter(isClause).map(({ clause }) => comparisonOf(clause, dialect));
    }
  }
}

/** MLflow's word for an entity, by any of its names. */
export function entityOf(name: string): EntityType {
  const bare = trimQuotes(name, "`");
  for (const [type, names] of Object.entries(ENTITIES)) if (names.includes(bare)) return type as EntityType;
  throw invalid(
    `Invalid entity type '${bare}'. Valid values are ${quoteList(["metric", "parameter", "tag", "attribute", "dataset"])}`,
  );
}

/** What a name means: an attribute's, or one of an entity. */
export function readName(
  text: string,
  dialect: Pick<Dialect, "entityOf">,
  attributes: readonly string[],
): { readonly type: EntityType; readonly key: string } {
  const point = text.indexOf(".");
  const type = point < 0 ? "attribute" : dialect.entityOf(text.slice(0, point));
  const key = trimQuotes(trimQuotes(point < 0 ? text : text.slice(point + 1), "'", '"'), "`");
  if (type === "attribute" && !attributes.includes(key))
    throw invalid(`Invalid attribute key '${key}' specified. Valid keys are '${quoteSet(attributes)}'`);
  if (type === "dataset" && !DATASET_KEYS.includes(key))
    throw invalid(`Invalid dataset key '${key}' specified. Valid keys are '${quoteSet(DATASET_KEYS)}'`);
  return { type, key };
}

function isClause(part: Part): part is Part & { kind: "clause" } {
  return part.kind === "clause";
}

function comparisonOf({ left, comparator, right, comments }: Clause, dialect: Dialect): Comparison {
  if (comments > 0) throw invalid(`Invalid comparison clause. Expected 3 tokens found ${3 + comments}`);
  if (left.kind !== "identifier")
    throw invalid(`Invalid comparison clause. Expected 'Identifier' found '${left.text}'`);
  const { type, key } = readName(left.text, dialect, dialect.attributes);
  if (right) return { type, key, comparator, value: operandOf(type, key, right, dialect) };
  dialect.checkNull(type, key);
  return { type, key, comparator, value: undefined };
}

function operandOf(type: EntityType, key: string, side: Side, dialect: Dialect): Operand {
  switch (type) {
    case "metric":
      if (!isNumber(side)) throw invalid(`Expected numeric value type for metric. Found ${side.text}`);
      return numberOf(side.text);
    case "parameter":
    case "tag":
      if (isText(side)) return unquote(side.text);
      throw invalid(`Expected a quoted string value for ${type} (e.g. 'my-value'). Got value ${side.text}`);
    case "attribute":
      return dialect.numeric.includes(key) ? numericOf(key, side) : textOf(key, side, dialect);
    case "dataset":
      if (isText(side)) return unquote(side.text);
      if (side.kind === "list") return listOf(side.text);
      throw invalid(`Expected a quoted string value for dataset attributes. Got value ${side.text}`);
  }
}

/** An integer as a bigint, and a number with a point as a number. */
function numericOf(key: string, side: Side): Operand {
  if (side.kind === "integer") return readInt(side.text) ?? 0n;
  if (side.kind === "float") return numberOf(side.text);
  throw invalid(`Expected numeric value type for numeric attribute: ${key}. Found ${side.text}`);
}

function textOf(key: string, side: Side, { listed }: Dialect): Operand {
  if (isText(side)) return unquote(side.text);
  if (side.kind !== "list")
    throw invalid(`Expected a quoted string value for attributes. Got value ${side.text}`);
  if (!listed.includes(key))
    throw invalid(
      `Only ${quoteList(listed)} attributes support comparison with a list of quoted string values.`,
    );
  return listOf(side.text);
}

/** The texts of a list in parentheses. */
function listOf(text: string): string[] {
  const list = readList(text);
  const parsing = "While parsing a list in the query,";
  switch (list.kind) {
    case "ill-formed":
      throw invalid(`${parsing} expected a non-empty list of string values, but got ill-formed list.`);
    case "malformed":
      throw new RequestFault("INTERNAL_ERROR", `malformed node or string on line 1: ${text}`);
    case "mixed":
      throw invalid(
        `${parsing} expected string value, punctuation, or whitespace, but got different type in list: ${list.shown}`,
      );
    case "texts":
      if (list.texts.length > 0) return [...list.texts];
      throw invalid(`${parsing} expected a non-empty list of string values, but got empty list`);
  }
}

function isNumber({ kind }: Side): boolean {
  return kind === "integer" || kind === "float";
}

function isText({ kind }: Side): boolean {
  return kind === "text" || kind === "identifier";
}

/** The text between quotation marks; MLflow wants one of the two kinds. */
function unquote(text: string): string {
  if (isQuoted(text, "'") || isQuoted(text, '"')) return text.slice(1, -1);
  throw invalid(
    `Parameter value is either not quoted or unidentified quote types used for string value ${text}. Use either single or double quotes.`,
  );
}

function trimQuotes(text: string, ...marks: readonly string[]): string {
  return marks.some((mark) => isQuoted(text, mark)) ? text.slice(1, -1) : text;
}

function isQuoted(text: string, mark: string): boolean {
  return text.length >= 2 && text.startsWith(mark) && text.endsWith(mark);
}

/** What the two dialects say of a comparator that an entity does not take. */
export function badComparator(comparator: string, valid: readonly string[], end = "'"): RequestFault {
  return invalid(`Invalid comparator '${comparator}' not one of '${quoteSet(valid)}${end}`);
}

/** The dialect of experiments: two entities, no more. */
export function experimentEntityOf(name: string): EntityType {
  const valid = ["attribute", "tag", "tags"];
  if (valid.includes(name)) return entityOf(name);
  throw invalid(`Invalid entity type '${name}'. Valid entity types are ${quoteTuple(valid)}`);
}
