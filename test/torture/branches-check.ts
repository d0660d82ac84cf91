/** Holds a store against the ledgers of branches (branches.ts). */
import Database from "libsql";
import { branchOf, KEY, type LoggedBatch, stepOf, storedValue, timestampOf } from "./branches.js";

/** What a store has of the branches: the steps of each run. */
export interface Stored {
  readonly steps: ReadonlyMap<string, ReadonlySet<number>>;
  readonly statuses: ReadonlyMap<string, string>;
  /** Points that nobody logged, or that stand with another time or value. */
  readonly invented: readonly string[];
  /** Steps of a run that stand more than once. */
  readonly doubled: readonly string[];
  /** Latest points that are not the last ones. */
  readonly stale: readonly string[];
}

/** A dead letter of what a store forgot for good, as the command shows it. */
export interface ForgottenLetter {
  readonly run_id: string;
  readonly code: string;
  readonly reason: string;
  readonly entries: number;
}

/** What is missing of a run, and what was told of it. */
export interface Missing {
  readonly runId: string;
  readonly points: number;
  readonly told: number;
  /** Whether there is a letter at all: params, a start or an end may be missing without a point. */
  readonly isTold: boolean;
  /** Its status in the store; null for a run that is not there. */
  readonly status: string | null;
  /** Whether it was ended and is something else. */
  readonly isStatusWrong: boolean;
}

/** A point as MLflow's table of metrics has it. */
export type StoredRow = [
  runId: string,
  key: string,
  step: number,
  timestampMs: number,
  value: number,
  isNan: number,
];

/** What a store has beside its points: each run's latest steps, and its status. */
interface OfRuns {
  readonly latest: readonly (readonly [runId: string, step: number])[];
  readonly statuses: readonly (readonly [runId: string, status: string])[];
}

/** Nobody may be in the midst of a write that was killed: a reader would have to undo it. */
export function readStore(path: string, batches: readonly LoggedBatch[]): Stored {
  const database = new Database(path, { timeout: 30_000 });
  try {
    const rows = database.prepare('SELECT run_uuid, "key", step, timestamp, value, is_nan FROM metrics');
    const latest = database.prepare("SELECT run_uuid, step FROM latest_metrics").raw().all();
    const statuses = database.prepare("SELECT run_uuid, status FROM runs").raw().all();
    return storedOf(rows.raw().iterate() as Iterable<StoredRow>, batches, {
      latest: latest as [string, number][],
      statuses: statuses as [string, string][],
    });
  } finally {
    database.close();
  }
}

/** Holds what a store has against what was logged. */
export function storedOf(
  rows: Iterable<StoredRow>,
  batches: readonly LoggedBatch[],
  { latest, statuses }: OfRuns,
): Stored {
  const logged = loggedCounts(batches);
  const steps = new Map<string, Set<number>>();
  const invented: string[] = [];
  const doubled: string[] = [];
  for (const [runId, key, step, timestampMs, value, isNan] of rows) {
    const { branch, index } = branchOf(step);
    const [rightValue, rightNan] = storedValue(runId, step);
    const isLogged = key === KEY && index < (logged.get(`${runId} ${branch}`) ?? 0);
    const isRight = timestampMs === timestampOf(step) && value === rightValue && isNan === rightNan;
    if (!isLogged || !isRight) invented.push(`${runId} has ${key} at ${step}: ${value}, ${timestampMs}`);
    const known = steps.get(runId) ?? new Set();
    if (known.has(step)) doubled.push(`${runId} has step ${step} again`);
    steps.set(runId, known.add(step));
  }
  const stale = latest
    .filter(([runId, step]) => step !== lastOf(steps.get(runId)))
    .map(([runId, step]) => `${runId} has ${step} as its latest step`);
  return { steps, statuses: new Map(statuses), invented, doubled, stale };
}

function lastOf(steps: Iterable<number> = []): number {
  let last = -1;
  for (const step of steps) last = Math.max(last, step);
  return last;
}

/** How many points of each run and branch may have been logged. */
function loggedCounts(batches: readonly LoggedBatch[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { runId, branch, to } of batches) counts.set(`${runId} ${branch}`, to);
  return counts;
}

export function pointsIn(batches: readonly LoggedBatch[]): number {
  return batches.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** Points of these batches that a store does not have. */
export function missingPoints(stored: Stored, batches: readonly LoggedBatch[]): number {
  let missing = 0;
  for (const batch of batches) missing += missingOf(stored, batch);
  return missing;
}

/** Points of a batch that a store does not have. */
export function missingOf({ steps }: Stored, { runId, branch, from, to }: LoggedBatch): number {
  const known = steps.get(runId);
  let missing = 0;
  for (let index = from; index < to; index++) if (!known?.has(stepOf(branch, index))) missing += 1;
  return missing;
}

/** Runs that these batches ended and that are something else. */
export function wrongStatuses({ statuses }: Stored, batches: readonly LoggedBatch[]): string[] {
  const ended = batches.filter(({ isEnd }) => isEnd).map(({ runId }) => runId);
  return ended.filter((runId) => statuses.get(runId) !== "FINISHED");
}

/** What was there once and is there no more. */
export function vanishedPoints(before: Stored, now: Stored): number {
  let vanished = 0;
  for (const [runId, steps] of before.steps)
    for (const step of steps) if (!now.steps.get(runId)?.has(step)) vanished += 1;
  return vanished;
}

/** Run by run: what is missing, and what letters tell of it. Runs with nothing missing or told are left out. */
export function missingByRun(
  stored: Stored,
  batches: readonly LoggedBatch[],
  letters: readonly ForgottenLetter[],
): Missing[] {
  const wrong = new Set(wrongStatuses(stored, batches));
  const points = new Map<string, number>();
  for (const batch of batches)
    points.set(batch.runId, (points.get(batch.runId) ?? 0) + missingOf(stored, batch));
  const told = new Map<string, number>();
  for (const { run_id, reason } of letters) told.set(run_id, (told.get(run_id) ?? 0) + pointsTold(reason));
  return [...new Set([...points.keys(), ...told.keys()])]
    .map((runId) => ({
      runId,
      points: points.get(runId) ?? 0,
      told: told.get(runId) ?? 0,
      isTold: told.has(runId),
      status: stored.statuses.get(runId) ?? null,
      isStatusWrong: wrong.has(runId),
    }))
    .filter((each) => each.points > 0 || each.told > 0 || each.isStatusWrong);
}

/** The points that a letter says to be missing. */
export function pointsTold(reason: string): number {
  return Number(/(\d+) metric points?/.exec(reason)?.[1] ?? 0);
}
