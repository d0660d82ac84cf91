/** Logs a series of turns, each of which ends, prints what it logged, and is killed. Its first argument: how its run ends, or "open". */
import { StepwellClient } from "../../src/index.js";

const client = new StepwellClient();
const run = client.startRun({ experimentName: "killed" });
run.logParam("p", 1);
let points = 0;
const until = performance.now() + 300;
while (performance.now() < until) {
  for (let more = 0; more < 20; more++) run.logMetric("k", points / 7, { step: points++ });
  await Promise.resolve();
}
// More than one record holds.
run.logSeries(
  "s",
  new BigInt64Array(20_000).fill(7n).map((_, at) => BigInt(at)),
  new Float64Array(20_000),
);
run.setTag("t", "last");
if (process.argv[2] === "FAILED") run.end("FAILED");
await Promise.resolve();
process.stdout.write(JSON.stringify({ runId: run.runId, points }), () =>
  process.kill(process.pid, "SIGKILL"),
);
