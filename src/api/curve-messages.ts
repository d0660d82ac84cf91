import type { CurveSummary } from "../curves/summary.js";
import { StepwellError } from "../errors/stepwell-error.js";
import type { CurveKey } from "../gen/stepwell/v1/curves.js";
import { isLike } from "../model/star-pattern.js";

/** Throws STEPWELL_SETTING_INVALID where more are named than may be. */
export function checkNamed(what: string, named: readonly string[], most: number): void {
  if (named.length <= most) return;
  throw new StepwellError("STEPWELL_SETTING_INVALID", `${named.length} ${what} were named; ${most} may be.`);
}

/** Whether a key is like one of the patterns; without any it is. */
export function isMeant(key: string, patterns: readonly string[]): boolean {
  return patterns.length === 0 || patterns.some((pattern) => isLike(key, pattern));
}

/** A key as it is told. */
export function keyMessage(runId: string, key: string, summary: CurveSummary): CurveKey {
  const { points, nan, positive, negative, min, max, ...ends } = summary;
  return {
    ...{ runId, key, points: BigInt(points), nanPoints: BigInt(nan) },
    ...{ positiveInfinityPoints: BigInt(positive), negativeInfinityPoints: BigInt(negative) },
    ...(min <= max ? { min, max } : {}),
    ...ends,
  };
}
