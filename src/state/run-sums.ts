import { deliveredTo, furthestPosition, type Run } from "./run.js";

/** Sums over runs that are not in memory, and what has to outlive every run. */
export interface RunSums {
  /** The number that was given out last. */
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
export function deliveredSum(run: Run): number {
  return (run.targets ?? []).reduce((sum, target) => sum + deliveredTo(run, target.trackerId).points, 0);
}
