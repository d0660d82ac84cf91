import test, { type ExecutionContext } from "ava";
import { parse } from "yaml";
import type { Answer } from "../../src/cli/output/answer.js";
import { checkList } from "../../src/cli/output/check-list.js";
import { faultText } from "../../src/cli/output/faults.js";
import { FORMATS, render } from "../../src/cli/output/output.js";
import { paragraph } from "../../src/cli/output/paragraph.js";
import { type Plot, plot } from "../../src/cli/output/plot.js";
import { runText } from "../../src/cli/output/run-views.js";
import type { Screen } from "../../src/cli/output/screen.js";
import { widthOf } from "../../src/cli/output/text-width.js";
import { runView } from "../../src/cli/output/views.js";
import { type Lane, LaneState } from "../../src/gen/stepwell/v1/daemon.js";
import type { Run } from "../../src/gen/stepwell/v1/runs.js";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";

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

test("json holds everything, also when there is nothing", async (t) => {
  t.deepEqual(JSON.parse(await render(list, "json")), items);
  t.is(await render(empty, "json"), "[]\n");
  t.deepEqual(JSON.parse(await render(record, "json")), record.record);
});

test("yaml is as the library writes it, and means the same to readers of YAML 1.1", async (t) => {
  t.deepEqual(parse(await render(record, "yaml")), record.record);
  const tricky = {
    yes: "no",
    list: [],
    none: {},
    name: "a: b",
    date: "2026-01-01",
    code: "0o7",
    line: "a\nb",
    word: "plain",
  };
  const text = await render({ kind: "record", record: tricky }, "yaml");
  for (const version of ["1.1", "1.2"] as const) t.deepEqual(parse(text, { version }), tricky);
  t.regex(text, /^"yes": "no"\nlist: \[\]\nnone: \{\}\nname: "a: b"\n/);
  t.regex(text, /^word: plain$/m, "what needs no quotes has none");
  t.is(await render(empty, "yaml"), "[]\n");
});

test("csv quotes what would break a row, and an empty list keeps its header", async (t) => {
  t.is(
    await render(list, "csv"),
    'run_id,delivered_points,last_error\na,1234567,"said ""no"", twice\nand\tleft"\nbb,0,\n',
  );
  t.is(await render(empty, "csv"), "run_id,delivered_points,last_error\n");
});

test("tsv keeps one row a line", async (t) => {
  t.is(
    await render(list, "tsv"),
    'run_id\tdelivered_points\tlast_error\na\t1234567\tsaid "no", twice\\nand\\tleft\nbb\t0\t\n',
  );
});

