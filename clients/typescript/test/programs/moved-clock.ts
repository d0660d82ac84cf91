/** Trains without ever letting the event loop turn, while somebody sets the wall clock. Says whether entries still went out. */
import { writeSync } from "node:fs";
import { logMetric, startRun, stats } from "../../src/index.js";

const jumpMs = Number(process.argv[2]);
const wallClock = Date.now;
let step = 0;

/** Logs a point each millisecond until so many are acknowledged; fewer than what is cut for its size alone. */
function logUntil(acknowledged: number): boolean {
  const endMs = performance.now() + 15_000;
  for (let lastMs = 0; performance.now() < endMs; ) {
    if (performance.now() - lastMs < 1) continue;
    lastMs = performance.now();
    logMetric("k", step, { step: step++ });
    if ((stats()?.acknowledgedPoints ?? 0) >= acknowledged) return true;
  }
  return false;
}

startRun();
const before = logUntil(1);
// So close together that the last of them wait to be sent while the clock is set.
for (let i = 0; i < 10; i++) logMetric("k", step, { step: step++ });
Date.now = () => wallClock() + jumpMs;
writeSync(1, JSON.stringify({ before, after: logUntil(step + 1) }));
process.kill(process.pid, "SIGKILL");
