import test from "ava";
import type { Answer } from "../../src/cli/output/answer.js";
import { render } from "../../src/cli/output/output.js";

const columns = ["run_id", "delivered_points", "last_error"].map((key) => ({ key }));
const items = [
  { run_id: "a", delivered_points: 1234567, last_error: 'said "no", twice\nand\tleft' },
  { run_id: "bb", delivered_points: 0, last_error: "" },
];
const list: Answer = { kind: "list", columns, items };
const empty: Answer = { kind: "list", columns, items: [] };
const record: Answer = {
  kind: "record",
  record: { queued_bytes: 1_500_000, oldest_age_seconds: 2, ok: true, end_time_ms: null, lanes: items },
};

test("json holds everything, also when there is nothing", (t) => {
  t.deepEqual(JSON.parse(render(list, "json")), items);
  t.is(render(empty, "json"), "[]\n");
  t.deepEqual(JSON.parse(render(record, "json")), record.record);
});

test("yaml holds everything and quotes every text", (t) => {
  const expected = [
    "queued_bytes: 1500000",
    "oldest_age_seconds: 2",
    '"ok": true',
    "end_time_ms: null",
    '"lanes":',
    '  - run_id: "a"',
    "    delivered_points: 1234567",
    '    last_error: "said \\"no\\", twice\\nand\\tleft"',
    '  - run_id: "bb"',
    "    delivered_points: 0",
    '    last_error: ""',
  ];
  t.is(render(record, "yaml"), `${expected.join("\n")}\n`);
  t.is(render(empty, "yaml"), "[]\n");
});

test("csv quotes what would break a row, and an empty list keeps its header", (t) => {
  t.is(
    render(list, "csv"),
    'run_id,delivered_points,last_error\na,1234567,"said ""no"", twice\nand\tleft"\nbb,0,\n',
  );
  t.is(render(empty, "csv"), "run_id,delivered_points,last_error\n");
});

test("tsv keeps one row a line", (t) => {
  t.is(
    render(list, "tsv"),
    'run_id\tdelivered_points\tlast_error\na\t1234567\tsaid "no", twice\\nand\\tleft\nbb\t0\t\n',
  );
});

test("a record in csv is a header and a row, with its lists as JSON", (t) => {
  const [head, row] = render(record, "csv").split("\n");
  t.is(head, "queued_bytes,oldest_age_seconds,ok,end_time_ms,lanes");
  t.regex(row ?? "", /^1500000,2,true,,"\[\{""run_id"":""a""/);
});

test("a table is aligned and shows units; an empty one prints nothing", (t) => {
  const [title, first, second] = render(list, "table").split("\n");
  t.is(title, "RUN ID  DELIVERED POINTS  LAST ERROR");
  t.is(first, 'a       1,234,567         said "no", twice\\u{a}and\\u{9}left');
  t.is(second, "bb      0                 -");
  t.is(render(empty, "table"), "");
  t.true(render(record, "table").startsWith("queued bytes  1.5 MB\noldest age    2.0 s\n"));
});

test("no text of others can steer the terminal", (t) => {
  const answer: Answer = { kind: "record", record: { last_error: "\u001b[2Jred\u202eder" } };
  t.is(render(answer, "table"), "last error  \\u{1b}[2Jred\\u{202e}der\n");
});