test("a record in csv is a header and a row, with its lists as JSON", async (t) => {
  const [head, row] = (await render(record, "csv")).split("\n");
  t.is(head, "queued_bytes,oldest_age_seconds,ok,end_time_ms,lanes");
  t.regex(row ?? "", /^1500000,2,true,,"\[\{""run_id"":""a""/);
});

test("a table is aligned and shows units; an empty one prints nothing", async (t) => {
  const [title, first, second] = (await render(list, "table")).split("\n");
  t.is(title, "RUN ID  DELIVERED POINTS  LAST ERROR");
  t.is(first, 'a       1,234,567         said "no", twice\\u{a}and\\u{9}left');
  t.is(second, "bb      0                 -");
  t.is(await render(empty, "table"), "");
  t.true((await render(record, "table")).startsWith("queued bytes  1.5 MB\noldest age    2.0 s\n"));
});

test("in a pipe and with -o on a narrow terminal nothing is cut, left out or told from now", async (t) => {
  const item = { run_id: "0a".repeat(16), run_name: "name ".repeat(40).trim(), start_time_ms: 0, note: "" };
  const columns = Object.keys(item).map((key) => ({ key, mayGo: true }));
  const screen: Screen = { columns: 40, hasColor: true, isUnicode: true, canRedraw: true };
  const answers: readonly Answer[] = [
    { kind: "list", columns, items: [item] },
    { kind: "record", record: { ...item, lanes: [item] } },
  ];
  for (const answer of answers) {
    const piped = await render(answer, "fitted");
    for (const all of [item.run_id, item.run_name, "1970-01-01 00:00:00 UTC"])
      t.true(piped.includes(all), piped);
    t.regex(piped, /^note|NOTE\n/m);
    t.is(await render(answer, "table", screen), piped);
    for (const format of ["json", "yaml", "csv", "tsv"] as const)
      t.is(await render(answer, format, screen), await render(answer, format));
  }
});

test("why runs are held stands below the first of them where a terminal has no room for the column", async (t) => {
  const screen: Screen = { columns: 36, hasColor: false, isUnicode: true, canRedraw: true };
  const [down, unknown] = ["The server does not answer.", "There is no such experiment tracker: teem."];
  const items = [down, "", unknown, down].map((reason, index) => ({
    name: `run ${index}`,
    state: "x",
    reason,
  }));
  const columns = [{ key: "name" }, { key: "state" }, { key: "reason", mayGo: true, goesBelow: true }];
  t.deepEqual((await render({ kind: "list", columns, items }, "fitted", screen)).split("\n"), [
    "NAME   STATE",
    ...["run 0  x", `  ${down}`, "run 1  x", "run 2  x"],
    ...["  There is no such experiment", "  tracker: teem.", "run 3  x", ""],
  ]);
});

test("however narrow a terminal is, a list has a line for a name, and all of what is copied", async (t) => {
  const keys = ["run_id", "run_name", "experiment_name", "tracking_uri", "reason"];
  const long = { run_id: "a".repeat(32), run_name: "x".repeat(8_000), experiment_name: "de ".repeat(2_000) };
  const item = {
    ...long,
    tracking_uri: `sqlite:///${"p/".repeat(60)}x.db`,
    reason: "It waits for a tracker.",
  };
  for (const columns of [20, 40, 60]) {
    const screen: Screen = { columns, hasColor: false, isUnicode: true, canRedraw: true };
    const answer: Answer = { kind: "list", columns: keys.map((key) => ({ key })), items: [item, item] };
    const text = await render(answer, "fitted", screen);
    const lines = text.split("\n").filter((line) => !line.includes("sqlite:"));
    t.true(
      lines.every((line) => widthOf(line) <= Math.max(columns, 30)),
      `${columns}:\n${text.slice(0, 500)}`,
    );
    t.true(lines.length < 30, `${columns}: ${lines.length} lines`);
    t.true(text.includes(item.tracking_uri));
    t.true(text.replace(/\s+/g, " ").includes(item.reason) || columns < 60, text);
  }
});

test("ids on a terminal have as many digits as tell them apart, and eight at least", async (t) => {
  const screen: Screen = { columns: 80, hasColor: false, isUnicode: true, canRedraw: true };
  const shown = async (...ids: string[]) => {
    const items = ids.map((id) => ({ run_id: id.padEnd(32, "0") }));
    const text = await render({ kind: "list", columns: [{ key: "run_id" }], items }, "fitted", screen);
    return text.trimEnd().split("\n").slice(1);
  };
  t.deepEqual(await shown("abc1", "abc2"), ["abc10000", "abc20000"]);
  t.deepEqual(await shown("aaaaaaaaaa1", "b", "aaaaaaaaaa2"), ["aaaaaaaaaa1", "b0000000000", "aaaaaaaaaa2"]);
});

test("a run whose start is not known began at no time, neither for people nor for programs", (t) => {
  const run: Run = {
    ...{ runId: "a".repeat(32), runName: "", experimentName: "", reason: "", deliveries: [] },
    ...{ status: RunStatus.RUN_STATUS_UNSPECIFIED, state: LaneState.LANE_STATE_UNSPECIFIED },
    ...{ startTimeMs: 0n, endTimeMs: 0n, journaledPoints: 1n },
  };
  t.is(runView(run).start_time_ms, null);
  const screen: Screen = { columns: 80, hasColor: false, isUnicode: true, canRedraw: true };
  t.regex(runText(run, [], undefined, screen), /^a{32} {2}UNSPECIFIED {2}its start is not known\n/);
  t.regex(runText({ ...run, startTimeMs: 1n }, [], undefined, screen), /started \d+ days ago\n/);
});

/** All that others can say which a terminal would do. */
const HOSTILE = "\u001b]0;owned\u0007\u001b[2J\u009b2J\r\t\u202ered\u2066\u2028\u2029\u007f";
const STEERS = /(?![\n\t])\p{Cc}|\p{Bidi_Control}|[\u2028\u2029]/u;

test("no text of others can steer the terminal", async (t) => {
  const answer: Answer = { kind: "record", record: { last_error: "\u001b[2Jred\u202eder" } };
  t.is(await render(answer, "table"), "last error  \\u{1b}[2Jred\\u{202e}der\n");
  const screen: Screen = { columns: 80, hasColor: false, isUnicode: true, canRedraw: true };
  const pairs = { [HOSTILE]: HOSTILE, nested: [HOSTILE] };
  const item = { tracking_uri: HOSTILE, last_error: HOSTILE, run_id: HOSTILE, params: pairs };
  const answers: Answer[] = [
    { kind: "record", record: { ...item, lanes: [item] } },
    { kind: "list", columns: Object.keys(item).map((key) => ({ key })), items: [item, item] },
  ];
  for (const each of answers)
    for (const format of [...FORMATS, "fitted"] as const)
      isHarmless(t, await render(each, format, screen), `${each.kind} ${format}`);
  for (const each of answers) {
    isHarmless(t, await render(each, "table"), `${each.kind} in a pipe`);
    isHarmless(t, await render(each, "json"), `${each.kind} as json in a pipe`);
  }
});

test("no run, no finding and no error can steer the terminal either", (t) => {
  const screen: Screen = { columns: 80, hasColor: false, isUnicode: true, canRedraw: true };
  const delivery = {
    tracker: HOSTILE,
    mlflowRunId: HOSTILE,
    mlflowExperimentId: "1",
    experimentTrackerUrl: HOSTILE,
  };
  const run: Run = {
    ...{ runId: "a".repeat(32), runName: HOSTILE, experimentName: HOSTILE, reason: HOSTILE },
    ...{ status: RunStatus.RUN_STATUS_UNSPECIFIED, state: LaneState.LANE_STATE_HELD },
    ...{ startTimeMs: 1n, endTimeMs: 0n, journaledPoints: 1n },
    deliveries: [{ ...delivery, deliveredPoints: 0n, queuedPoints: 1n }],
  };
  const lane: Lane = {
    ...{ runId: run.runId, tracker: HOSTILE, lastError: HOSTILE, state: LaneState.LANE_STATE_HELD },
    ...{ queuedPoints: 1n, deliveredPoints: 0n, oldestAgeSeconds: 1 },
  };
  const metric = { key: HOSTILE, step: 1n, timestampMs: 1n, value: 1, curveSteps: [], curveValues: [] };
  const pair = { key: HOSTILE, value: HOSTILE };
  const data = { metrics: [metric], params: [pair], tags: [pair], tracker: HOSTILE, missing: HOSTILE };
  const check = { check: HOSTILE, result: "failed", finding: HOSTILE, remedy: HOSTILE } as const;
  isHarmless(t, runText(run, [lane, { ...lane, tracker: `${HOSTILE}2` }], data, screen), "a run");
  for (const each of [screen, undefined]) {
    isHarmless(t, checkList([check], each), "what a check found");
    isHarmless(t, paragraph({ screen: each }, HOSTILE), "a paragraph");
  }
  isHarmless(t, faultText(HOSTILE, HOSTILE, "STEPWELL_INTERNAL"), "an error");
});

function isHarmless(t: ExecutionContext, text: string, what: string): void {
  t.true(text.includes("owned"), `${what} says it`);
  t.notRegex(text, STEERS, what);
}

const rising = Array.from({ length: 50 }, (_, step) => ({ step, value: step }));

test("a plot is as wide as it may be, and its line rises with the values", (t) => {
  for (const isUnicode of [true, false]) {
    const lines = plot({ title: "loss", points: rising, width: 60, height: 6, isUnicode });
    t.is(lines[0], "loss: 50 points, min 0, max 49, last 49");
    t.is(Math.max(...lines.slice(1).map((line) => line.length)), 60);
    const body = lines.slice(1, 7);
    const ends = body.map((line) => line.length);
    t.deepEqual(
      ends,
      ends.toSorted((one, other) => other - one),
    );
    t.regex(body[0] ?? "", /^ +49 /);
    t.regex(body[5] ?? "", /^ +0 /);
  }
});

test("a plot of one point, of equal values, of zeros on a logarithmic axis or of nothing is drawn all the same", (t) => {
  const draw = (points: Plot["points"]) =>
    plot({ title: "loss", points, isLog: true, width: 40, height: 4, isUnicode: false }).join("\n");
  t.is(draw([]), "loss: no points");
  t.regex(draw([{ step: 7, value: 0.5 }]), /1 points?, min 0\.5, max 0\.5.*log scale\n.*['.:]/s);
  t.regex(draw(rising.map(({ step }) => ({ step, value: 3 }))), /\.{29}|'{29}/);
  t.notRegex(draw(rising), /log scale|NaN|Infinity/);
});
