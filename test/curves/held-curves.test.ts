import test from "ava";
import { HeldCurves } from "../../src/curves/held-curves.js";
import { encodeBatch } from "../../src/model/batch-view.js";
import { CURVES_SAVE_MS } from "../../src/model/curve-limits.js";
import { newRun, type Run } from "../../src/runs/run.js";
import { SetClock } from "../support/clock.js";
import { columnOf } from "./logged-points.js";

/** Many runs of a remote tracker with a point each. */
class ManyRuns {
  readonly runs: Run[] = [];
  readonly clock = new SetClock();
  /** How often somebody asked for a run. */
  asked = 0;
  readonly held = new HeldCurves(
    { byNumber: (number) => this.#ask(number) },
    { hasStore: () => false },
    this.clock,
  );

  log(number: number, status: Run["status"], pointsThrough = 1): void {
    const runId = number.toString(16).padStart(32, "0");
    this.runs[number] = { ...newRun(runId, number, 1_000), status };
    const columns = [columnOf([{ step: 0n, timestampMs: 1n, value: 1 }], "loss")];
    const none = { start: undefined, end: undefined, params: [], tags: [], removedTags: [], calls: [] };
    const payload = encodeBatch({ ...none, sequence: 1n, runId, onlyTrackerId: "", columns });
    this.held.add({ run: number, seq: number, bytes: payload.length, points: 1, pointsThrough, payload });
  }

  due(most: number): number[] {
    return this.held.due(most).map(({ number }) => number);
  }

  #ask(number: number): Run | undefined {
    this.asked += 1;
    return this.runs[number];
  }
}

test("of thousands of runs that ended a look at what is to be saved asks for as many as it takes", (t) => {
  const many = new ManyRuns();
  for (let number = 1; number <= 3_000; number++) many.log(number, "FINISHED");
  many.asked = 0;
  t.deepEqual(
    many.due(20),
    [...Array(20).keys()].map((index) => index + 1),
  );
  t.is(many.asked, 20);
});

test("what has waited longest is saved first; of a run that goes on nothing is before its time", (t) => {
  const many = new ManyRuns();
  many.log(1, "RUNNING");
  many.log(2, "FINISHED");
  many.log(3, "RUNNING");
  t.deepEqual(many.due(20), [2]);
  many.clock.move(CURVES_SAVE_MS);
  t.deepEqual(many.due(20), [1, 2, 3]);
  t.deepEqual(many.due(1), [1]);
  // Once it was saved, what comes of it is the youngest.
  const [first] = many.held.due(1);
  first?.takeTail(0);
  first?.savedAs(undefined);
  t.deepEqual(many.due(20), [2, 3]);
  t.deepEqual(
    [...many.held.unsaved()].map(({ number }) => number),
    [2, 3],
  );
  many.log(1, "FINISHED", 2);
  t.deepEqual(many.due(20), [2, 3, 1]);
});

test("nothing is unsaved once all of it was", (t) => {
  const many = new ManyRuns();
  t.false(many.held.hasUnsaved);
  many.log(1, "FINISHED");
  t.true(many.held.hasUnsaved);
  many.held.due(1)[0]?.takeTail(0);
  t.false(many.held.hasUnsaved);
});
