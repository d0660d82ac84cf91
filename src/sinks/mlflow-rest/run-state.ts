/**
 * What is remembered of a run between packs, and of its requests that were not answered.
 *
 * A server that appends has a point twice that it is sent twice, and one whose answer was
 * lost may carry the request out a while later. So what it has is read back, and what is
 * missing of such a request goes again only when it can't come any more.
 */
import { LATE_MS } from "../../model/limits.js";
import type { KnownRun } from "./runs.js";

export interface RunState {
  readonly mlflowRunId: string;
  /** The run while its start's tags have still to be set. */
  bareRun: KnownRun | undefined;
  /** Whether the server may have points that it did not confirm to us. */
  isInDoubt: boolean;
  /** Until when, of the monotonic clock, the server may carry out what it did not answer. */
  lateUntilMs: number;
  /** The run's points that may be among that: so many from its first one on. */
  latePoints: number;
  /** Answers, one after the other, that may mean a bad entry. */
  doubtfulAnswers: number;
}

/** Of a run that nothing was sent to. */
export function fresh(run: KnownRun): RunState {
  return {
    mlflowRunId: run.mlflowRunId,
    bareRun: run.isBare ? run : undefined,
    isInDoubt: false,
    lateUntilMs: Number.NEGATIVE_INFINITY,
    latePoints: 0,
    doubtfulAnswers: 0,
  };
}

/** Of one that an earlier daemon sent to, nobody knows what. */
export function afterRestart(run: KnownRun, lateUntilMs: number): RunState {
  return { ...fresh(run), isInDoubt: true, lateUntilMs, latePoints: Number.POSITIVE_INFINITY };
}

/** A request that reaches to so many points of the run was not answered. */
export function expectLate(run: RunState, points: number, nowMs: number): void {
  run.lateUntilMs = nowMs + LATE_MS;
  run.latePoints = points;
}
