/** A bundle's run while it is delivered, and its records. */
import { damaged } from "../bundles/frames.js";
import { StepwellError } from "../errors/stepwell-error.js";
import type { NamedParent } from "../gen/stepwell/v1/relay.js";
import type { JournalRecord } from "../journal/record.js";
import { type BatchView, pointsIn, viewBatch } from "../model/batch-view.js";
import type { LeftCursor } from "../model/cursor.js";
import type { RunPosition } from "../runs/run.js";
import type { BundledRun } from "./bundled-runs.js";

/** One run's state while it is delivered. */
export class Lane {
  readonly bundled: BundledRun;
  through: RunPosition;
  left: LeftCursor | undefined;
  /** Entries that the backend refused. */
  refused = 0;

  constructor(bundled: BundledRun, through: RunPosition, left: LeftCursor | undefined) {
    this.bundled = bundled;
    this.through = through;
    this.left = left;
  }
}

/** One record with what it holds. */
export interface CarriedRecord {
  readonly through: RunPosition;
  readonly payload: Buffer;
  readonly batch: BatchView;
  readonly parents: readonly NamedParent[];
}

/** Why a run can't be delivered. */
export function placeFault(
  { kind }: { readonly kind: "gap" | "foreign" },
  { runId, afterBundle, from }: BundledRun,
): StepwellError {
  if (kind === "foreign")
    return new StepwellError(
      "STEPWELL_BUNDLE_FOREIGN",
      `Somebody else went on with run ${runId} under the id of the bundle's home: a copy of it.`,
    );
  const before = afterBundle === 0 ? `what is before position ${from.seq + 1}` : `bundle ${afterBundle}`;
  return new StepwellError("STEPWELL_BUNDLE_GAP", `The bundle needs ${before} of run ${runId} first.`);
}

/** A cursor that is ours stands between two records, and the run has as many points there. */
export function checkMet({ bundled, through }: Lane, met: RunPosition): void {
  if (met.seq === through.seq && met.points !== through.points)
    throw placeFault({ kind: "foreign" }, bundled);
}

/** What a record holds. Throws STEPWELL_BUNDLE_DAMAGED. */
export function viewed(payload: Uint8Array): BatchView {
  try {
    return viewBatch(payload);
  } catch (error) {
    throw error instanceof StepwellError ? error : damaged("a record can't be read");
  }
}

/** The record as its home journaled it. */
export function asRecord({ through, payload, batch }: CarriedRecord): JournalRecord {
  return {
    ...{ seq: through.seq, through, payload, isGap: false, receivedMs: 0 },
    points: pointsIn(batch.columns),
    params: batch.params.length,
    tags: batch.tags.length,
    startsRun: batch.start !== undefined,
    endsRun: batch.end !== undefined,
  };
}
