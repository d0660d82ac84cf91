import { StepwellError } from "../errors/stepwell-error.js";
import type { Dispatcher, LaneReport } from "../flush/dispatcher.js";
import type { Lane, Status, TrackerWarning } from "../gen/stepwell/v1/daemon.js";
import type { Reception } from "../ingest/reception.js";
import type { Journal } from "../journal/journal.js";
import type { Clock } from "../model/clock.js";
import { counted } from "../model/counted.js";
import type { DeadLetters } from "../runs/dead-letters.js";
import type { DoorCounts } from "../runs/door-counts.js";
import type { Notices } from "../runs/notices.js";
import type { RunBook } from "../runs/run-book.js";

/** Whom a status asks. */
export interface StatusSources {
  readonly dispatcher: Dispatcher;
  readonly reception: Reception;
  readonly journal: Journal;
  readonly runs: RunBook;
  readonly deadLetters: DeadLetters;
  readonly counts: DoorCounts;
  readonly clock: Clock;
  /** Damage to the state store that nobody took note of yet. */
  readonly stateFault: StepwellError | undefined;
  readonly notices: Notices;
  readonly warnings: { all(): TrackerWarning[] };
}

/** A snapshot of what is queued, delivered and wrong. */
export function reportStatus(sources: StatusSources): Status {
  const nowMs = sources.clock.nowMs();
  const lanes = sources.dispatcher.lanes().filter((lane) => lane.queuedBytes > 0);
  const totals = sources.runs.totals();
  return {
    queuedPoints: BigInt(lanes.reduce((sum, lane) => sum + lane.queuedPoints, 0)),
    queuedBytes: BigInt(lanes.reduce((sum, lane) => sum + lane.queuedBytes, 0)),
    oldestAgeSeconds: Math.max(0, ...lanes.map((lane) => ageSeconds(lane, nowMs))),
    deliveredPoints: BigInt(totals.deliveredPoints),
    deadLetters: BigInt(sources.deadLetters.entries),
    journaledPoints: BigInt(totals.journaledPoints),
    duplicateBatches: BigInt(sources.counts.duplicateBatches),
    rejectedEntries: BigInt(sources.counts.rejectedEntries),
    producersConnected: sources.reception.connected,
    producersEndedWithoutClosing: BigInt(sources.reception.endedWithoutClosing),
    journalBytes: BigInt(sources.journal.bytes),
    lanes: lanes.map((lane) => laneOf(lane, nowMs)),
    journalError: errorOf(sources.journal),
    endedProducers: sources.reception.lastEnded.map((each) => ({ ...each, endedMs: BigInt(each.endedMs) })),
    producersWithLosses: BigInt(sources.counts.producersWithLosses),
    stateError: sayFault(sources.stateFault),
    trackerWarnings: sources.warnings.all(),
    notices: sources.notices.all(),
    replayWindowBytes: BigInt(sources.journal.keptBytes),
  };
}

function errorOf({ failure, fullness, damagedSegments }: Journal): string {
  const damage = new StepwellError(
    "STEPWELL_RECORD_DAMAGED",
    `${counted(damagedSegments, "journal segment is", "journal segments are")} damaged or gone.`,
  );
  return sayFault(failure ?? fullness ?? (damagedSegments > 0 ? damage : undefined));
}

function sayFault(error: StepwellError | undefined): string {
  return error ? `${error.code}: ${error.message} ${error.remedy}` : "";
}

function laneOf(report: LaneReport, nowMs: number): Lane {
  const { runId, tracker, state, lastError } = report;
  return {
    runId,
    tracker,
    state,
    lastError,
    queuedPoints: BigInt(report.queuedPoints),
    deliveredPoints: BigInt(report.deliveredPoints),
    oldestAgeSeconds: ageSeconds(report, nowMs),
  };
}

function ageSeconds({ oldestMs }: LaneReport, nowMs: number): number {
  return oldestMs === 0 ? 0 : Math.max(0, nowMs - oldestMs) / 1000;
}
