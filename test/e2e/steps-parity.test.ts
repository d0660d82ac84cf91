/** Rows 49 to 112 of the parity list, and its failures F1 to F16, by number: the test that shows each, or the line that says why there is none. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { ROOT } from "../support/home.js";

const PLAN = "test/leases/step-plan.test.ts";
const STEPS = "test/e2e/steps.test.ts";
const LEASES = "test/e2e/leases.test.ts";
const PYTHON = "clients/python/tests/test_steps.py";
const PYTHON_ENDS = "clients/python/tests/test_step_ends.py";
const PYTHON_SETTINGS = "clients/python/tests/test_step_settings.py";
const BACKENDS = "test/e2e/seed-backends.test.ts";
const DATABASE = "test/sinks/mlflow-sqlite/entries.test.ts";
const SERVER = "test/sinks/mlflow-rest";
const REMOTE = "test/e2e/steps-server.test.ts";
const IN_STEPS = "test/e2e/mlflow-in-steps.test.ts";
const PYTHON_MLFLOW = "clients/python/tests/test_mlflow_in_steps.py";
const FAULTS = "clients/python/tests/test_faults.py";
const SPOOL = "clients/python/tests/test_spool.py";

/** By row: a file, and a part of the title of a test in it. */
const SHOWN: Readonly<Record<string, readonly [file: string, title: string]>> = {
  "49": [PLAN, "row 49"],
  "50": [PYTHON_SETTINGS, "row_50"],
  "51": [PYTHON, "rows_51_52"],
  "52": [STEPS, "one whose store is locked does not hold the other"],
  "53": [PLAN, "row 53"],
  "54": [PYTHON_MLFLOW, "row_54"],
  "55": [PYTHON, "row_55"],
  "56": [IN_STEPS, "56, 58 to 63"],
  "57": [STEPS, "rows 57, 78"],
  "58": [PYTHON_MLFLOW, "row_58"],
  "59": [IN_STEPS, "58 to 63"],
  "60": [IN_STEPS, "58 to 63"],
  "61": [IN_STEPS, "58 to 63"],
  "62": [IN_STEPS, "58 to 63"],
  "63": [IN_STEPS, "58 to 63"],
  "64": [PYTHON_ENDS, "row_64"],
  "65": [PYTHON_MLFLOW, "rows_65_66"],
  "66": [PYTHON_MLFLOW, "rows_65_66"],
  "67": [PLAN, "row 67"],
  "68": [`${SERVER}/databricks.test.ts`, "a path that may not be written to is said plainly"],
  "69": [`${SERVER}/create-once.test.ts`, "an experiment is made once for many runs"],
  "70": [BACKENDS, "the seed's examples run as written"],
  "71": [`${SERVER}/create-once.test.ts`, "an experiment that somebody else makes at the same moment"],
  "72": [`${SERVER}/create-once.test.ts`, "a deleted experiment holds the lane and is named"],
  "73": [STEPS, "fifty steps that begin at once share one run"],
  "74": [PLAN, "rows 74, 75, 80"],
  "75": [PLAN, "rows 74, 75, 80"],
  "76": [PLAN, "rows 74, 75, 80"],
  "77": [DATABASE, "a run that MLflow deleted is refused with the reason"],
  "78": [STEPS, "rows 57, 78"],
  "79": [STEPS, "a step that begins makes it running"],
  "80": [STEPS, "fifty steps that begin at once share one run"],
  "81": [DATABASE, "a changed param is refused alone"],
  "82": [PYTHON, "rows_49_82"],
  "83": [STEPS, "the parent holds tags only"],
  "84": [PLAN, "rows 84, 85, 89"],
  "85": [PLAN, "rows 84, 85, 89"],
  "86": ["clients/python/tests/test_git_commit.py", "row_86"],
  "87": [PLAN, "rows 87, 88"],
  "88": [PLAN, "rows 87, 88"],
  "89": [PLAN, "rows 84, 85, 89"],
  "90": [PLAN, "row 90"],
  "91": [PLAN, "row 91"],
  "92": [PLAN, "row 92"],
  "93": [PLAN, "row 93"],
  "94": [PYTHON_SETTINGS, "rows_93_94_95"],
  "95": [PYTHON_SETTINGS, "rows_93_94_95"],
  "96": [BACKENDS, "the seed's examples run as written"],
  "97": [BACKENDS, "the seed's examples run as written"],
  "98": [STEPS, "a pipeline's last run shows its steps"],
  "99": ["test/sinks/mlflow-sqlite/create.test.ts", "MLflow's default experiment is there"],
  "101": [PYTHON_MLFLOW, "row_101"],
  "102": [PYTHON_ENDS, "row_102"],
  "103": [PYTHON_ENDS, "row_103"],
  "104": [PYTHON_ENDS, "row_104"],
  "105": [PYTHON_ENDS, "row_64_105"],
  "107": [PYTHON_ENDS, "row_107"],
  "108": [PYTHON_ENDS, "row_108"],
  "109": [PYTHON_ENDS, "row_109"],
  "110": [PYTHON_ENDS, "row_110"],
  "112": [LEASES, "a stopped process and one without a stream keep their runs"],
};

