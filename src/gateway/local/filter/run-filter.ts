/** A filter of runs, as conditions of SQL. */
import { invalid } from "../../requests/request-fault.js";
import { type ArtifactPlace, shownColumn } from "../artifact-location.js";
import { among, and, type Condition, compare, not, or } from "./conditions.js";
import { badComparator, type Comparison, type Dialect, entityOf, readComparisons } from "./meaning.js";

/** Attributes that runs may be ordered by; they may be filtered by some aliases more. */
export const RUN_ORDERS = [
  "artifact_uri",
  "end_time",
  "run_id",
  "run_name",
  "start_time",
  "status",
  "user_id",
  "created",
  "Created",
];

const DIALECT: Dialect = {
  attributes: [...RUN_ORDERS, "run name", "Run name", "Run Name"],
  numeric: ["start_time", "end_time", "created", "Created"],
  listed: ["run_id"],
  entityOf,
  sayInvalid: (texts) => texts.map((text) => `'${text}'`).join(", "),
  checkNull: (type, key) => {
    if (type === "tag" || type === "parameter") return;
    throw invalid(`IS NULL / IS NOT NULL is only supported for tags and params, not for '${type}' '${key}'`);
  },
};

const NUMERIC_COMPARATORS = [">", ">=", "!=", "=", "<", "<="];
const TEXT_COMPARATORS = ["!=", "=", "LIKE", "ILIKE", "IN", "NOT IN"];
const ENTRY_COMPARATORS = ["!=", "=", "LIKE", "ILIKE", "IS NULL", "IS NOT NULL"];

/** The column of an attribute, by its name or an alias. */
export function runColumn(key: string): string {
  switch (key) {
    case "created":
    case "Created":
      return "start_time";
    case "run_name":
    case "run name":
    case "Run name":
    case "Run Name":
      return "name";
    case "run_id":
      return "run_uuid";
    default:
      return key;
  }
}

/** What a filter of runs compares. Whether it may be compared so is asked by `runConditions`, as MLflow does. */
export function readRunFilter(filter: string): Comparison[] {
  return readComparisons(filter, DIALECT);
}

/** Whether a run is one of those that the comparisons mean; `r` is its row. */
export function runConditions(comparisons: readonly Comparison[], place: ArtifactPlace): Condition[] {
  return comparisons.map((comparison) => conditionOf(comparison, place));
}

/** What an attribute is compared and ordered by; `r` is the run's row. */
export function runValue(key: string, place: ArtifactPlace): string {
  const column = `r.${runColumn(key)}`;
  return key === "artifact_uri" ? shownColumn(place, column) : column;
}

function conditionOf(comparison: Comparison, place: ArtifactPlace): Condition {
  const { type, key, value } = comparison;
  const comparator = comparison.comparator.toUpperCase();
  checkComparator(comparison, comparator);
  switch (type) {
    case "attribute":
      return attributeCondition(key, comparator, value ?? "", place);
    case "metric":
      return metricCondition(key, comparator, Number(value));
    case "parameter":
      return entryCondition("params", key, comparator, value ?? "");
    case "tag":
      return entryCondition("tags", key, comparator, value ?? "");
    case "dataset":
      return datasetCondition(key, comparator, value ?? "");
  }
}

function checkComparator({ type, key }: Comparison, comparator: string): void {
  const check = (valid: readonly string[], end?: string, shown = valid) => {
    if (!valid.includes(comparator)) throw badComparator(comparator, shown, end);
  };
  switch (type) {
    case "attribute":
      if (!DIALECT.numeric.includes(key)) return check(TEXT_COMPARATORS);
      return check(NUMERIC_COMPARATORS, "", TEXT_COMPARATORS);
    case "metric":
      return check(NUMERIC_COMPARATORS, "");
    case "parameter":
      return check(ENTRY_COMPARATORS);
    case "tag":
      return check(ENTRY_COMPARATORS, "");
    case "dataset":
      return check(TEXT_COMPARATORS, "");
  }
}

type Value = NonNullable<Comparison["value"]>;

/** A run's name is what its tag says: early MLflow has it there alone. */
function attributeCondition(key: string, comparator: string, value: Value, place: ArtifactPlace): Condition {
  return runColumn(key) === "name"
    ? entryCondition("tags", "mlflow.runName", comparator, value)
    : compare(runValue(key, place), comparator, value);
}

function entryCondition(table: "params" | "tags", key: string, comparator: string, value: Value): Condition {
  const query = `SELECT run_uuid FROM ${table}`;
  const ofKey = compare('"key"', "=", key);
  if (comparator === "IS NULL") return not(among("r.run_uuid", query, ofKey));
  if (comparator === "IS NOT NULL") return among("r.run_uuid", query, ofKey);
  return among("r.run_uuid", query, and(ofKey, compare("value", comparator, value)));
}

/** What is no number is not equal to anything, and nothing else. */
function metricCondition(key: string, comparator: string, value: number): Condition {
  const isNan = { sql: "is_nan = 1", values: [] };
  const compared = compare("value", comparator, value);
  const condition = comparator === "!=" ? or(compared, isNan) : and(compared, not(isNan));
  return among(
    "r.run_uuid",
    "SELECT run_uuid FROM latest_metrics",
    and(compare('"key"', "=", key), condition),
  );
}

function datasetCondition(key: string, comparator: string, value: Value): Condition {
  const datasets = "SELECT i.destination_id FROM datasets d JOIN inputs i ON i.source_id = d.dataset_uuid";
  if (key !== "context") return among("r.run_uuid", datasets, compare(`d.${key}`, comparator, value));
  const tagged = `${datasets} JOIN input_tags t ON t.input_uuid = i.input_uuid AND t.name = 'mlflow.data.context'`;
  return among("r.run_uuid", tagged, compare("t.value", comparator, value));
}
