/** A filter of experiments, as conditions of SQL. */

import { printFloat, quote } from "../../requests/python.js";
import { invalid } from "../../requests/request-fault.js";
import { readExperimentId } from "../experiments.js";
import { among, and, type Condition, compare, not, oneOf } from "./conditions.js";
import {
  badComparator,
  type Comparison,
  type Dialect,
  experimentEntityOf,
  readComparisons,
} from "./meaning.js";

/** Attributes that experiments may be filtered and ordered by. */
export const EXPERIMENT_ATTRIBUTES = ["name", "experiment_id", "creation_time", "last_update_time"];

const DIALECT: Dialect = {
  attributes: EXPERIMENT_ATTRIBUTES,
  numeric: ["creation_time", "last_update_time"],
  listed: ["experiment_id"],
  entityOf: experimentEntityOf,
  sayInvalid: (texts) => texts.join(", "),
  checkNull: (type, key) => {
    if (type === "tag") return;
    throw invalid(`IS NULL / IS NOT NULL is only supported for tags, not for attribute '${key}'`);
  },
};

const TEXT_COMPARATORS = ["!=", "=", "LIKE", "ILIKE", "IN", "NOT IN"];
const NUMERIC_COMPARATORS = [">", ">=", "!=", "=", "<", "<="];

/** Whether an experiment is one of those that the filter means; `e` is its row. */
export function experimentConditions(filter: string): Condition[] {
  return readComparisons(filter, DIALECT).map(conditionOf);
}

function conditionOf(comparison: Comparison): Condition {
  const { type, key, comparator, value = "" } = comparison;
  if (type === "tag") return tagCondition(key, comparator, value);
  if (key === "experiment_id") return idCondition(comparator, value);
  return DIALECT.numeric.includes(key)
    ? timeCondition(key, comparator, value)
    : nameCondition(key, comparator, value);
}

type Value = NonNullable<Comparison["value"]>;

function idCondition(comparator: string, value: Value): Condition {
  if (!["=", "!=", "IN", "NOT IN"].includes(comparator))
    throw invalid(`Invalid comparator for experiment_id: ${comparator}`);
  const ids = (Array.isArray(value) ? value : [value]).map((id) => readExperimentId(String(id)));
  const isOne = oneOf("e.experiment_id", ids);
  return comparator === "=" || comparator === "IN" ? isOne : not(isOne);
}

function nameCondition(key: string, comparator: string, value: Value): Condition {
  if (!TEXT_COMPARATORS.includes(comparator)) throw badComparator(comparator, TEXT_COMPARATORS);
  if (!["=", "!=", "LIKE", "ILIKE"].includes(comparator))
    throw invalid(`Invalid comparator for string attribute: ${comparator}`);
  return compare(`e.${key}`, comparator, value);
}

function timeCondition(key: string, comparator: string, value: Value): Condition {
  if (!NUMERIC_COMPARATORS.includes(comparator)) throw badComparator(comparator, TEXT_COMPARATORS, "");
  if (typeof value === "number")
    throw invalid(`Invalid value for numeric attribute '${key}': ${quote(printFloat(value))}`);
  return compare(`e.${key}`, comparator, value);
}

function tagCondition(key: string, comparator: string, value: Value): Condition {
  const query = "SELECT experiment_id FROM experiment_tags";
  const ofKey = compare('"key"', "=", key);
  if (comparator === "IS NULL") return not(among("e.experiment_id", query, ofKey));
  if (comparator === "IS NOT NULL") return among("e.experiment_id", query, ofKey);
  if (!["=", "!=", "LIKE", "ILIKE"].includes(comparator))
    throw invalid(`Invalid comparator for tag: ${comparator}`);
  return among("e.experiment_id", query, and(ofKey, compare("value", comparator, value)));
}
