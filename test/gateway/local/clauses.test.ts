/** What stands in a filter, grouped as MLflow's reader of filters groups it (sqlparse 0.6.1): each row was taken from it. */
import test from "ava";
import { parseClauses } from "../../../src/gateway/local/filter/clauses.js";

/** A clause in brackets, AND as a plus, and all else as it is. */
function show(text: string): string {
  const parsed = parseClauses(text);
  if (parsed.kind !== "parts") return parsed.kind;
  return parsed.parts
    .map((part) => {
      if (part.kind === "and") return "+";
      if (part.kind === "other") return part.text;
      const { left, comparator, right } = part.clause;
      return `[${left.text}|${comparator}${right ? `|${right.text}` : ""}]`;
    })
    .join(" ");
}

const ROWS: readonly (readonly [filter: string, shown: string])[] = [
  ["metrics.loss > 0.1 AND params.lr = '0.01'", "[metrics.loss|>|0.1] + [params.lr|=|'0.01']"],
  ["metrics.`a b`>-1e-3", "[metrics.`a b`|>|-1e-3]"],
  [`tags."my key" like 'x%'`, `[tags."my key"|like|'x%']`],
  ["run_id IN ('a','b') and status != \"x\"", `[run_id|IN|('a','b')] + [status|!=|"x"]`],
  ["run_id NOT IN ('a')", "[run_id|NOT IN|('a')]"],
  ["tags.a is null AND tags.b IS NOT NULL", "[tags.a|IS NULL] + [tags.b|IS NOT NULL]"],
  ["params.a = 'it''s' AND params.b = 'a\\'b'", "[params.a|=|'it''s'] + [params.b|=|'a\\'b']"],
  ["tags.mlflow.source.name = 'x'", "[tags.mlflow.source.name|=|'x']"],
  ["tags.key = 'x' AND key = 'x'", "[tags.key|=|'x'] + key = 'x'"],
  ["metrics . a\n>\n1", "[metrics . a|>|1]"],
  ["metrics.a > +1", "metrics.a > + 1"],
  ["metrics.val/loss > 1", "[metrics.val/loss|>|1]"],
  ["metrics.1 > 2", "metrics [.1|>|2]"],
  ["run name = 'x'", "run [name|=|'x']"],
  ["a b c", "a b c"],
  ["metrics.a > 1 > 2", "[metrics.a > 1|>|2]"],
  ["tags.a='b','c'", "tags.a='b','c'"],
  ["metrics.a = 1 OR metrics.b = 2", "[metrics.a|=|1] OR [metrics.b|=|2]"],
  ["metrics.a BETWEEN 1 AND 2", "metrics.a BETWEEN 1 + 2"],
  ["timestamp > 1", "timestamp > 1"],
  ["(metrics.a > 1)", "(metrics.a > 1)"],
  ["where status = 'x'", "where status = 'x'"],
  ["metrics.a > 1 -- c", "[metrics.a|>|1] -- c"],
  ["tags.a = 'x' desc", "[tags.a|=|'x'] desc"],
  ["metrics.a > 1;", "[metrics.a|>|1] ;"],
  ["metrics.a > 1; metrics.b > 2", "several"],
  ["metrics.a > 1; -- c", "[metrics.a|>|1] ; -- c"],
  ["metrics.a > 1;\n-- c", "several"],
  ["metrics.a > 1 GO", "[metrics.a|>|1] GO"],
  ["GO metrics.a > 1", "several"],
  ["tags.a /* c */ IN ('x')", "[tags.a /* c */|IN|('x')]"],
  ["tags.a /* c */ = 'x'", "tags.a /* c */ = 'x'"],
  ["/* a */\n/* b */ metrics.a > 1", "/* a */\n/* b */ [metrics.a|>|1]"],
  ["tags.a->b = 'x'", "[tags.a->b|=|'x']"],
  ["tags.´a´ = $$x$$", "tags.´a´ = $$x$$"],
  ["metrics.a\u001c>\u00851", "[metrics.a|>|1]"],
  ["a OVER w = 1", "a OVER w = 1"],
  ["f(x) OVER (y) = 1", "[f(x) OVER (y)|=|1]"],
  ["CASE a WHEN 1 END b AND c", "CASE a WHEN 1 END b + c"],
  ["BEGIN CASE x END END", "BEGIN CASE x END END"],
  ["tags.a := 'x'; b", "several"],
  ["tags.a := 'x'", "tags.a := 'x'"],
  ["tags.a > DATE '2026'", "[tags.a|>|DATE '2026']"],
  ["DATE '2026' = a", "DATE ['2026'|=|a]"],
  ["x VALUES (1), (2) y", "x VALUES (1) , (2) y"],
  ["*::int = 1", "[*::int|=|1]"],
  [" \n", "nothing"],
  ["x ".repeat(6000), "too much"],
  ["(".repeat(101), "too much"],
];

for (const [filter, shown] of ROWS)
  test(`${JSON.stringify(filter.slice(0, 60))} is read as MLflow reads it`, (t) => {
    t.is(show(filter), shown);
  });
