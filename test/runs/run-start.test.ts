import test from "ava";
import { newRun, type Run } from "../../src/runs/run.js";
import { started } from "../../src/runs/run-start.js";

const START = {
  experimentName: "",
  runName: "named",
  startTimeMs: 1,
  user: "",
  sourceName: "",
  parentRunId: "",
};
const books = { resolved: () => [] };
const waiting: Run = newRun("a".repeat(32), 1, 0);

test("a start makes a run RUNNING; one that comes behind the run's end leaves it ended", (t) => {
  t.is(started(books, waiting, START, []).status, "RUNNING");
  const ended: Run = { ...waiting, status: "FAILED", endTimeMs: 5 };
  t.like(started(books, ended, START, []), { status: "FAILED", endTimeMs: 5, start: { runName: "named" } });
});
