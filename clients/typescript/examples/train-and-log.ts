/** Fits a line to Anscombe's first data set, and logs how well it fits, step by step. */
import { flush, type Run, withRun } from "../src/index.js";

const XS = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
const YS = [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68];
const RATE = 0.01;

// How the run ends is how the training does: FAILED when it throws.
await withRun({ experimentName: "anscombe", runName: "line" }, (run) => {
  train(run);
  console.log(run.runId);
});
// All of it is on the daemon's disk then. Without this the end of the process waits for it.
await flush({ timeoutMs: 60_000 });

function train(run: Run): void {
  run.logParam("rate", RATE);
  let [slope, intercept] = [0, 0];
  for (let step = 0; step < 5_000; step++) {
    const misses = XS.map((x, i) => slope * x + intercept - (YS[i] ?? 0));
    const loss = mean(misses.map((miss) => miss ** 2));
    slope -= RATE * mean(misses.map((miss, i) => miss * (XS[i] ?? 0)));
    intercept -= RATE * mean(misses);
    // It waits for nothing: neither a disk nor a network.
    run.logMetric("loss", loss, { step });
  }
  run.logMetrics({ slope, intercept }, { step: 5_000 });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
