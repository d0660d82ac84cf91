/** The active run: what the functions of the package log to. */
import { AsyncLocalStorage } from "node:async_hooks";
import type { TextValue } from "./checks.js";
import { type ClientStats, StepwellClient, type WaitOptions } from "./client.js";
import type { Int64s, Numbers } from "./column.js";
import { StepwellClientError } from "./errors.js";
import type { PointOptions, Run, RunOptions } from "./run.js";
import { type Drained, NOTHING_LEFT } from "./state.js";

let client: StepwellClient | undefined;
/** Runs that startRun() began, the last one active. */
const started: Run[] = [];
/** Inside withRun() its run is active, whatever else goes on meanwhile. */
const surrounding = new AsyncLocalStorage<Run>();

/** Starts a run and makes it the active one until it ends; then the one before it is active again. */
export function startRun(options: RunOptions = {}): Run {
  const run = defaultClient().startRun(options);
  started.push(run);
  return run;
}

/** Starts a run, active within the function; ends it as FINISHED, or as FAILED when the function throws. */
export function withRun<T>(options: RunOptions, work: (run: Run) => T | Promise<T>): Promise<T> {
  return defaultClient().withRun(options, (run) => surrounding.run(run, () => work(run)));
}

/** The active run. Throws STEPWELL_RUN_MISSING when there is none. */
export function activeRun(): Run {
  const within = surrounding.getStore();
  if (within !== undefined) return within;
  while (started.at(-1)?.isEnded) started.pop();
  const run = started.at(-1);
  if (run === undefined) throw new StepwellClientError("STEPWELL_RUN_MISSING", "There is no active run.");
  return run;
}

/** Run.logMetric of the active run. */
export function logMetric(key: string, value: number, options?: PointOptions): void {
  activeRun().logMetric(key, value, options);
}

/** Run.logMetrics of the active run. */
export function logMetrics(values: Readonly<Record<string, number>>, options?: PointOptions): void {
  activeRun().logMetrics(values, options);
}

/** Run.logSeries of the active run. */
export function logSeries(
  key: string,
  steps: Int64s,
  values: Numbers,
  timestampsMs?: Int64s,
  modelId?: string,
): void {
  activeRun().logSeries(key, steps, values, timestampsMs, modelId);
}

/** Run.logParam of the active run. */
export function logParam(key: string, value: TextValue): void {
  activeRun().logParam(key, value);
}

/** Run.logParams of the active run. */
export function logParams(params: Readonly<Record<string, TextValue>>): void {
  activeRun().logParams(params);
}

/** Run.setTag of the active run. */
export function setTag(key: string, value: TextValue): void {
  activeRun().setTag(key, value);
}

/** Run.setTags of the active run. */
export function setTags(tags: Readonly<Record<string, TextValue>>): void {
  activeRun().setTags(tags);
}

/** StepwellClient.flush of the package's own client; at once when nothing was logged. */
export async function flush(options?: WaitOptions): Promise<void> {
  await client?.flush(options);
}

/** StepwellClient.drain of the package's own client; at once when nothing was logged. */
export async function drain(options?: WaitOptions): Promise<Drained> {
  return (await client?.drain(options)) ?? NOTHING_LEFT;
}

/** StepwellClient.close of the package's own client; the next startRun() makes a new one. */
export async function close(options?: WaitOptions): Promise<void> {
  const closing = client;
  client = undefined;
  started.length = 0;
  await closing?.close(options);
}

/** StepwellClient.stats of the package's own client; undefined before the first run. */
export function stats(): ClientStats | undefined {
  return client?.stats();
}

function defaultClient(): StepwellClient {
  client ??= new StepwellClient();
  return client;
}