/** What goes wrong elsewhere, by the list's number, and the test that shows that it does not here. */
const FAILURES: Readonly<Record<string, readonly [file: string, title: string]>> = {
  F1: [REMOTE, "steps begin, log and end with their results while the server"],
  F2: [REMOTE, "a server that goes in the midst of a step"],
  F3: [REMOTE, "a server that goes in the midst of a step"],
  F4: [REMOTE, "steps begin, log and end with their results while the server"],
  F5: [FAULTS, "many_threads_log_at_once"],
  F6: [FAULTS, "a_full_buffer_drops_the_newest"],
  F7: [SPOOL, "a_killed_process_loses_nothing_that_returned"],
  F8: ["test/e2e/server.test.ts", "a server that is away at the start"],
  F9: [PYTHON_ENDS, "row_110"],
  F10: [PYTHON_ENDS, "row_109"],
  F11: [PYTHON_SETTINGS, "row_50"],
  F12: [STEPS, "fifty steps that begin at once share one run"],
  F13: [STEPS, "rows 57, 78"],
  F14: [PYTHON_ENDS, "a_daemon_that_never_answers_fails_no_step"],
  F15: ["test/e2e/server-credentials.test.ts", "a password that is changed at the server"],
  F16: [REMOTE, "a server that goes in the midst of a step"],
};

const FIRST = 49;
const LAST = 112;
const FAILURES_LAST = 16;

test("each of the rows 49 to 112 has its test, or its line in docs/parity-steps.md", (t) => {
  const listed = listedRows(readFileSync(join(ROOT, "docs/parity-steps.md"), "utf8"));
  const wrong: string[] = [];
  for (let row = FIRST; row <= LAST; row++) {
    const shown = SHOWN[row];
    if ((shown !== undefined) === listed.has(row))
      wrong.push(`row ${row} is in ${shown ? "both" : "neither"}`);
    else if (shown && !titlesOf(shown[0]).some((title) => title.includes(shown[1])))
      wrong.push(`row ${row}: ${shown[0]} has no test ${JSON.stringify(shown[1])}`);
  }
  t.deepEqual(wrong, []);
});

test("each of the failures F1 to F16 has its test", (t) => {
  const wrong: string[] = [];
  for (let number = 1; number <= FAILURES_LAST; number++) {
    const shown = FAILURES[`F${number}`];
    if (!shown || !titlesOf(shown[0]).some((title) => title.includes(shown[1]))) wrong.push(`F${number}`);
  }
  t.deepEqual(wrong, []);
});

/** The rows of a page's tables: numbers and ranges in their first column. */
function listedRows(page: string): Set<number> {
  const rows = new Set<number>();
  for (const [, cell = ""] of page.matchAll(/^\| ([\d, -]+) \|/gm)) {
    for (const part of cell.split(",")) {
      const [from = 0, to = from] = part.split("-").map(Number);
      for (let row = from; row <= to; row++) rows.add(row);
    }
  }
  return rows;
}

/** What a file's tests are called. */
function titlesOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8");
  return [...text.matchAll(/\btest\w*(?:\.\w+)?\(\s*["'`](.*?)["'`]\s*,|def (test_\w+)/g)].map(
    ([, title, name]) => title ?? name ?? "",
  );
}
