import { CheckResult, type TrackersServiceServer } from "../gen/stepwell/v1/trackers.js";
import type { HomeCheck } from "../model/home-check.js";
import { unary } from "./unary.js";

const RESULTS = {
  ok: CheckResult.CHECK_RESULT_OK,
  warn: CheckResult.CHECK_RESULT_WARN,
  failed: CheckResult.CHECK_RESULT_FAILED,
} as const;

/** What is done to a tracker's backend. */
export interface TrackerCalls {
  /** Asks whether runs can go there. */
  readonly checkTracker: (tracker: string) => Promise<readonly HomeCheck[]>;
  /** A store that is gone is meant to be; answers where the new one will be. */
  readonly startStoreAnew: (tracker: string) => Promise<string>;
}

export function trackersService({
  checkTracker: check,
  startStoreAnew,
}: TrackerCalls): TrackersServiceServer {
  return {
    startStoreAnew: unary(async ({ tracker }) => ({ place: await startStoreAnew(tracker) })),
    testTracker: unary(async ({ tracker }) => ({
      checks: (await check(tracker)).map((each) => ({ ...each, result: RESULTS[each.result] })),
    })),
  };
}
