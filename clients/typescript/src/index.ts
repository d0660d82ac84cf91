// biome-ignore-all lint/performance/noBarrelFile: this is the package's public surface, in one list.
export {
  activeRun,
  close,
  drain,
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
export type { CallOptions } from "./calls/call-bound.js";
export type { TextValue } from "./checks.js";
export { type ClientStats, StepwellClient, type WaitOptions, type WatchOptions } from "./client.js";
export type { Int64s, Numbers } from "./column.js";
export { type ClientErrorCode, StepwellClientError } from "./errors.js";
export type { Int64 } from "./int64.js";
export type { PointOptions, Run, RunOptions } from "./run.js";
export type { ClientOptions } from "./settings.js";
export type { Component, Secret, Stack, StackOptions, Texts, Tracker } from "./stacks.js";
export type { DaemonState, Delivery, Drained, Lane, LaneState, RunState, RunStatus } from "./state.js";
export type { EndStatus } from "./wire.js";
