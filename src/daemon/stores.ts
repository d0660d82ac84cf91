/** What the home holds, opened: the state store with its books, and the journal. */
import { Curves } from "../curves/curves.js";
import type { Dispatcher } from "../flush/dispatcher.js";
import type { TrackerApi } from "../gateway/tracker-api.js";
import type { Place } from "../gateway/workspace.js";
import type { HomePaths } from "../home/endpoint.js";
import { keepHomeId } from "../home/home-identity.js";
import { placeOf } from "../home/home-place.js";
import { Producers } from "../ingest/producers.js";
import { damagedSegments } from "../journal/damaged-segment.js";
import { Journal } from "../journal/journal.js";
import type { ReplayWindow } from "../journal/kept-segments.js";
import type { LiveRun } from "../journal/options.js";
import { PipelineBook } from "../leases/pipeline-book.js";
import type { Clock } from "../model/clock.js";
import { newId } from "../model/id.js";
import type { Log } from "../model/log.js";
import { BackendModels } from "../runs/backend-models.js";
import { BackendRuns } from "../runs/backend-runs.js";
import { noteDamage } from "../runs/damage-book.js";
import { DeadLetters } from "../runs/dead-letters.js";
import { DoorCounts } from "../runs/door-counts.js";
import { ExportBook } from "../runs/export-book.js";
import { HomeHistory } from "../runs/home-history.js";
import { ImportBook } from "../runs/import-book.js";
import { LeaseBook } from "../runs/lease-book.js";
import { ParamBook } from "../runs/param-book.js";
import { furthestPosition, releasedSeq } from "../runs/run.js";
import { RunBook } from "../runs/run-book.js";
import { segmentNotes } from "../runs/segment-notes.js";
import { StoreMarks } from "../runs/store-marks.js";
import { secretBackends } from "../secrets/secret-backends.js";
import { SecretBook } from "../secrets/secret-book.js";
import { StackBook } from "../stacks/stack-book.js";
import { giveOwnTracker } from "../stacks/stack-mend.js";
import { type LocalFolders, resolveTargets } from "../stacks/targets.js";
import type { Store } from "../store/contract.js";
import type { Reserve } from "../store/reserve.js";
import { curveSources } from "./curve-sources.js";
import { Late } from "./late.js";
import { newTallies, type Tallies } from "./tallies.js";

/** What they are opened with. */
export interface StoresOptions {
  readonly paths: HomePaths;
  readonly clock: Clock;
  readonly log: Log;
  /** Bytes that the journal may hold. */
  readonly journalQuotaBytes: number;
  /** How long, and how much of it, delivered records stay in the journal. */
  readonly replayWindow: ReplayWindow;
  /** Bytes that files of curves may have; with 0 there are none. */
  readonly curvesQuotaBytes: number;
  /** Asks a run's tracker; it is made after the stores. */
  readonly apiOf: Late<(place: Place) => TrackerApi>;
  readonly store: Store;
  readonly reserve: Reserve;
  /** Brings on what the journal got; it reads the stores, so it is made after them. */
  readonly dispatcher: Late<Dispatcher>;
}

/** All that is read from the home, and written to it. */
export interface Stores {
  readonly history: HomeHistory;
  readonly marks: StoreMarks;
  readonly folders: LocalFolders;
  readonly store: Store;
  readonly reserve: Reserve;
  readonly journal: Journal;
  readonly stacks: StackBook;
  readonly secrets: SecretBook;
  readonly runs: RunBook;
  readonly producers: Producers;
  readonly params: ParamBook;
  readonly deadLetters: DeadLetters;
  readonly backendRuns: BackendRuns;
  readonly backendModels: BackendModels;
  readonly counts: DoorCounts;
  readonly tallies: Tallies;
  readonly exports: ExportBook;
  readonly imports: ImportBook;
  readonly leases: LeaseBook;
  readonly pipelines: PipelineBook;
  readonly curves: Curves;
}

