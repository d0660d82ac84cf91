import type { RunCurves } from "./run-curves.js";

/** Points of a run that no curve has. */
export interface CurveGap {
  readonly runId: string;
  readonly missingPoints: number;
  readonly isBeingRead: boolean;
  /** One sentence for people. */
  readonly reason: string;
}

/** What curves lack of so many points of their run. */
export function gapOf(curves: RunCurves, points: number): CurveGap | undefined {
  const missingPoints = curves.missingOf(points);
  if (missingPoints === 0) return undefined;
  const { runId, isRefilling: isBeingRead, whyMissing: reason } = curves;
  return { runId, missingPoints, isBeingRead, reason };
}
