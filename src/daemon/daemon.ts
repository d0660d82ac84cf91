/**
 * The composition root: opens a home and puts the parts together, and takes them apart
 * in the order that loses nothing.
 */
import { setMaxListeners } from "node:events";
import { rm } from "node:fs/promises";
import { type ApiServer, makeApiServer } from "../api/server.js";
import { reportStatus } from "../api/status-report.js";
import { openState, salvageFault } from "../doctor/open-state.js";
import { Dispatcher } from "../flush/dispatcher.js";
import { type HomePaths, prepareHome, removeEndpoint, writeEndpoint } from "../home/endpoint.js";
import { leaveFarewell } from "../home/farewell.js";
import { Door } from "../ingest/door.js";
import { Producers } from "../ingest/producers.js";
import { Reception } from "../ingest/reception.js";
import { damagedSegments } from "../journal/damaged-segment.js";
import { Journal } from "../journal/journal.js";
import type { LiveRun } from "../journal/options.js";
import type { LeaseWatch } from "../leases/lease-watch.js";
import { makeLeases } from "../leases/leases.js";
import { PipelineBook } from "../leases/pipeline-book.js";
import { WorkspaceRates } from "../mlflow/rate.js";
import type { Clock } from "../model/clock.js";
import { CALLS_END_MS } from "../model/limits.js";
import type { Log } from "../model/log.js";
import type { Backend, ServerBackend } from "../model/target.js";
import { VERSION } from "../model/version.js";
import { BackendRuns } from "../runs/backend-runs.js";
import { noteDamage } from "../runs/damage-book.js";
import { DeadLetters } from "../runs/dead-letters.js";
import { DoorCounts } from "../runs/door-counts.js";
import { LeaseBook } from "../runs/lease-book.js";
import { ParamBook } from "../runs/param-book.js";
import { furthestPosition, releasedSeq } from "../runs/run.js";
import { RunBook } from "../runs/run-book.js";
import { segmentNotes } from "../runs/segment-notes.js";
import { secretBackends } from "../secrets/secret-backends.js";
import { SecretBook } from "../secrets/secret-book.js";
import { currentSettings } from "../stacks/server-settings.js";
import { StackBook } from "../stacks/stack-book.js";
import { resolveTargets } from "../stacks/targets.js";
import type { Store } from "../store/contract.js";
import { homeIdOf } from "../store/migrations.js";
import { Reserve } from "../store/reserve.js";
import { openStore } from "../store/store.js";
import { checkTracker, openSink } from "./sinks.js";
import { TrackerWarnings } from "./tracker-warnings.js";

export interface DaemonOptions {
  readonly paths: HomePaths;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Bytes that the journal may hold. */
  readonly journalQuotaBytes: number;
  /** Databricks' file of profiles, which need not be there. */
  readonly databricksConfigFile: string;
  /** Asked to end, by a call; the argument says how long lanes may drain. */
  readonly onShutdown: (drainMs: number) => void;
}

export interface Daemon {
  /** Ends streams, lets lanes drain until the deadline, and puts everything on disk. */
  close(drainMs: number): Promise<void>;
}

