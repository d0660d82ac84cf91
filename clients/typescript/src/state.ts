/** What the daemon tells of itself and of runs, as DaemonService and RunsService have it. */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Call } from "./calls/caller.js";
import type { Message } from "./message.js";
import { type EndStatus, encodeGetRun } from "./wire.js";

/** What a run is: it goes on, or ended somehow. "UNKNOWN" is for what a newer daemon may say. */
export type RunStatus = EndStatus | "RUNNING" | "SCHEDULED" | "UNKNOWN";

/**
 * What a lane does: "idle" (not looked at yet), "flushing" (it goes on), "waiting" (for the run's start), "retrying" (it goes
 * on by itself) or "held" (until somebody acts). "unknown" is for what a newer daemon may say.
 */
export type LaneState = "idle" | "flushing" | "waiting" | "retrying" | "held" | "unknown";

/**
 * What is queued, delivered and wrong at the daemon. A point that goes to two trackers counts twice in what is queued
 * and delivered. Counts are exact to 2^53.
 */
export interface DaemonState {
  /** Points that wait for a backend. */
  readonly queuedPoints: number;
  /** Their bytes in the journal. */
  readonly queuedBytes: number;
  /** Age of the oldest entry that waits, in seconds; 0 when none does. */
  readonly oldestAgeSeconds: number;
  /** Points that backends confirmed since the home was made. */
  readonly deliveredPoints: number;
  /** Points that were journaled since the home was made. */
  readonly journaledPoints: number;
  /** Entries that a backend refused for good. */
  readonly deadLetters: number;
  /** Entries that were refused as they came in. */
  readonly rejectedEntries: number;
  /** Streams that are open. */
  readonly producers: number;
  /** Runs that the home has had. */
  readonly runs: number;
  /** Lanes that hold entries, 50 at most, the worst first. */
  readonly lanes: readonly Lane[];
  /** Why nothing can be journaled now; undefined when all is well. */
  readonly journalError: string | undefined;
  /** What the daemon noticed since it started, a sentence each. */
  readonly notices: readonly string[];
}

/** What one run has on its way to one tracker. */
export interface Lane {
  readonly runId: string;
  readonly tracker: string;
  readonly state: LaneState;
  /** What the backend said last; undefined when all is well. */
  readonly lastError: string | undefined;
  readonly queuedPoints: number;
  readonly deliveredPoints: number;
  /** Age of the oldest entry that waits, in seconds; 0 when none does. */
  readonly oldestAgeSeconds: number;
}

/** Whether the backends have confirmed what was waited for, and what is left. */
export interface Drained {
  /** False when the time was over first. */
  readonly isComplete: boolean;
  /** What is not there yet, and why: 50 lanes at most. */
  readonly lanes: readonly Lane[];
  /** Entries that a backend refused for good: no wait brings them there. */
  readonly deadLetters: number;
}

/** What a drain of nothing answers. */
export const NOTHING_LEFT: Drained = { isComplete: true, lanes: [], deadLetters: 0 };

/** A run as the daemon knows it. */
export interface RunState {
  /** 32 hexadecimal digits. */
  readonly runId: string;
  readonly runName: string;
  readonly experimentName: string;
  readonly status: RunStatus;
  /** Milliseconds since 1970, as the program said. */
  readonly startTimeMs: number;
  /** Milliseconds since 1970, as the program said; undefined while the run goes on. */
  readonly endTimeMs: number | undefined;
  /** Points on the daemon's disk. */
  readonly journaledPoints: number;
  /** What is delivered, or waits and why: one sentence. */
  readonly standing: string;
  /** One for each tracker. */
  readonly deliveries: readonly Delivery[];
}

/** How far a run has come at one tracker. */
export interface Delivery {
  readonly tracker: string;
  /** The run's id there; undefined until a server has given it one. */
  readonly mlflowRunId: string | undefined;
  /** The run's page where the server has it, else the backend's address as MLflow takes it. No credentials are in either. */
  readonly url: string;
  readonly deliveredPoints: number;
  readonly queuedPoints: number;
}

/** GetStatus. */
export const GET_STATUS: Call = { path: "/stepwell.v1.DaemonService/GetStatus", request: new Uint8Array() };

/** WatchStatus. */
export function watchStatus(intervalMs: number): Call {
  const request = new BinaryWriter().tag(1, WireType.Varint).uint32(intervalMs).finish();
  return { path: "/stepwell.v1.DaemonService/WatchStatus", request };
}

/** Flush, of these runs; of all of the home, where none is given. */
export function drainRuns(timeoutMs: number, runIds: readonly string[]): Call {
  const request = new BinaryWriter().tag(1, WireType.Varint).uint32(timeoutMs);
  for (const runId of runIds) request.tag(2, WireType.LengthDelimited).string(runId);
  return { path: "/stepwell.v1.DaemonService/Flush", request: request.finish() };
}

/** GetRun. */
export function getRun(runId: string): Call {
  return { path: "/stepwell.v1.RunsService/GetRun", request: encodeGetRun(runId) };
}

/** Reads GetStatusResponse and WatchStatusResponse. */
export function stateOf(answer: Message): DaemonState {
  const status = answer.message(1);
  return {
    queuedPoints: status.number(1),
    queuedBytes: status.number(2),
    oldestAgeSeconds: status.number(3),
    deliveredPoints: status.number(4),
    deadLetters: status.number(5),
    journaledPoints: status.number(6),
    rejectedEntries: status.number(8),
    producers: status.number(9),
    lanes: status.messages(12).map(laneOf),
    journalError: status.text(13) || undefined,
    notices: status.texts(18),
    runs: status.number(24),
  };
}

/** Reads FlushResponse. */
export function drainedOf(answer: Message): Drained {
  return {
    isComplete: answer.flag(1),
    lanes: answer.messages(3).map(laneOf),
    deadLetters: answer.number(4),
  };
}

function laneOf(lane: Message): Lane {
  return {
    runId: lane.text(1),
    tracker: lane.text(2),
    lastError: lane.text(4) || undefined,
    queuedPoints: lane.number(5),
    deliveredPoints: lane.number(6),
    oldestAgeSeconds: lane.number(7),
    state: LANE_STATES[lane.number(8)] ?? "unknown",
  };
}

/** By their numbers in daemon.proto. */
const LANE_STATES: readonly LaneState[] = ["unknown", "idle", "flushing", "waiting", "retrying", "held"];

/** Reads GetRunResponse. */
export function runStateOf(answer: Message): RunState {
  const run = answer.message(1);
  return {
    runId: run.text(1),
    runName: run.text(2),
    experimentName: run.text(3),
    status: RUN_STATUSES[run.number(4)] ?? "UNKNOWN",
    startTimeMs: run.number(5),
    endTimeMs: run.number(6) || undefined,
    journaledPoints: run.number(7),
    deliveries: run.messages(8).map(deliveryOf),
    standing: answer.text(2),
  };
}

function deliveryOf(delivery: Message): Delivery {
  return {
    tracker: delivery.text(1),
    mlflowRunId: delivery.text(2) || undefined,
    url: delivery.text(3),
    deliveredPoints: delivery.number(4),
    queuedPoints: delivery.number(5),
  };
}

/** By their numbers in types.proto. */
const RUN_STATUSES: readonly RunStatus[] = [
  ...(["UNKNOWN", "RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"] as const),
];
