/** Logs, ends in the way that its argument names, and never ends its run itself. */
import { flush, logMetric, startRun, stats } from "../../src/index.js";

startRun({ runId: "c".repeat(32) });
const points = Number(process.argv[3] ?? 1_000);
for (let step = 0; step < points; step++) logMetric("k", step, { step });
const ending = process.argv[2];
if (ending === "exit") process.exit(0);
if (ending === "throw") throw new Error("the step failed");
if (ending === "code") process.exitCode = 3;
if (ending === "idle") {
  await flush();
  setTimeout(() => console.log(JSON.stringify(stats())), 100);
}
