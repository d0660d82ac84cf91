/** Watches a run until all that it logged is at its tracker: node watch-run.js RUN_ID */
import { type RunState, StepwellClient } from "../src/index.js";

const [, , runId = ""] = process.argv;
const client = new StepwellClient();
const signal = AbortSignal.timeout(600_000);

for await (const state of client.watchState({ intervalMs: 1_000, signal })) {
  const run = await client.runState(runId, { signal });
  const points = `${run.journaledPoints} points at the daemon, ${state.queuedPoints} of all runs wait`;
  console.log(`${run.runName} is ${run.status}: ${points}`);
  if (run.status !== "RUNNING" && isDelivered(run)) {
    console.log(run.deliveries[0]?.url);
    break;
  }
}
await client.close();

function isDelivered({ deliveries, journaledPoints }: RunState): boolean {
  const isThere = deliveries.map((one) => one.queuedPoints === 0 && one.deliveredPoints >= journaledPoints);
  return isThere.length > 0 && isThere.every(Boolean);
}
