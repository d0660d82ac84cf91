import { CheckResult, type TrackersServiceServer } from "../gen/stepwell/v1/trackers.js";
import type { HomeCheck } from "../model/home-check.js";
import { unary } from "./unary.js";

const RESULTS = {
  ok: CheckResult.CHECK_RESULT_OK,
  warn: CheckResult.CHECK_RESULT_WARN,
  failed: CheckResult.CHECK_RESULT_FAILED,
} as const;

/** `check` asks a tracker's backend. */
export function trackersService(
  check: (tracker: string) => Promise<readonly HomeCheck[]>,
): TrackersServiceServer {
  return {
    testTracker: unary(async ({ tracker }) => ({
      checks: (await check(tracker)).map((each) => ({ ...each, result: RESULTS[each.result] })),
    })),
  };
}
