/**
 * A lane: the ordered stream of one run to one tracker.
 *
 *   ready    -> sending            a request with its pack is under way: no other may be
 *   sending  -> ready              the backend answered, or takes nothing of any lane (breaker.ts)
 *   sending  -> retrying           this run's pack could not be taken now; sent again when it is due
 *   sending  -> held               this run does not go on until somebody acts; asked again now and then
 *
 * Times are of a monotonic clock: it may sleep for a day and nobody waits longer for it. What the lane has delivered is the run book's to know; a lane holds only what a
 * restart may forget.
 */
import type { ErrorCode } from "../errors/table.js";
import { HOLD_WAIT_MS, RECORD_ENTRIES_MAX } from "../model/limits.js";
import type { Target } from "../model/target.js";
import type { Outcome } from "../sinks/sink.js";
import { retryWaitMs } from "./backoff.js";

export type LaneState =
  | WaitingState
  /** Its pack is under way. `before` counts its failures and tells the last one. */
  | { readonly kind: "sending"; readonly before: WaitingState };

export type WaitingState =
  /** Sends when it is due. */
  | { readonly kind: "ready"; readonly dueMs: number }
  | {
      readonly kind: "retrying";
      readonly dueMs: number;
      readonly failures: number;
      readonly code: ErrorCode;
      readonly reason: string;
    }
  | { readonly kind: "held"; readonly dueMs: number; readonly code: ErrorCode; readonly reason: string };

export interface Lane {
  readonly runId: string;
  readonly target: Target;
  state: LaneState;
  /** Records in its next pack at most: fewer after a refusal, to find the one that is refused. */
  recordsMax: number;
  /** When the oldest entry that waits was received, in ms since 1970; 0 when none waits. */
  oldestMs: number;
  /** Whether delivered records of its run were asked back from the journal's replay window. */
  isRecalled: boolean;
  /** Whether entries arrived since the lane was last read. */
  hasNews: boolean;
}

/** A lane's key among all lanes. */
export function laneKey(runId: string, target: Target): string {
  return `${runId}/${target.trackerId}`;
}

export function newLane(runId: string, target: Target, dueMs: number): Lane {
  return {
    runId,
    target,
    state: { kind: "ready", dueMs },
    recordsMax: RECORD_ENTRIES_MAX,
    oldestMs: 0,
    isRecalled: false,
    hasNews: true,
  };
}

/** The lane's state while its pack is under way. */
export function whileSending(state: LaneState): LaneState {
  return state.kind === "sending" ? state : { kind: "sending", before: state };
}

/** The state that a lane shows: that before the request which is under way. */
export function shownState(state: LaneState): WaitingState {
  return state.kind === "sending" ? state.before : state;
}

/** The lane's state after a backend's answer; what is the backend's own trouble waits in its breaker. */
export function afterOutcome(
  state: WaitingState,
  outcome: Outcome,
  nowMs: number,
  random: () => number,
): WaitingState {
  const isBackends = "scope" in outcome && outcome.scope === "backend";
  if (isBackends) return { kind: "ready", dueMs: nowMs };
  switch (outcome.kind) {
    case "delivered":
    case "elsewhere":
    case "refused":
      return { kind: "ready", dueMs: nowMs };
    case "hold":
      return { kind: "held", dueMs: nowMs + HOLD_WAIT_MS, code: outcome.code, reason: outcome.reason };
    case "retry": {
      const failures = state.kind === "retrying" ? state.failures + 1 : 1;
      const dueMs = nowMs + retryWaitMs(failures, random, outcome.afterMs);
      return { kind: "retrying", dueMs, failures, code: outcome.code, reason: outcome.reason };
    }
  }
}
