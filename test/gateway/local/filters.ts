/** Random filters and orders: mostly such as people write, some as nobody should. */
import fc from "fast-check";
import { withSql } from "./sql-pieces.js";

const pick = (...values: string[]) => fc.constantFrom(...values);

const text = fc.oneof(
  {
    weight: 6,
    arbitrary: pick(
      "red",
      "green",
      "Blue",
      "b_lue",
      "100%",
      "0.01",
      "x",
      "RED",
      "RUNNING",
      "FINISHED",
      "train",
      "plain",
      "d1",
      "alpha",
      "Beta_1",
      "net",
      "%",
      "",
      "漢字 é",
    ),
  },
  { weight: 2, arbitrary: pick("%e%", "r_d", "%U%", "b\\_lue", "B%", "_", "%é", "G%", "1_0%", "beta%") },
  { weight: 1, arbitrary: fc.string({ maxLength: 5 }) },
);
const quoted = fc.oneof(
  { weight: 8, arbitrary: text.map((value) => `'${value.replaceAll("'", "")}'`) },
  { weight: 3, arbitrary: text.map((value) => `"${value.replaceAll('"', "")}"`) },
  {
    weight: 1,
    arbitrary: pick(
      "red",
      "`red`",
      "5",
      "NULL",
      "'it''s'",
      "'a\\'b'",
      "'",
      '"x',
      "''",
      "red.x",
      "f('x')",
      "('red')",
      "?",
    ),
  },
);
const number = fc.oneof(
  {
    weight: 6,
    arbitrary: pick(
      "0",
      "1",
      "-3.5",
      "0.1",
      "1e-7",
      "2",
      "1234567.25",
      "1.5E300",
      ".5",
      "1.",
      "-1",
      "1700000000000",
      "1700000003000",
    ),
  },
  {
    weight: 1,
    arbitrary: pick(
      "nan",
      "inf",
      "-inf",
      "+1",
      "0x1F",
      "'1'",
      "1e400",
      "99999999999999999999",
      "1 2",
      "(1)",
      "1_0",
      "1-1",
      "5.0",
    ),
  },
);
const list = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .array(text, { minLength: 1, maxLength: 3 })
      .map((values) => `(${values.map((value) => `'${value.replace(/['\\]/g, "")}'`).join(", ")})`),
  },
  {
    weight: 1,
    arbitrary: pick(
      "()",
      "('a',)",
      "(\"red\", 'x')",
      "(1)",
      "('a', 2)",
      "(a)",
      "('a' 'b')",
      "'red'",
      "('a'",
      "(,)",
      "('red';)",
      "((('a')))",
    ),
  },
);

const equal = pick("=", "!=", "=", "!=", "LIKE", "ILIKE", "like", "iLike");
const ordered = pick("=", "!=", "<", "<=", ">", ">=", "=", ">");
const odd = pick("==", "<>", "IN", "NOT LIKE", "RLIKE", "REGEXP", "~", "IS", "BETWEEN", "<", "LIKE", "=!");
const mostly = (usual: fc.Arbitrary<string>, unusual: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: unusual });
const spaced = (...parts: fc.Arbitrary<string>[]) =>
  fc
    .tuple(pick(" ", " ", " ", "  ", "\n", ""), ...parts)
    .map(([space, ...found]) => found.join(space || " "));
const tight = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts).map((found) => found.join(""));

/** What is filtered by, and how. */
export interface Vocabulary {
  readonly texts: readonly string[];
  readonly numbers: readonly string[];
  readonly metrics: readonly string[];
  readonly entries: readonly string[];
  readonly listed: readonly string[];
}

export const RUNS: Vocabulary = {
  texts: [
    "run_id",
    "run_name",
    "status",
    "user_id",
    "artifact_uri",
    "attributes.status",
    "attr.run_name",
    "attribute.`run name`",
    "run.user_id",
    "`Run Name`",
    '"status"',
    "dataset.name",
    "datasets.digest",
    "dataset.context",
    "dataset.`name`",
    "attributes.'status'",
  ],
  numbers: [
    "start_time",
    "end_time",
    "attributes.start_time",
    "created",
    "attribute.Created",
    "attributes.`end_time`",
  ],
  metrics: [
    "metrics.loss",
    "metric.acc",
    "metrics.`a b`",
    "metrics.val/loss",
    'metrics."val/loss"',
    "metrics.m.n",
    "metrics.`m.n`",
    "metrics.none",
    "metrics.`val/loss`",
  ],
  entries: [
    "params.lr",
    "param.opt",
    "parameters.`a b`",
    'params."a b"',
    "tags.color",
    "tag.note",
    "tags.mlflow.note",
    "tags.`mlflow.runName`",
    "params.none",
    "tags.'color'",
    "parameter.lr",
    "tags . color",
  ],
  listed: ["run_id", "attributes.run_id", "dataset.name", "datasets.digest", "dataset.context"],
};

export const EXPERIMENTS: Vocabulary = {
  texts: ["name", "attribute.name", "`name`", '"name"', "experiment_id", "attribute.experiment_id"],
  numbers: ["creation_time", "last_update_time", "attribute.creation_time"],
  metrics: ["creation_time", "last_update_time"],
  entries: ["tags.team", "tag.team", "tags.`a b`", 'tags."a b"', "tag.none"],
  listed: ["experiment_id", "attribute.experiment_id", "name"],
};

