/**
 * Packs of many runs and homes into an MLflow database, inside one transaction. Locks are taken in one order by all:
 * cursors, experiments, runs, params, points, latest metrics, tags, ends, homes; and within each by their key.
 */
import type { StepwellError } from "../../errors/stepwell-error.js";
import { type Cursor, isAsBelieved } from "../../model/cursor.js";
import type { Pack } from "../../model/pack.js";
import type { Outcome, Refusal } from "../sink.js";
import type { Connection } from "./connection.js";
import { addCursors, type CursorRow, readCursors, setCursors } from "./cursors.js";
import { addMissingPoints, copyPoints, setLatest } from "./metrics.js";
import { addModelMetrics } from "./model-metrics.js";
import type { Place } from "./place.js";
import { unpermittedRuns } from "./rights-held.js";
import { changeRuns, ensureRuns, type RunChange } from "./runs.js";
import { addParams, keptTexts, removeTags, setTags } from "./texts.js";

/** How points go into MLflow's table: straight, or through one in between where some may be there already. */
export type Route = "straight" | "in between";

/** What became of the packs, if the transaction is committed. */
export interface RequestWritten {
  readonly outcomes: Outcome[];
  /** The experiments' ids of the runs that were written to, by run id. */
  readonly experimentIds: ReadonlyMap<string, string>;
}

/** A pack that is written. */
interface Entry {
  readonly pack: Pack;
  readonly index: number;
  /** The cursor under the home's own id. */
  readonly own: Cursor | undefined;
  readonly before: Cursor | undefined;
  readonly refused: Refusal[];
}

const NO_CALLS: Outcome = {
  kind: "refused",
  code: "STEPWELL_ENTRY_REFUSED",
  reason: "A call of a server's API was journaled for this tracker, which is no server any more.",
};

/** Writes what can be written; throws what the database says, and then nothing of it counts. */
export async function writeRequest(
  connection: Connection,
  packs: readonly Pack[],
  place: Place,
  route: Route,
): Promise<RequestWritten> {
  const outcomes = new Map<number, Outcome>();
  const experimentIds = new Map<string, string>();
  const believed = await believedEntries(connection, packs, outcomes);
  const withRuns = await entriesWithRuns(connection, believed, place, { outcomes, experimentIds });
  const there = await permittedEntries(connection, withRuns, place, { outcomes, experimentIds });
  const entries = await moveCursors(connection, there, outcomes);
  await writeEntries(connection, entries, place, route);
  for (const { index, refused } of entries) outcomes.set(index, { kind: "delivered", refused });
  return { outcomes: packs.map((_, index) => outcomes.get(index) ?? NO_CALLS), experimentIds };
}

/** Packs whose run's cursor is where their sender left it; locked until the transaction ends. */
async function believedEntries(
  connection: Connection,
  packs: readonly Pack[],
  outcomes: Map<number, Outcome>,
): Promise<Entry[]> {
  const answers = await readCursors(connection, packs, "locked");
  return packs.flatMap((pack, index) => {
    // They were taken while the tracker was a server.
    if (pack.calls.length > 0) return [];
    const { homeId = pack.author.homeId, cursor } = answers[index] ?? {};
    if (!isAsBelieved(cursor, pack.after)) {
      outcomes.set(index, { kind: "elsewhere", homeId, cursor });
      return [];
    }
    const own = homeId === pack.author.homeId ? cursor : undefined;
    return [{ pack, index, own, before: cursor, refused: [] }];
  });
}

/** Those whose run is there now. */
async function entriesWithRuns(
  connection: Connection,
  entries: readonly Entry[],
  place: Place,
  found: { readonly outcomes: Map<number, Outcome>; readonly experimentIds: Map<string, string> },
): Promise<Entry[]> {
  const wanted = entries.map(({ pack: { runId, start }, before }) => ({
    ...{ runId, start },
    isNew: before === undefined,
  }));
  const runs = await ensureRuns(connection, wanted, place);
  return entries.filter(({ pack, index }, at) => {
    const run = runs[at];
    if (typeof run === "number") {
      found.experimentIds.set(pack.runId, String(run));
      return true;
    }
    if (run) found.outcomes.set(index, outcomeOfRun(run));
    return false;
  });
}

/** Those whose sender may write to the experiments that their runs and models are in. */
async function permittedEntries(
  connection: Connection,
  entries: readonly Entry[],
  place: Place,
  found: { readonly outcomes: Map<number, Outcome>; readonly experimentIds: ReadonlyMap<string, string> },
): Promise<Entry[]> {
  const packs = entries.map(({ pack }) => pack);
  const unpermitted = await unpermittedRuns(connection, packs, place, found.experimentIds);
  return entries.filter(({ pack, index }) => {
    const fault = unpermitted.get(pack);
    if (fault) found.outcomes.set(index, fault);
    return !fault;
  });
}

