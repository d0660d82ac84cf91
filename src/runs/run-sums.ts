import { RUN_NUMBERS_SKIPPED } from "../model/limits.js";
import type { Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";
import { deliveredTo, furthestPosition, pointsAgain, type Run, type RunPosition } from "./run.js";

/** Sums over runs that are not in memory, and what has to outlive every run. */
export interface RunSums {
  /** The number that was given out last when this was written; a live run may have a higher one. */
  readonly runNumber: number;
  /** The highest position that any archived run had. */
  readonly seq: number;
  readonly archivedJournaledPoints: number;
  readonly archivedDeliveredPoints: number;
}

export const NO_SUMS: RunSums = {
  runNumber: 0,
  seq: 0,
  archivedJournaledPoints: 0,
  archivedDeliveredPoints: 0,
};

/** The sums with a run that goes to the archive, or without one that comes back. */
export function sumsWith(sums: RunSums, run: Run, sign: 1 | -1): RunSums {
  const { seq, points } = furthestPosition(run);
  return {
    ...sums,
    archivedJournaledPoints: sums.archivedJournaledPoints + sign * points,
    archivedDeliveredPoints: sums.archivedDeliveredPoints + sign * deliveredSum(run),
    seq: Math.max(sums.seq, seq),
  };
}

/** The points that a run's backends confirmed, each for itself. */
function deliveredSum(run: Run): number {
  return (run.targets ?? []).reduce(
    (sum, { trackerId }) => sum + deliveredTo(run, trackerId).points - pointsAgain(run, trackerId),
    0,
  );
}

/** The highest position of the archived runs and of others. */
export function highestSeq(sums: RunSums, others: Iterable<Run>): number {
  let { seq } = sums;
  for (const run of others) seq = Math.max(seq, furthestPosition(run).seq);
  return seq;
}

/** Points of the archived runs and of others. */
export function totalsOf(
  sums: RunSums,
  others: Iterable<Run>,
  journaled: (run: Run) => RunPosition,
): { journaledPoints: number; deliveredPoints: number } {
  let { archivedJournaledPoints: journaledPoints, archivedDeliveredPoints: deliveredPoints } = sums;
  for (const run of others) {
    journaledPoints += journaled(run).points;
    deliveredPoints += deliveredSum(run);
  }
  return { journaledPoints, deliveredPoints };
}

/** The key of the sums in the store. */
export const RUN_SUMS = "runs";

/**
 * Raises the number that is given out next beyond any that was given out before: the sums that a salvage
 * found may be older than the journal, and no new run may get a number that the journal knows.
 */
export async function raiseRunNumbers(store: Store): Promise<void> {
  const sums = (await store.get<RunSums>(TABLES.counter, RUN_SUMS)) ?? NO_SUMS;
  const live = await store.list<Run>(TABLES.run);
  const highest = live.reduce((number, { value }) => Math.max(number, value.number), sums.runNumber);
  const value: RunSums = { ...sums, runNumber: highest + RUN_NUMBERS_SKIPPED };
  await store.write([{ table: TABLES.counter, key: RUN_SUMS, value }], { sync: true });
}
