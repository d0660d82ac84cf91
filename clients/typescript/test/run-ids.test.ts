import test from "ava";
import { DRAIN_RUNS_MAX } from "../src/contract.js";
import { RunIds } from "../src/run-ids.js";

test("runs are named once each, as many as a drain may name; of more none is", (t) => {
  const runIds = new RunIds();
  t.deepEqual(runIds.all(), []);
  for (let count = 0; count < DRAIN_RUNS_MAX; count++) {
    runIds.add(`${count}`);
    runIds.add("0");
  }
  t.is(runIds.all()?.length, DRAIN_RUNS_MAX);
  runIds.add("one more");
  runIds.add("and another");
  t.is(runIds.all(), undefined);
});
