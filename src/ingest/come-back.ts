/** Batches of processes that go on with a run which had ended. */
import { RunStatus } from "../gen/stepwell/v1/types.js";
import type { BatchView } from "../model/batch-view.js";
import { END_REASON_TAG, type Lease } from "../runs/lease-book.js";
import type { RankChange } from "../runs/rank.js";
import { hasEnded, type Run } from "../runs/run.js";

/** Whether a process goes on with a run that the daemon ended, or is the first rank of one that has ended in any way. */
export function comesBack(
  run: Run,
  lease: Lease | undefined,
  { end }: BatchView,
  ranks: readonly RankChange[],
): boolean {
  const isFirst = ranks.some(({ joins, rank }) => joins && rank === 0);
  const goesOn = isFirst || end?.status === RunStatus.RUN_STATUS_RUNNING;
  return goesOn && (isLost(lease) || (isFirst && hasEnded(run)));
}

/** The run is running again, unless the batch says more, and why it was ended is not so any more. */
export function withRunning(batch: BatchView): BatchView {
  const running = { status: RunStatus.RUN_STATUS_RUNNING, endTimeMs: 0n };
  return { ...batch, removedTags: [...batch.removedTags, END_REASON_TAG], end: batch.end ?? running };
}

function isLost(lease: Lease | undefined): boolean {
  return lease !== undefined && lease.state !== "held";
}
