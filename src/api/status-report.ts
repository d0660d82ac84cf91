import { StepwellError, sayError } from "../errors/stepwell-error.js";
import type { Dispatcher } from "../flush/dispatcher.js";
import { type LaneReport, worstFirst } from "../flush/lane-reports.js";
import type {
  FlushResponse,
  Lane,
  ListLanesResponse,
  Status,
  TrackerWarning,
} from "../gen/stepwell/v1/daemon.js";
import type { Reception } from "../ingest/reception.js";
import type { Journal } from "../journal/journal.js";
import type { Clock } from "../model/clock.js";
import { counted } from "../model/counted.js";
import { STATUS_LANES_MAX } from "../model/limits.js";
import type { BackendRuns } from "../runs/backend-runs.js";
import type { DeadLetters } from "../runs/dead-letters.js";
import type { DoorCounts } from "../runs/door-counts.js";
import type { Notices } from "../runs/notices.js";
import type { RunBook } from "../runs/run-book.js";
import { LANE_STATES } from "./lane-states.js";

/** A message of some 100 kB. */
const LANES_IN_PIECE = 200;

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
  readonly storeWarnings: () => TrackerWarning[];
  readonly warnings: { all(): TrackerWarning[] };
  /** Artifacts that wait for their server. */
  readonly spool: { readonly count: number; readonly bytes: number };
  /** Where the daemon shows its metrics. */
  readonly metrics: { readonly url: string; readonly arePushed: boolean };
}

/** A snapshot of what is queued, delivered and wrong. */
export function reportStatus(sources: StatusSources): Status {
  const nowMs = sources.clock.nowMs();
  const waiting = sources.dispatcher.overview(STATUS_LANES_MAX);
  const totals = sources.runs.totals();
  return {
    queuedPoints: BigInt(waiting.queuedPoints),
    queuedBytes: BigInt(waiting.queuedBytes),
    oldestAgeSeconds: ageSeconds(waiting, nowMs),
    deliveredPoints: BigInt(totals.deliveredPoints),
    deadLetters: BigInt(sources.deadLetters.entries),
    journaledPoints: BigInt(totals.journaledPoints),
    duplicateBatches: BigInt(sources.counts.duplicateBatches),
    rejectedEntries: BigInt(sources.counts.rejectedEntries),
    producersConnected: sources.reception.connected,
    producersEndedWithoutClosing: BigInt(sources.reception.endedWithoutClosing),
    journalBytes: BigInt(sources.journal.bytes),
    lanes: waiting.lanes.map((lane) => laneOf(lane, nowMs)),
    laneCount: waiting.count,
    troubledLaneCount: waiting.troubled,
    journalError: errorOf(sources.journal),
    endedProducers: sources.reception.lastEnded.map((each) => ({ ...each, endedMs: BigInt(each.endedMs) })),
    producersWithLosses: BigInt(sources.counts.producersWithLosses),
    stateError: sayFault(sources.stateFault),
    trackerWarnings: [...sources.warnings.all(), ...sources.storeWarnings()],
    notices: sources.notices.all(),
    replayWindowBytes: BigInt(sources.journal.keptBytes),
    runCount: totals.runs,
    waitingArtifacts: sources.spool.count,
    waitingArtifactBytes: BigInt(sources.spool.bytes),
    metricsUrl: sources.metrics.url,
    metricsArePushed: sources.metrics.arePushed,
  };
}

/** The lanes of one run that hold entries, or of all, in pieces. */
export function* listLanes(sources: StatusSources, runId: string): Generator<ListLanesResponse> {
  const nowMs = sources.clock.nowMs();
  let lanes: Lane[] = [];
  for (const report of sources.dispatcher.lanes(runId)) {
    lanes.push(laneOf(report, nowMs));
    if (lanes.length < LANES_IN_PIECE) continue;
    yield { lanes };
    lanes = [];
  }
  if (lanes.length > 0) yield { lanes };
}

/** What backends do not have of these runs, or of all: some lanes, and how many entries were refused for good. */
export async function leftOf(
  sources: StatusSources & { readonly backendRuns: BackendRuns },
  given: readonly string[],
): Promise<Pick<FlushResponse, "lanes" | "deadLetters">> {
  const { dispatcher, deadLetters, clock, backendRuns } = sources;
  const nowMs = clock.nowMs();
  if (given.length === 0) {
    const { lanes } = dispatcher.overview(STATUS_LANES_MAX);
    return { lanes: lanes.map((lane) => laneOf(lane, nowMs)), deadLetters: BigInt(deadLetters.entries) };
  }
  const runIds = new Set<string>();
  for (const each of given) runIds.add(await backendRuns.ownId(each));
  const lanes: LaneReport[] = [];
  for (const runId of runIds) {
    lanes.push(...dispatcher.lanes(runId));
    if (lanes.length >= STATUS_LANES_MAX) break;
  }
  let refused = 0;
  if (deadLetters.letters > 0) {
    for await (const { runId, entries } of deadLetters.list({ runId: "", tracker: "" }))
      if (runIds.has(runId)) refused += entries;
  }
  const told = worstFirst(lanes).slice(0, STATUS_LANES_MAX);
  return { lanes: told.map((lane) => laneOf(lane, nowMs)), deadLetters: BigInt(refused) };
}

function errorOf({ failure, fullness, damagedSegments }: Journal): string {
  const damage = new StepwellError(
    "STEPWELL_RECORD_DAMAGED",
    `${counted(damagedSegments, "journal segment is", "journal segments are")} damaged or gone.`,
  );
  return sayFault(failure ?? fullness ?? (damagedSegments > 0 ? damage : undefined));
}

function sayFault(error: StepwellError | undefined): string {
  return error ? sayError(error) : "";
}

function laneOf(report: LaneReport, nowMs: number): Lane {
  const { runId, tracker, state, lastError } = report;
  return {
    runId,
    tracker,
    state: LANE_STATES[state],
    lastError,
    queuedPoints: BigInt(report.queuedPoints),
    deliveredPoints: BigInt(report.deliveredPoints),
    oldestAgeSeconds: ageSeconds(report, nowMs),
  };
}

function ageSeconds({ oldestMs }: { readonly oldestMs: number }, nowMs: number): number {
  return oldestMs === 0 ? 0 : Math.max(0, nowMs - oldestMs) / 1000;
}
