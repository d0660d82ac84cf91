/** How things are said to people. */
import { LaneState } from "../../gen/stepwell/v1/daemon.js";
import { RunStatus } from "../../gen/stepwell/v1/types.js";

/** Made once: making one takes longer than many comparisons. */
export const IN_ALPHABET = new Intl.Collator("en", { numeric: true });

const STATUS_WORDS: Readonly<Record<number, string>> = {
  [RunStatus.RUN_STATUS_RUNNING]: "running",
  [RunStatus.RUN_STATUS_SCHEDULED]: "scheduled",
  [RunStatus.RUN_STATUS_FINISHED]: "finished",
  [RunStatus.RUN_STATUS_FAILED]: "failed",
  [RunStatus.RUN_STATUS_KILLED]: "killed",
};
const LANE_WORDS: Readonly<Record<number, string>> = {
  [LaneState.LANE_STATE_IDLE]: "idle",
  [LaneState.LANE_STATE_FLUSHING]: "flushing",
  [LaneState.LANE_STATE_WAITING]: "waiting",
  [LaneState.LANE_STATE_RETRYING]: "retrying",
  [LaneState.LANE_STATE_HELD]: "held",
};

export function statusWord(status: number): string {
  return STATUS_WORDS[status] ?? "";
}

/** "delivered" where nothing waits. */
export function laneWord(state: number): string {
  return LANE_WORDS[state] ?? "delivered";
}

/** A time of day, with the date where it is not today's. */
export function timeText(ms: bigint): string {
  if (ms === 0n) return "";
  const date = new Date(Number(ms));
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? date.toLocaleTimeString() : date.toLocaleString();
}

/** How long, in two units. */
export function lengthText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function countText(count: bigint | number): string {
  return count.toLocaleString("en-US");
}

/** A number in few letters. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (value === 0) return "0";
  if (size >= 1e9 || size < 1e-3) return value.toExponential(2).replace(/\.?0+e/, "e");
  if (size >= 1e6) return `${Number((value / 1e6).toFixed(2))}M`;
  if (size >= 1e4) return `${Number((value / 1e3).toFixed(1))}k`;
  return `${Number(value.toPrecision(4))}`;
}

/** Milliseconds, as a time since the run's start. */
export function durationOf(ms: number): string {
  const seconds = ms / 1_000;
  if (Math.abs(seconds) < 120) return `${Number(seconds.toFixed(Math.abs(seconds) < 10 ? 2 : 1))} s`;
  if (Math.abs(seconds) < 7_200) return `${Number((seconds / 60).toFixed(1))} min`;
  return `${Number((seconds / 3_600).toFixed(2))} h`;
}