/** Opens them, the journal last. */
export async function openStores(options: StoresOptions): Promise<Stores> {
  const { paths, clock, log, store, reserve } = options;
  await giveOwnTracker(store, () => ({ id: newId(), createdMs: clock.nowMs() }));
  const stacks = await StackBook.open(store, clock);
  const backends = await secretBackends(store, paths);
  const folders = { defaultArtifactStore: paths.artifactStoreFolder };
  // The run book asks the journal for totals, and the journal asks it for the runs that are not delivered.
  const lateJournal = new Late<Journal>();
  const marks = await StoreMarks.open(store);
  const runs = await RunBook.open({
    store,
    clock,
    alongside: () => marks.changes(),
    journaled: (number) => lateJournal.ask((journal) => journal.totals(number)),
    resolve: (asked) => resolveTargets(stacks, folders, asked),
  });
  const history = await HomeHistory.open({
    ...{ store, clock },
    firstSeq: () => lateJournal.ask((journal) => journal.firstSeq),
    keepId: (homeId) => keepHomeId(paths, homeId),
  });
  const producers = await Producers.open(store, clock);
  const books = {
    ...{ history, marks, folders, store, reserve, stacks, runs, producers },
    secrets: await SecretBook.open({ store, clock, log, stacks, backends, place: placeOf(paths.home) }),
    params: new ParamBook(store),
    deadLetters: await DeadLetters.open(store, clock),
    backendRuns: new BackendRuns(store),
    backendModels: new BackendModels(store, runs, clock),
    counts: await DoorCounts.open(store),
    tallies: newTallies(),
    exports: await ExportBook.open(store, (runId) => runs.find(runId) !== undefined),
    imports: new ImportBook(store),
    leases: await LeaseBook.open(store, clock),
    pipelines: await PipelineBook.open(store),
    curves: new Curves({
      ...{
        folder: paths.curvesFolder,
        quotaBytes: options.curvesQuotaBytes,
        runs,
        clock,
        log,
        seed: newId(),
      },
      sources: curveSources({
        journal: lateJournal,
        runs,
        homeId: () => history.homeId,
        apiOf: options.apiOf,
      }),
    }),
  };
  const journal = await openJournal(options, books);
  lateJournal.set(journal);
  // Marks that can't be read now are not gone.
  if (!journal.failure) await producers.forgetClosed((id) => journal.mark(id) !== undefined);
  return { ...books, journal };
}

/** Notes what runs have by now for segments that were found damaged. */
export async function noteDelivered(
  { paths, log, store }: Pick<StoresOptions, "paths" | "log" | "store">,
  runs: RunBook,
): Promise<void> {
  try {
    await noteDamage(store, await damagedSegments(paths.journalFolder), runs.live());
  } catch (error) {
    log("error", "what is delivered could not be noted", { reason: String(error) });
  }
}

async function openJournal(
  options: StoresOptions,
  { runs, producers, curves, tallies }: Pick<Stores, "runs" | "producers" | "curves" | "tallies">,
): Promise<Journal> {
  const { paths, log, store, reserve, dispatcher } = options;
  const takeUp = async () => {
    await noteDelivered(options, runs);
    dispatcher.ask((each) => each.start());
  };
  return await Journal.open({
    folder: paths.journalFolder,
    log,
    seqFloor: runs.highestSeq() + 1,
    notes: segmentNotes(store),
    liveRuns: () => liveRuns(runs),
    makeRoom: () => reserve.release(),
    retire: (marks) => producers.retire(marks),
    secure: () => runs.secure(),
    onJournaled: (numbers, appends) => {
      dispatcher.ask((each) => each.onJournaled(numbers));
      curves.take(appends);
    },
    onReopened: () => void takeUp(),
    quotaBytes: options.journalQuotaBytes,
    window: options.replayWindow,
    tally: tallies.writes,
  });
}

/** What the journal has to know of runs when it has lost a segment. */
function liveRuns(runs: RunBook): LiveRun[] {
  return [...runs.live()].map((run) => ({
    number: run.number,
    releasedSeq: releasedSeq(run),
    through: furthestPosition(run),
  }));
}
