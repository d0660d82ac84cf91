// biome-ignore-all lint/performance/noBarrelFile: this is the package's public surface, in one list.
export {
  activeRun,
  close,
  flush,
  logMetric,
  logMetrics,
  logParam,
  logParams,
  logSeries,
  setTag,
  setTags,
  startRun,
  stats,
  withRun,
} from "./active.js";
export type { TextValue } from "./checks.js";
export { type ClientStats, StepwellClient, type WaitOptions } from "./client.js";
export type { Int64s, Numbers } from "./column.js";
export { type ClientErrorCode, StepwellClientError } from "./errors.js";
export type { Int64 } from "./int64.js";
export type { PointOptions, Run, RunOptions } from "./run.js";
export type { ClientOptions } from "./settings.js";
export type { EndStatus } from "./wire.js";
