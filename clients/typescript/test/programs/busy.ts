/** Trains without ever letting the event loop turn, then dies as hard as a process can. */
import { writeSync } from "node:fs";
import { logMetric, startRun, stats } from "../../src/index.js";

const CONNECT_MS_MAX = 60_000;
const busyMs = Number(process.argv[2]);
startRun();
// The first connection needs the sender's thread only, which a busy machine may start late.
let beginMs = performance.now();
let isConnected = false;
let step = 0;
let lastMs = beginMs;
while (performance.now() - beginMs < (isConnected ? busyMs : CONNECT_MS_MAX)) {
  if (!isConnected && (stats()?.acknowledgedPoints ?? 0) > 0) {
    isConnected = true;
    beginMs = performance.now();
  }
  const nowMs = performance.now();
  if (nowMs - lastMs < 1) continue;
  lastMs = nowMs;
  logMetric("k", step, { step });
  step++;
}
writeSync(1, JSON.stringify({ logged: step, atMs: Date.now() }));
process.kill(process.pid, "SIGKILL");