/** Opens the home, or throws STEPWELL_HOME_LOCKED when another daemon owns it, and answers once it serves. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { paths, log } = options;
  await prepareHome(paths);
  const reserve = new Reserve(paths.reserveFile);
  const open = (folder: string) => openStore(folder, () => reserve.release());
  const store = await openState({ paths, clock: options.clock, open });
  if (store.isTorn) log("warn", "the state store's last write is not whole and was left out");
  try {
    const parts = await assemble(options, store, reserve);
    await serve(options, parts);
    log("info", "the daemon serves", { version: VERSION, pid: process.pid, endpoint: parts.endpoint });
    return { close: (drainMs) => takeApart(options, parts, drainMs) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

interface Parts {
  readonly store: Store;
  readonly reserve: Reserve;
  readonly journal: Journal;
  readonly runs: RunBook;
  readonly dispatcher: Dispatcher;
  readonly reception: Reception;
  readonly watch: LeaseWatch;
  readonly secrets: SecretBook;
  readonly counts: DoorCounts;
  readonly api: ApiServer;
  readonly closing: AbortController;
  readonly endpoint: string;
  readonly homeId: string;
  readonly startedMs: number;
}

async function assemble(options: DaemonOptions, store: Store, reserve: Reserve): Promise<Parts> {
  const { paths, clock, random, log } = options;
  const homeId = await homeIdOf(store);
  const stacks = await StackBook.open(store, clock);
  const backends = await secretBackends(store, paths);
  const secrets = await SecretBook.open({ store, clock, log, stacks, backends });
  const folders = { defaultArtifactStore: paths.artifactStoreFolder };
  // The run book asks the journal for totals and the journal tells the dispatcher what came.
  let journal: Journal | undefined;
  let dispatcher: Dispatcher | undefined;
  const runs = await RunBook.open({
    store,
    clock,
    journaled: (number) => journal?.totals(number),
    resolve: (asked) => resolveTargets(stacks, folders, asked),
  });
  const producers = await Producers.open(store, clock);
  journal = await Journal.open({
    folder: paths.journalFolder,
    log,
    seqFloor: runs.highestSeq() + 1,
    notes: segmentNotes(store),
    liveRuns: () => liveRuns(runs),
    makeRoom: () => reserve.release(),
    retire: (marks) => producers.retire(marks),
    secure: () => runs.secure(),
    onJournaled: (numbers) => dispatcher?.onJournaled(numbers),
    onReopened: () => void takeUp(options, { store, runs, dispatcher }),
    quotaBytes: options.journalQuotaBytes,
  });
  // Marks that can't be read now are not gone.
  if (!journal.failure) await producers.forgetClosed((id) => journal.mark(id) !== undefined);
  const params = new ParamBook(store);
  const deadLetters = await DeadLetters.open(store, clock);
  const backendRuns = new BackendRuns(store);
  const warnings = new TrackerWarnings(stacks);
  const sinkParts = {
    homeId,
    clock,
    log,
    runs,
    backendRuns,
    settings: (backend: ServerBackend) => secrets.resolve(currentSettings(stacks, backend)),
    databricksConfigFile: options.databricksConfigFile,
    rates: new WorkspaceRates(),
    warnings,
  };
  const sinkOf = (backend: Backend) => openSink(backend, sinkParts);
  dispatcher = new Dispatcher({ journal, runs, params, deadLetters, clock, random, log, openSink: sinkOf });
  const counts = await DoorCounts.open(store);
  const leases = await LeaseBook.open(store, clock);
  const pipelines = await PipelineBook.open(store, clock);
  const door = new Door({ journal, runs, params, leases, clock, counts });
  const { steps, watch } = makeLeases({
    door,
    leases,
    pipelines,
    runs,
    clock,
    log,
    stepEndsFolder: paths.stepEndsFolder,
  });
  const reception = new Reception({
    ...{ journal, producers, counts, log, daemonVersion: VERSION, homeId },
    presence: watch,
  });
  const endpoint = `unix:${paths.socketPath}`;
  const startedMs = clock.nowMs();
  const stateFault = await salvageFault(store);
  if (stateFault) log("error", "the state store was damaged", { reason: stateFault.message });
  const sources = { dispatcher, reception, journal, runs, deadLetters, counts, clock, stateFault, warnings };
  const info = {
    pid: process.pid,
    version: VERSION,
    endpoint,
    gatewayUrl: "",
    home: paths.home,
    homeId,
    startedMs: BigInt(startedMs),
  };
  const status = () => reportStatus(sources);
  const closing = new AbortController();
  // Everyone who waits for something listens to it.
  setMaxListeners(0, closing.signal);
  const api = makeApiServer({
    info,
    status,
    dispatcher,
    shutDown: options.onShutdown,
    closing: closing.signal,
    door,
    reception,
    runs,
    backendRuns,
    stacks,
    steps,
    pipelines,
    clock,
    secrets,
    warnings,
    checkTracker: (tracker) => checkTracker(tracker, stacks, folders, sinkParts),
    letters: { journal, runs, deadLetters, clock },
  });
  const parts = {
    store,
    reserve,
    journal,
    runs,
    dispatcher,
    reception,
    watch,
    secrets,
    counts,
    api,
    closing,
  };
  return { ...parts, endpoint, homeId, startedMs };
}

/** What the journal has to know of runs when it has lost a segment. */
function liveRuns(runs: RunBook): LiveRun[] {
  return [...runs.live()].map((run) => ({
    number: run.number,
    releasedSeq: releasedSeq(run),
    through: furthestPosition(run),
  }));
}

/** Lanes go on; what they had by now is noted for segments that were found damaged. */
async function takeUp(
  { paths, log }: DaemonOptions,
  {
    store,
    runs,
    dispatcher,
  }: Pick<Parts, "store" | "runs"> & { readonly dispatcher: Dispatcher | undefined },
): Promise<void> {
  try {
    await noteDamage(store, await damagedSegments(paths.journalFolder), runs.live());
  } catch (error) {
    log("error", "what is delivered could not be noted", { reason: String(error) });
  }
  dispatcher?.start();
}

async function serve(options: DaemonOptions, parts: Parts): Promise<void> {
  const { paths } = options;
  await takeUp(options, parts);
  // The home is ours by its lock: a socket that lies there belongs to a daemon that is gone.
  await rm(paths.socketPath, { force: true });
  await parts.api.listen(parts.endpoint);
  const { endpoint, homeId, startedMs } = parts;
  await writeEndpoint(paths, {
    pid: process.pid,
    endpoint,
    version: VERSION,
    home: paths.home,
    homeId,
    startedMs,
  });
  parts.watch.start();
  parts.reserve.start();
}

/** Streams first, so that nothing new arrives; the lock on the home last. */
async function takeApart({ paths, log }: DaemonOptions, parts: Parts, drainMs: number): Promise<void> {
  const { store, reserve, journal, runs, dispatcher, reception, watch, secrets, counts, api, closing } =
    parts;
  closing.abort();
  reception.close();
  await api.close(CALLS_END_MS);
  await watch.close();
  const drained = await dispatcher.drain(drainMs);
  const left = dispatcher.lanes();
  const queuedPoints = left.reduce((sum, lane) => sum + lane.queuedPoints, 0);
  await dispatcher.close();
  await reception.settled();
  await reserve.close();
  await journal.close();
  await runs.close();
  await counts.close();
  await secrets.close();
  await rm(paths.socketPath, { force: true });
  const waiting = { lanes: left.length, queuedPoints };
  log("info", "the daemon ends", { drained, ...waiting });
  await leaveFarewell(paths, { pid: process.pid, ...waiting }).catch((error: unknown) => {
    log("warn", "what waits could not be left for who reads it", { reason: String(error) });
  });
  // Who finds no endpoint file starts another daemon: not before this one is about to let go of the home.
  removeEndpoint(paths, process.pid);
  await store.close();
}
