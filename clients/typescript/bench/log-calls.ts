/**
 * What log calls cost, and how fast they become durable. Prints one line of JSON.
 *
 *   STEPWELL_HOME=... node build/clients/typescript/bench/log-calls.js [seconds]
 *
 * call_ns_*: one logMetric call at a time, the clock's own cost included.
 * calls_per_second, series_points_per_second: from the first call to the acknowledgement
 * of the last, fsync included.
 */
import { StepwellClient } from "../src/index.js";

const SERIES_POINTS = 1_000;
const MEASURED_CALLS = 200_000;
const CALLS = 1_000_000;

const secondsMax = Number(process.argv[2] ?? 3);
const client = new StepwellClient();
const run = client.startRun({ experimentName: "bench", runName: "log-calls" });
await client.flush();

const nanoseconds = await measureCalls();
console.log(
  JSON.stringify({
    client: "typescript",
    call_ns_p50: percentile(nanoseconds, 0.5),
    call_ns_p99: percentile(nanoseconds, 0.99),
    call_ns_max: percentile(nanoseconds, 1),
    calls_per_second: Math.round(await measureDurableCalls()),
    series_points: SERIES_POINTS,
    series_points_per_second: Math.round(await measureDurableSeries()),
    dropped: client.stats().dropped,
  }),
);
run.end();
await client.close();

async function measureCalls(): Promise<Float64Array> {
  const samples = new Float64Array(MEASURED_CALLS);
  for (let i = 0; i < MEASURED_CALLS; i++) run.logMetric("warm", i, { step: i });
  await client.flush();
  for (let i = 0; i < MEASURED_CALLS; i++) {
    const beginNs = process.hrtime.bigint();
    run.logMetric("loss", i, { step: i });
    samples[i] = Number(process.hrtime.bigint() - beginNs);
  }
  await client.flush();
  return samples.sort();
}

async function measureDurableCalls(): Promise<number> {
  const beginMs = performance.now();
  for (let i = 0; i < CALLS; i++) run.logMetric("loss", i, { step: MEASURED_CALLS + i });
  await client.flush({ timeoutMs: 60_000 });
  return (CALLS / (performance.now() - beginMs)) * 1_000;
}

async function measureDurableSeries(): Promise<number> {
  const values = Float64Array.from({ length: SERIES_POINTS }, (_, i) => Math.sin(i));
  const steps = new BigInt64Array(SERIES_POINTS);
  const beginMs = performance.now();
  let points = 0;
  while (performance.now() - beginMs < secondsMax * 1_000) {
    // The buffer is bounded: a caller that logs faster than the disk lets it empty now and then.
    if (client.stats().bufferedBytes > 64e6) await client.flush({ timeoutMs: 60_000 });
    for (let i = 0; i < SERIES_POINTS; i++) steps[i] = BigInt(points + i);
    run.logSeries("series", steps, values);
    points += SERIES_POINTS;
  }
  await client.flush({ timeoutMs: 60_000 });
  return (points / (performance.now() - beginMs)) * 1_000;
}

function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
