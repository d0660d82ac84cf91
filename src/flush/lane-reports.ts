/** What waits, as it is told: all of it in sums, and the lanes that tell most. */
import { sayError } from "../errors/stepwell-error.js";
import type { ErrorCode } from "../errors/table.js";
import type { Target } from "../model/target.js";
import type { DeadLetters } from "../runs/dead-letters.js";
import { deliveredTo, parkedThrough, pointsAgain, type Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import type { OpenBreaker } from "./breaker.js";
import { type Lane, shownState } from "./lane.js";

/** What waits for one tracker, or for a run's start. */
export interface LaneReport {
  readonly runId: string;
  readonly tracker: string;
  readonly state: "idle" | "flushing" | "waiting" | "retrying" | "held";
  readonly lastError: string;
  /** That error's code. */
  readonly errorCode: ErrorCode | undefined;
  readonly queuedPoints: number;
  readonly queuedBytes: number;
  readonly deliveredPoints: number;
  /** When the oldest entry that waits was received, in ms since 1970; 0 when that is not known. */
  readonly oldestMs: number;
}

/** All that waits. */
export interface LaneOverview {
  /** Lanes that hold entries, and those of them that are held or retry. */
  readonly count: number;
  readonly troubled: number;
  readonly queuedPoints: number;
  readonly queuedBytes: number;
  /** When the oldest entry that waits was received, in ms since 1970; 0 when none waits. */
  readonly oldestMs: number;
  /** Some of them: one of each kind of trouble first, the oldest, then the worst. */
  readonly lanes: readonly LaneReport[];
}

export interface ReportSources {
  readonly runs: RunBook;
  readonly deadLetters: DeadLetters;
  /** The lane of a run to a target, if it is known, and why all lanes of its backend wait, if they do. */
  readonly find: (runId: string, target: Target) => FoundLane;
}

export interface FoundLane {
  readonly lane: Lane | undefined;
  readonly trouble: OpenBreaker | undefined;
}

interface Trouble {
  readonly code: ErrorCode;
  readonly reason: string;
  /** What to do, where it is another thing than the table says. */
  readonly remedy?: string;
}

/** A report without its words: there may be ten thousand. */
interface Waiting extends Omit<LaneReport, "lastError" | "errorCode"> {
  readonly trouble: Trouble | undefined;
}

const WORST_FIRST = ["held", "retrying", "waiting", "flushing", "idle"];

/** Everything that waits, with so many lanes. */
export function overviewOf(sources: ReportSources, lanesMax: number): LaneOverview {
  const all: Waiting[] = [];
  for (const run of sources.runs.live()) all.push(...waitingOf(sources, run));
  const sum = { count: all.length, troubled: 0, queuedPoints: 0, queuedBytes: 0, oldestMs: 0 };
  for (const { state, queuedPoints, queuedBytes, oldestMs } of all) {
    if (state === "held" || state === "retrying") sum.troubled += 1;
    sum.queuedPoints += queuedPoints;
    sum.queuedBytes += queuedBytes;
    if (oldestMs > 0 && (sum.oldestMs === 0 || oldestMs < sum.oldestMs)) sum.oldestMs = oldestMs;
  }
  return { ...sum, lanes: mostTelling(all).slice(0, lanesMax).map(reportOf) };
}

/** What waits for one tracker, in sums. */
export interface TrackerSums {
  /** Lanes by their state. */
  readonly lanes: Record<LaneReport["state"], number>;
  queuedPoints: number;
  queuedBytes: number;
  /** As in a report. */
  oldestMs: number;
}

/** Everything that waits by tracker, as `nameOf` calls it: for whoever looks every few seconds and needs no lane. */
export function sumsOf(
  sources: ReportSources,
  nameOf: (tracker: string) => string,
): Map<string, TrackerSums> {
  const all = new Map<string, TrackerSums>();
  for (const run of sources.runs.live()) {
    for (const { tracker, state, queuedPoints, queuedBytes, oldestMs } of waitingOf(sources, run)) {
      const name = nameOf(tracker);
      const sums = all.get(name) ?? noSums();
      all.set(name, sums);
      sums.lanes[state] += 1;
      sums.queuedPoints += queuedPoints;
      sums.queuedBytes += queuedBytes;
      if (oldestMs > 0 && (sums.oldestMs === 0 || oldestMs < sums.oldestMs)) sums.oldestMs = oldestMs;
    }
  }
  return all;
}

function noSums(): TrackerSums {
  return {
    lanes: { idle: 0, flushing: 0, waiting: 0, retrying: 0, held: 0 },
    ...{ queuedPoints: 0, queuedBytes: 0, oldestMs: 0 },
  };
}

/** The lanes of a run that hold entries, or those of all runs. */
export function* reportsOf(sources: ReportSources, runId: string): Generator<LaneReport> {
  const run = sources.runs.find(runId);
  const runs = runId === "" ? [...sources.runs.live()] : run ? [run] : [];
  for (const each of runs) yield* waitingOf(sources, each).map(reportOf);
}

/** The same, those first that most stands in the way of. */
export function worstFirst(lanes: readonly LaneReport[]): LaneReport[] {
  return lanes.toSorted((one, other) => WORST_FIRST.indexOf(one.state) - WORST_FIRST.indexOf(other.state));
}

function waitingOf({ runs, deadLetters, find }: ReportSources, run: Run): Waiting[] {
  const journaled = runs.journaled(run);
  const { runId, firstSeenMs } = run;
  const queuedAfter = ({ points, bytes }: { points: number; bytes: number }) => ({
    queuedPoints: journaled.points - points,
    queuedBytes: journaled.bytes - bytes,
  });
  if (run.isOpen) return [];
  if (!run.start || !run.targets) {
    const queued = queuedAfter(parkedThrough(run));
    if (queued.queuedBytes <= 0) return [];
    const whole = { runId, ...queued, deliveredPoints: 0, oldestMs: firstSeenMs };
    if (run.start)
      return [
        {
          ...whole,
          tracker: run.askedTrackers.join(","),
          state: "held",
          trouble: noTracker(run.askedTrackers),
        },
      ];
    const full = deadLetters.fullness;
    const trouble = full && { code: full.code, reason: full.message, remedy: full.remedy };
    return [{ ...whole, tracker: "", state: "waiting", trouble }];
  }
  return run.targets.flatMap((target): Waiting[] => {
    const delivered = deliveredTo(run, target.trackerId);
    const queued = queuedAfter(delivered);
    if (queued.queuedBytes <= 0) return [];
    const found = find(runId, target);
    const oldestMs = found.lane?.oldestMs ?? 0;
    const { tracker } = target;
    const again = pointsAgain(run, target.trackerId);
    const points = {
      queuedPoints: queued.queuedPoints + again,
      deliveredPoints: delivered.points - again,
    };
    return [{ runId, tracker, ...queued, ...points, oldestMs, ...stateOf(found) }];
  });
}

function noTracker(asked: readonly string[]): Trouble {
  const reason =
    asked.length === 0
      ? "The active stack has no experiment tracker."
      : `There is no such experiment tracker: ${asked.join(", ")}.`;
  return { code: "STEPWELL_TRACKER_UNKNOWN", reason };
}

/** What a lane waits for itself comes before what all wait for. */
function stateOf({ lane, trouble }: FoundLane): Pick<Waiting, "state" | "trouble"> {
  if (!lane) return { state: "idle", trouble: undefined };
  const shown = shownState(lane.state);
  if (shown.kind !== "ready") return { state: shown.kind, trouble: shown };
  return trouble ? { state: trouble.why, trouble } : { state: "flushing", trouble: undefined };
}

/** One of each kind first, so that ten thousand of one hide no other. */
function mostTelling(all: readonly Waiting[]): Waiting[] {
  const sorted = all.toSorted(byTrouble);
  const kinds = new Set<string>();
  const firsts: Waiting[] = [];
  const others: Waiting[] = [];
  for (const each of sorted) {
    const kind = `${each.state} ${each.tracker} ${each.trouble?.code}`;
    (kinds.has(kind) ? others : firsts).push(each);
    kinds.add(kind);
  }
  return [...firsts, ...others];
}

function byTrouble(one: Waiting, other: Waiting): number {
  return (
    WORST_FIRST.indexOf(one.state) - WORST_FIRST.indexOf(other.state) ||
    (one.oldestMs || Number.POSITIVE_INFINITY) - (other.oldestMs || Number.POSITIVE_INFINITY) ||
    0
  );
}

function reportOf({ trouble, ...report }: Waiting): LaneReport {
  if (trouble) {
    const lastError = sayError({ ...trouble, message: trouble.reason });
    return { ...report, lastError, errorCode: trouble.code };
  }
  const lastError = report.state === "waiting" ? "The run's start has not arrived." : "";
  return { ...report, lastError, errorCode: undefined };
}
