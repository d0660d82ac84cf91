/** What a daemon may tell the page, for tests of its parts. */

import { signsOf } from "../../../src/cli/watch/palette.js";
import { begun, type WatchState, withKeys, withRuns } from "../../../src/cli/watch/state.js";
import type { Curve, CurveKey, WatchedRun } from "../../../src/gen/stepwell/v1/curves.js";
import { RunStatus } from "../../../src/gen/stepwell/v1/types.js";
import { columnsOf } from "../../support/curve-columns.js";

export const SIGNS = signsOf(true);

export function runOf(runId: string, change: Partial<WatchedRun> = {}): WatchedRun {
  return {
    ...{ runId, runName: `run ${runId}`, experimentName: "demo", status: RunStatus.RUN_STATUS_RUNNING },
    ...{ startTimeMs: 1_000n, endTimeMs: 0n, journaledPoints: 5n },
    ...change,
  };
}

export function keyOf(runId: string, key: string, change: Partial<CurveKey> = {}): CurveKey {
  return {
    ...{ runId, key, points: 100n, nanPoints: 0n, positiveInfinityPoints: 0n, negativeInfinityPoints: 0n },
    ...{ lastStep: 100n, lastTimestampMs: 101_000n, lastValue: 0.5, min: 0, max: 1 },
    ...{ firstStep: 0n, firstTimestampMs: 1_000n, latestTimestampMs: 101_000n },
    ...change,
  };
}

/** A curve of buckets, each as the values of its points at places one apart. */
export function curveOf(key: string, buckets: readonly (readonly number[])[], runId = "a"): Curve {
  const ends = buckets.map((_, at) =>
    buckets.slice(0, at + 1).reduce((sum, values) => sum + values.length, 0),
  );
  return {
    ...{
      runId,
      key,
      version: { generation: 1n, number: 1n },
      fromBucket: 0,
      isExact: false,
      hasPoints: false,
    },
    xFirst: buckets.map((values, at) => BigInt((ends[at] ?? 0) - values.length)),
    xLast: ends.map((end) => BigInt(end - 1)),
    ...columnsOf(buckets),
  };
}

/** A page of runs that all have the same keys; the first is shown. */
export function pageOf(runIds: readonly string[], keys: readonly string[]): WatchState {
  const runs = runIds.map((runId, at) => runOf(runId, { startTimeMs: BigInt(1_000 - at) }));
  const state = withRuns({ ...begun([]), isCurrent: true }, runs);
  return withKeys(
    state,
    state.chosen.flatMap((runId) => keys.map((key) => keyOf(runId, key))),
    [],
    true,
  );
}