function outcomeOfRun({ code, message: reason }: StepwellError): Outcome {
  // It can be restored: nothing is given up for it.
  if (code === "STEPWELL_EXPERIMENT_DELETED") return { kind: "hold", scope: "run", code, reason };
  return { kind: "refused", code, reason };
}

/** Moves the cursors behind the packs; those that another transaction moved first are told instead. */
async function moveCursors(
  connection: Connection,
  entries: readonly Entry[],
  outcomes: Map<number, Outcome>,
): Promise<Entry[]> {
  await setCursors(
    connection,
    entries.filter(({ own }) => own).map(({ pack }) => behind(pack)),
  );
  const fresh = entries.filter(({ own }) => !own);
  const added = await addCursors(
    connection,
    fresh.map(({ pack }) => behind(pack)),
  );
  const late = new Set(fresh.filter((_, at) => !added[at]));
  if (late.size === 0) return [...entries];
  const asked = [...late];
  const answers = await readCursors(
    connection,
    asked.map(({ pack }) => pack),
    "free",
  );
  for (const [at, { index, pack }] of asked.entries()) {
    const { homeId = pack.author.homeId, cursor } = answers[at] ?? {};
    outcomes.set(index, { kind: "elsewhere", homeId, cursor });
  }
  return entries.filter((entry) => !late.has(entry));
}

async function writeEntries(
  connection: Connection,
  entries: readonly Entry[],
  place: Place,
  route: Route,
): Promise<void> {
  if (entries.length === 0) return;
  await writeParams(connection, entries, place);
  const points = entries.map(({ pack: { runId, metrics } }) => ({ runId, rows: metrics }));
  if (route === "straight") await copyPoints(connection, points);
  else await addMissingPoints(connection, points);
  await setLatest(connection, points);
  const ofModels = await addModelMetrics(connection, points, place);
  for (const [at, { refused }] of entries.entries()) refused.push(...(ofModels[at] ?? []));
  await writeTags(connection, entries, place);
  // What is refused is not in the database: until it is parked, the pack has to come again.
  const parted = entries.filter(({ refused }) => refused.length > 0);
  await setCursors(
    connection,
    parted.map(({ pack, before }) => ({ ...behind(pack), ...(before ?? NOWHERE) })),
  );
}

async function writeParams(connection: Connection, entries: readonly Entry[], place: Place): Promise<void> {
  const params = entries.flatMap((entry) =>
    keptTexts("param", entry.pack.params, place, entry.refused).map((param) => ({
      ...{ entry, ...param },
      runId: entry.pack.runId,
    })),
  );
  const isThere = await addParams(connection, params);
  for (const [at, { entry, runId, key, value }] of params.entries()) {
    if (isThere[at]) continue;
    const reason = `Param ${JSON.stringify(key)} of run ${runId} already has another value in MLflow.`;
    entry.refused.push({ kind: "param", key, value, code: "STEPWELL_PARAM_CHANGED", reason });
  }
}

/** The tag that is the run's name as well. */
const RUN_NAME_TAG = "mlflow.runName";

async function writeTags(connection: Connection, entries: readonly Entry[], place: Place): Promise<void> {
  const removed = entries.flatMap(({ pack: { runId, removedTags } }) =>
    removedTags.map((key) => ({ runId, key })),
  );
  await removeTags(connection, removed);
  const tags = entries.flatMap(({ pack: { runId, tags: set }, refused }) =>
    keptTexts("tag", set, place, refused).map((tag) => ({ runId, ...tag })),
  );
  await setTags(connection, tags);
  const names = new Map(
    tags.filter(({ key }) => key === RUN_NAME_TAG).map(({ runId, value }) => [runId, value]),
  );
  const changes = new Map<string, RunChange>();
  for (const { pack } of entries) {
    const { runId, end } = pack;
    const name = names.get(runId);
    if (name !== undefined || end) changes.set(runId, { runId, name, end: end ?? changes.get(runId)?.end });
  }
  await changeRuns(connection, [...changes.values()]);
}

/** The cursor of a run that is there and has nothing that counts as delivered. */
const NOWHERE = { seq: 0, points: 0, bytes: 0 };

function behind({
  author,
  runId,
  lastSeq: seq,
  pointsThrough: points,
  bytesThrough: bytes,
}: Pack): CursorRow {
  return { author, runId, seq, points, bytes };
}
