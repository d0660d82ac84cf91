import test from "ava";
import type { ListOptions } from "../../src/cli/input/list-options.js";
import { listRequest } from "../../src/cli/input/list-request.js";
import { FilterOperator } from "../../src/gen/stepwell/v1/lists.js";

function filterOf(name: string) {
  const options = { name, logicalOperator: "and", output: "json" } as ListOptions;
  return listRequest(options, ["name"]).filters[0];
}

for (const [slip, meant] of [
  ["starts_with:x", "startswith"],
  ["starts-with:x", "startswith"],
  ["Contains:x", "contains"],
  ["CONTAIN:x", "contains"],
  ["one_of:a,b", "oneof"],
  ["not_equal:x", "notequals"],
  ["NotEquals:x", "notequals"],
  ["equal:x", "equals"],
  ["GTE:2026-01-31", "gte"],
  ["ge:2026-01-31", "gte"],
  ["eq:x", "equals"],
] as const)
  test(`${slip} is no value, but a slip for ${meant}`, (t) => {
    const { message, code } = t.throws(() => filterOf(slip)) as Error & { code: string };
    t.is(code, "STEPWELL_USAGE");
    t.true(message.includes(`Did you mean "${meant}"?`), message);
  });

for (const value of [
  "http://host:5000",
  "s3://bucket/x",
  "gs://bucket",
  "sqlite:////folder/mlflow.db",
  "databricks://contains",
  "file:/x",
  "2026-01-31T10:00:00Z",
  "10:30",
  "C:\\data",
  "note:x",
  "team:prod",
  "Model:v1",
  ":x",
  "plain",
])
  test(`${value} is a value`, (t) => {
    t.deepEqual(filterOf(value), { field: "name", operator: FilterOperator.FILTER_OPERATOR_EQUALS, value });
  });

test("an operator is one however much follows it, and after equals: all is a value", (t) => {
  t.like(filterOf("startswith:s3://a"), {
    operator: FilterOperator.FILTER_OPERATOR_STARTS_WITH,
    value: "s3://a",
  });
  t.like(filterOf("equals:Contains:x"), {
    operator: FilterOperator.FILTER_OPERATOR_EQUALS,
    value: "Contains:x",
  });
});
