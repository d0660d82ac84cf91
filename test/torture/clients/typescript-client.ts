/** A client process on the TypeScript client. */
import { StepwellClient } from "../../../clients/typescript/src/client.js";
import type { Run } from "../../../clients/typescript/src/run.js";
import { metricKey, seedOf, stepAt, timestampAt, valueAt } from "../points.js";
import { drive, type RunSubject, type Subject } from "./driver.js";

const FLUSH_WAIT_MS = 20_000;

function openSubject(): Subject {
  const client = new StepwellClient();
  return {
    destinations: [["first"], ["first"], ["second"]],
    start: (runId, [tracker]) =>
      runSubject(client.startRun({ runId, experimentTracker: tracker ?? "" }), runId),
    flush: () => client.flush({ timeoutMs: FLUSH_WAIT_MS }),
    close: async () => {
      await client.close({ timeoutMs: FLUSH_WAIT_MS });
      const { rejected, dropped } = client.stats();
      if (rejected + dropped > 0) throw new Error(`${rejected} entries were rejected, ${dropped} dropped`);
    },
  };
}

function runSubject(run: Run, runId: string): RunSubject {
  return {
    series: (key, from, to, baseMs) => {
      const seed = seedOf(runId, key);
      const count = to - from;
      const values = new Float64Array(count);
      const steps = new BigInt64Array(count);
      const timestamps = new BigInt64Array(count);
      for (let at = 0; at < count; at++) {
        values[at] = valueAt(seed, from + at);
        steps[at] = BigInt(stepAt(from + at));
        timestamps[at] = BigInt(timestampAt(baseMs, from + at));
      }
      run.logSeries(metricKey(key), steps, values, timestamps);
    },
    point: (key, index, baseMs) => {
      const at = { step: stepAt(index), timestampMs: timestampAt(baseMs, index) };
      run.logMetric(metricKey(key), valueAt(seedOf(runId, key), index), at);
    },
    param: (key, value) => run.logParam(key, value),
    tag: (key, value) => run.setTag(key, value),
    end: (status) => run.end(status),
  };
}

await drive(openSubject);
