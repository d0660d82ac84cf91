/** The same program in several threads; each ends by itself. */
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { logMetric, startRun } from "../../src/index.js";

if (isMainThread) {
  for (let i = 0; i < 3; i++) new Worker(new URL(import.meta.url), { workerData: i });
}
startRun();
const key = isMainThread ? "main" : `thread${String(workerData)}`;
for (let step = 0; step < 500; step++) logMetric(key, step, { step });
