/** Logs, ends in the way that its argument names, and never ends its run itself. */
import { flush, logMetric, startRun, stats } from "../../src/index.js";

startRun({ runId: "c".repeat(32) });
for (let step = 0; step < 1_000; step++) logMetric("k", step, { step });
switch (process.argv[2]) {
  case "exit":
    process.exit(0);
    break;
  case "throw":
    throw new Error("the step failed");
  case "code":
    process.exitCode = 3;
    break;
  case "idle":
    await flush();
    setTimeout(() => console.log(JSON.stringify(stats())), 100);
    break;
}
