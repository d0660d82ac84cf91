/** Trains until it is told why its daemon can't be started, and says how many milliseconds that took. */
import { logMetric, startRun } from "../../src/index.js";

const beginMs = performance.now();
startRun();
logMetric("loss", 1);
// Nothing else keeps this program alive.
const training = setInterval(() => undefined, 10);
process.on("warning", ({ message }) => {
  if (!message.includes("can't be run")) return;
  clearInterval(training);
  console.log(performance.now() - beginMs);
});
