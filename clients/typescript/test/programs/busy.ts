/** Trains without ever letting the event loop turn, then dies as hard as a process can. */
import { writeSync } from "node:fs";
import { logMetric, startRun } from "../../src/index.js";

const busyMs = Number(process.argv[2]);
startRun();
// The first connection needs the sender's thread only.
const beginMs = performance.now();
let step = 0;
let lastMs = beginMs;
while (performance.now() - beginMs < busyMs) {
  const nowMs = performance.now();
  if (nowMs - lastMs < 1) continue;
  lastMs = nowMs;
  logMetric("k", step, { step });
  step++;
}
writeSync(1, JSON.stringify({ logged: step, atMs: Date.now() }));
process.kill(process.pid, "SIGKILL");
