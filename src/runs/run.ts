import { StepwellError } from "../errors/stepwell-error.js";
import type { LeftCursor } from "../model/cursor.js";
import { ID_PREFIX_CHARACTERS_MIN } from "../model/limits.js";
import type { RunEnd, RunStart, RunStatus } from "../model/run.js";
import type { SystemWish } from "../model/system-metrics.js";
import type { Target } from "../model/target.js";

const RUN_ID_OR_PREFIX = new RegExp(`^[0-9a-f]{${ID_PREFIX_CHARACTERS_MIN},32}$`);

/** A position in the journal with a run's sums through it. */
export interface RunPosition {
  /** 0: nothing yet. */
  readonly seq: number;
  readonly points: number;
  readonly bytes: number;
}

/** How far a tracker has a run. */
export interface Delivered extends RunPosition {
  /** Where the backend's own cursor was left; it lags behind what was refused or not for this tracker. */
  readonly cursor?: LeftCursor | undefined;
  /** What was delivered before the backend forgot it; until there, what the journal has no more is lost for that. */
  readonly forgot?: RunPosition | undefined;
}

const NO_POSITION: Delivered = { seq: 0, points: 0, bytes: 0 };

/** One run as the state store holds it. Only the run book changes it. */
export interface Run {
  readonly runId: string;
  /** The run's number in the journal's keys. */
  readonly number: number;
  /** What creates the run at a backend; undefined while its start has not arrived. */
  readonly start: RunStart | undefined;
  /** The trackers that were asked for; none: the active stack's default. */
  readonly askedTrackers: readonly string[];
  /** Whether a program may still say which experiment it is of: until something is logged to it, it goes nowhere. */
  readonly isOpen?: true | undefined;
  /** It was placed because nothing happened: the first run that its program begins in that experiment is still this one. */
  readonly isOffered?: true | undefined;
  /** Where it goes; undefined while it is open, or a tracker that was asked for does not exist. */
  readonly targets: readonly Target[] | undefined;
  /** Milliseconds since 1970. */
  readonly firstSeenMs: number;
  /** Whether metrics of the system are logged to it, as its program said; undefined: as its trackers have it. */
  readonly systemWish?: SystemWish | undefined;
  /** The status that was journaled last; undefined while the start has not arrived. */
  readonly status: RunStatus | undefined;
  /** Milliseconds since 1970; 0 while the run goes on. */
  readonly endTimeMs: number;
  /** How far each tracker, by its id, has confirmed the run. */
  readonly delivered: Readonly<Record<string, Delivered>>;
  /** Through where it became dead letters because its start did not come: that is sent to no tracker. */
  readonly parked?: RunPosition | undefined;
  /** Points of dead letters that were journaled again for a tracker, by its id: no sum has them twice. */
  readonly again?: Readonly<Record<string, readonly PointsAgain[]>> | undefined;
}

/** Points that come again, and the position through which all of them are journaled. */
interface PointsAgain {
  readonly seq: number;
  readonly points: number;
}

/** Retries that are told apart: the oldest are taken together, and wait until the last of them is there. */
const AGAIN_MAX = 16;

/** A run that entries came for first, and that waits for its start. */
export function newRun(runId: string, number: number, firstSeenMs: number): Run {
  const nothing = { start: undefined, askedTrackers: [], targets: undefined, status: undefined };
  return { runId, number, ...nothing, firstSeenMs, endTimeMs: 0, delivered: {} };
}

/** The position through which every backend has the run, or through which it was parked. */
export function releasedSeq(run: Run): number {
  if (!run.targets) return parkedThrough(run).seq;
  return Math.min(...run.targets.map((target) => deliveredTo(run, target.trackerId).seq));
}

/** How far a tracker has the run. */
export function deliveredTo(run: Run, trackerId: string): Delivered {
  return run.delivered[trackerId] ?? parkedThrough(run);
}

/** Through where nothing of the run waits for its start any more. */
export function parkedThrough({ parked }: Run): RunPosition {
  return parked ?? NO_POSITION;
}

/**
 * The furthest position that anybody confirmed. When the journal holds nothing of the run
 * any more these are its totals; only what was on disk is ever confirmed.
 */
export function furthestPosition(run: Run): RunPosition {
  const delivered = Object.values(run.delivered).flatMap(({ forgot, ...each }) => [each, forgot ?? each]);
  const { seq, points, bytes } = [parkedThrough(run), ...delivered].reduce(
    (one, other) => (other.seq > one.seq ? other : one),
    NO_POSITION,
  );
  return { seq, points, bytes };
}

/** Points that were counted as done when they became dead letters, and that are on their way to a tracker again. */
export function pointsAgain(run: Run, trackerId: string): number {
  const again = waitingAgain(run, trackerId).reduce((sum, { points }) => sum + points, 0);
  // Letters that a salvage brought back were counted nowhere.
  return Math.min(again, deliveredTo(run, trackerId).points);
}

/** The run with points that come again. */
export function withPointsAgain(run: Run, trackerId: string, more: PointsAgain): Run {
  const before = waitingAgain(run, trackerId);
  const apart = before.slice(-AGAIN_MAX);
  const points = before.slice(0, -AGAIN_MAX).reduce((sum, each) => sum + each.points, more.points);
  return { ...run, again: { ...run.again, [trackerId]: [...apart, { ...more, points }] } };
}

function waitingAgain(run: Run, trackerId: string): readonly PointsAgain[] {
  const { seq } = deliveredTo(run, trackerId);
  return run.again?.[trackerId]?.filter((each) => each.seq > seq) ?? [];
}

/** What of the forgotten is still behind a position that a lane goes on from. */
export function forgottenBehind({ forgot }: Delivered, seq: number): RunPosition | undefined {
  return forgot && forgot.seq > seq ? forgot : undefined;
}

/** Whether the run has ended: its end may have no time. */
export function hasEnded({ status }: Pick<Run, "status">): boolean {
  return status !== undefined && status !== "RUNNING" && status !== "SCHEDULED";
}

/** How the run ended, or that it goes on; what a backend is to be told when a record changed it. */
export function runEndOf({ status, endTimeMs }: Run): RunEnd | undefined {
  return status === undefined || status === "SCHEDULED" ? undefined : { status, endTimeMs };
}

/** Throws STEPWELL_RUN_UNKNOWN for what can't be a run's id, nor a prefix of one that is long enough. */
export function checkRunIdOrPrefix(text: string): void {
  if (RUN_ID_OR_PREFIX.test(text)) return;
  throw new StepwellError(
    "STEPWELL_RUN_UNKNOWN",
    `${JSON.stringify(text)} is no run id and no prefix of one.`,
  );
}

/** The only one of the runs that a prefix found. Throws STEPWELL_RUN_UNKNOWN or STEPWELL_NAME_AMBIGUOUS. */
export function onlyRun(prefix: string, [found, ...others]: readonly Run[]): Run {
  if (others.length > 0)
    throw new StepwellError("STEPWELL_NAME_AMBIGUOUS", `Several run ids begin with ${prefix}.`);
  if (found) return found;
  throw new StepwellError("STEPWELL_RUN_UNKNOWN", `There is no run ${JSON.stringify(prefix)}.`);
}