export const MODELS: Vocabulary = {
  texts: [
    "name",
    "model_id",
    "model_type",
    "source_run_id",
    "attributes.name",
    "status",
    "lifecycle_stage",
    "`name`",
    "attributes.`model_type`",
    "artifact_location",
    "experiment_id",
  ],
  numbers: [
    "creation_timestamp",
    "creation_time",
    "last_updated_timestamp",
    "creation_timestamp_ms",
    "attributes.creation_timestamp_ms",
    "last_updated_time",
  ],
  metrics: ["metrics.loss", "metrics.acc", "metrics.`a b`", "metrics.none", "metrics.val/loss"],
  entries: ["params.depth", "tags.color", "params.none", "tags.`color`", "tags.mlflow.note"],
  listed: ["name", "model_id", "tags.color", "params.depth", "status", "attributes.name"],
};

const ODD_NAMES = [
  ...["foo", "name", "key", "timestamp", "user", "metrics.", ".a", "x.y", "attributes.foo"],
  ...[
    "dataset.foo",
    "metrics.1a",
    "1",
    "'status'",
    "status desc",
    "a.b.c",
    "metrics.loss::float",
    "params.a-b",
    "(status)",
  ],
  ...["tags.key", "date", "end_x", "experiment_id", "lifecycle_stage", "*", "loss()", "group by", "é"],
];

function clause(words: Vocabulary): fc.Arbitrary<string> {
  const name = (names: readonly string[]) => mostly(pick(...names), pick(...ODD_NAMES));
  const beside = (left: fc.Arbitrary<string>, middle: fc.Arbitrary<string>, right: fc.Arbitrary<string>) =>
    fc.oneof(
      { weight: 5, arbitrary: spaced(left, middle, right) },
      { weight: 1, arbitrary: tight(left, pick("=", "!=", ">", "<"), right) },
    );
  const cross = fc.oneof(quoted, number, list);
  return fc.oneof(
    { weight: 4, arbitrary: beside(name(words.texts), mostly(equal, odd), mostly(quoted, cross)) },
    { weight: 2, arbitrary: beside(name(words.numbers), mostly(ordered, odd), mostly(number, cross)) },
    { weight: 4, arbitrary: beside(name(words.metrics), mostly(ordered, odd), mostly(number, cross)) },
    { weight: 4, arbitrary: beside(name(words.entries), mostly(equal, odd), mostly(quoted, cross)) },
    {
      weight: 2,
      arbitrary: spaced(name(words.listed), mostly(pick("IN", "NOT IN", "in", "not in"), odd), list),
    },
    {
      weight: 1,
      arbitrary: spaced(
        name(words.entries),
        pick("IS NULL", "IS NOT NULL", "is null", "IS  NOT NULL", "IS NOT  NULL"),
      ),
    },
    {
      weight: 1,
      arbitrary: pick(
        "status",
        "a b",
        "metrics.loss",
        "5",
        "'x'",
        "AND",
        "OR",
        "NOT",
        ",",
        ";",
        "-- c",
        "/* c */",
        "#",
        "where status = 'x'",
        "a as b",
        "(status = 'x')",
        "metrics.loss > 1 > 2",
        "1 + 1 = 2",
        "tags.color = 'red' desc",
        "tags.color = 'a', 'b'",
        "[a]",
        "a[0]",
        "\\x",
        "`",
        "=",
        "metrics.loss BETWEEN 1 AND 2",
      ),
    },
  );
}

/** A filter's text. */
export function filter(words: Vocabulary): fc.Arbitrary<string> {
  const joined = fc
    .tuple(
      clause(words),
      fc.array(
        fc.tuple(
          mostly(pick(" AND ", " and ", "\nAnd "), pick(" OR ", " ", ", ", "; ", " AND AND ", "AND")),
          clause(words),
        ),
        { maxLength: 2 },
      ),
    )
    .map(([first, rest]) => first + rest.map(([between, each]) => between + each).join(""));
  return fc.oneof(
    { weight: 20, arbitrary: joined },
    { weight: 1, arbitrary: pick("", " ", ";", " ; ", "\n") },
    { weight: 1, arbitrary: joined.map((each) => ` ${each} `) },
    { weight: 1, arbitrary: joined.map((each) => `${each};`) },
    { weight: 3, arbitrary: withSql(joined) },
    { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
  );
}

/** An entry of `order_by`. */
export function order(words: Vocabulary): fc.Arbitrary<string> {
  const names = [...words.texts, ...words.numbers, ...words.metrics, ...words.entries];
  return fc.oneof(
    { weight: 10, arbitrary: tight(pick(...names), pick("", " ASC", " DESC", " desc", "  asc", "\tDESC")) },
    {
      weight: 1,
      arbitrary: tight(
        pick(...names, ...ODD_NAMES),
        pick("", " DESC", " desc desc", " foo", " DESC NULLS LAST", ";", ", name", " ", " 'x'"),
      ),
    },
    {
      weight: 1,
      arbitrary: pick(
        "",
        " ",
        " name",
        "timestamp",
        "timestamp desc",
        "timestamp  ASC",
        "TIMESTAMP",
        "'",
        "`",
        "a b c",
        "name asc, name",
        "5",
        "metrics.loss > 1",
        '"a b',
        "a\\ b",
        "tags.`x",
        "-- c",
      ),
    },
  );
}
