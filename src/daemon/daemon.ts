/**
 * The composition root: opens a home and puts the parts together, and takes them apart
 * in the order that loses nothing.
 */
import { setMaxListeners } from "node:events";
import { drainRuns } from "../api/drain-runs.js";
import { type ApiServer, makeApiServer } from "../api/server.js";
import { leftOf, listLanes, reportStatus } from "../api/status-report.js";
import { openState, salvageFault } from "../doctor/open-state.js";
import type { Dispatcher } from "../flush/dispatcher.js";
import type { NotifyConfig } from "../home/config.js";
import type { Environment, HomePaths } from "../home/endpoint.js";
import { leaveFarewell } from "../home/farewell.js";
import { type HomeHold, holdHome, homeGone } from "../home/hold.js";
import { type LeftOutput, OUTPUT_ARTIFACT } from "../home/left-output.js";
import type { MetricsConfig } from "../home/metrics-config.js";
import { deadlineAfter, within } from "../home/wait.js";
import type { ReplayWindow } from "../journal/kept-segments.js";
import type { Clock } from "../model/clock.js";
import { CALLS_END_MS, END_MS_MAX } from "../model/limits.js";
import type { Log } from "../model/log.js";
import { VERSION } from "../model/version.js";
import type { Run } from "../runs/run.js";
import { LeftOutputs } from "../spool/left-outputs.js";
import { Reserve } from "../store/reserve.js";
import { openStore } from "../store/store.js";
import { type End, endInOrder, type Part } from "./ending.js";
import { type FlushPath, makeFlushPath } from "./flush-path.js";
import { Front } from "./front.js";
import { type GatewayPath, makeGatewayPath } from "./gateway-path.js";
import { type HomeLoss, HomeWatch } from "./home-watch.js";
import { Late } from "./late.js";
import { makeNotifyPath, type NotifyPath } from "./notify-path.js";
import { ShownMetrics, snapshotOf } from "./shown-metrics.js";
import { noteDelivered, openStores, type Stores, type StoresOptions } from "./stores.js";
import { makeWritePath, type WritePath } from "./write-path.js";

export interface DaemonOptions {
  readonly paths: HomePaths;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Bytes that the journal may hold. */
  readonly journalQuotaBytes: number;
  /** How long, and how much of it, delivered records stay in the journal. */
  readonly replayWindow: ReplayWindow;
  /** Bytes that files of curves may have; with 0 there are none. */
  readonly curvesQuotaBytes: number;
  /** Bytes of artifacts that may wait for their servers. */
  readonly artifactSpoolBytes: number;
  /** Databricks' file of profiles, which need not be there. */
  readonly databricksConfigFile: string;
  /** The environment of an MLflow server that is run for a local tracker, and how long one stays when nobody needs it. */
  readonly mlflowEnvironment: Environment;
  readonly mlflowIdleMs: number;
  /** How long a process that can't be looked at may be without a stream before its runs are ended. */
  readonly leaseReturnMs: number;
  /** Where its metrics are shown; undefined: nowhere. */
  readonly metrics: MetricsConfig | undefined;
  /** The command that is told what happens; undefined: none. */
  readonly notify?: NotifyConfig | undefined;
  /** Asked to end, by a call; the argument says how long lanes may drain. */
  readonly onShutdown: (drainMs: number) => void;
  /** The home is lost; whoever is told ends the daemon. */
  readonly onHomeLost: (loss: HomeLoss) => void;
}

export interface Daemon {
  /** Ends streams, lets lanes drain until the deadline, and puts everything on disk. Resolves at most END_MS_MAX later or so. */
  close(drainMs: number): Promise<End>;
}

/**
 * Opens the home, which prepareHome has made, or throws STEPWELL_HOME_LOCKED when another daemon owns it,
 * and answers once it serves.
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { home } = options.paths;
  const hold = holdHome(home);
  try {
    return await startIn(options, hold);
  } catch (error) {
    hold.release();
    // Whatever failed in a home that went away while it was opened failed because of that.
    throw hold.isInPlace() ? error : homeGone(home);
  }
}

async function startIn(options: DaemonOptions, hold: HomeHold): Promise<Daemon> {
  const { paths, log } = options;
  const reserve = new Reserve(paths.reserveFile);
  const open = (folder: string) => openStore(folder, () => reserve.release());
  const store = await openState({ paths, clock: options.clock, open });
  if (store.isTorn) log("warn", "the state store's last write is not whole and was left out");
  try {
    const parts = await assemble(options, { store, reserve, hold });
    await serve(options, parts);
    const { endpoint } = parts.front;
    log("info", "the daemon serves", { version: VERSION, pid: process.pid, endpoint });
    return { close: (drainMs) => takeApart(options, parts, drainMs) };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** All that has to be taken apart again. */
interface Parts extends Stores, WritePath, FlushPath, GatewayPath {
  readonly api: ApiServer;
  readonly closing: AbortController;
  readonly hold: HomeHold;
  readonly front: Front;
  readonly homeWatch: HomeWatch;
  readonly metrics: ShownMetrics;
  readonly notifyPath: NotifyPath | undefined;
}

async function assemble(
  options: DaemonOptions,
  { store, reserve, hold }: Pick<Parts, "store" | "reserve" | "hold">,
): Promise<Parts> {
  const { paths, clock, log } = options;
  const dispatcher = new Late<Dispatcher>();
  const apiOf: StoresOptions["apiOf"] = new Late();
  const stores = await openStores({ ...options, store, reserve, dispatcher, apiOf });
  const notify = new Late<NotifyPath>();
  const onRunEnded = (run: Run) => notify.ask(({ happenings }) => happenings.runEnded(run));
  const writePath = makeWritePath({ ...options, onRunEnded }, stores);
  const place = { home: paths.home, isInPlace: () => hold.isInPlace() };
  const flushPath = makeFlushPath({ ...options, place }, stores);
  dispatcher.set(flushPath.dispatcher);
  const notifyPath = makeNotifyPath(options, { ...stores, ...flushPath });
  if (notifyPath) notify.set(notifyPath);
  const stateFault = await salvageFault(store);
  if (stateFault) log("error", "the state store was damaged", { reason: stateFault.message });
  const pageApi = new Late<ApiServer>();
  const gatewayPath = await makeGatewayPath(
    { ...options, place, methods: () => pageApi.ask(({ methods }) => methods) ?? new Map() },
    { ...stores, ...writePath, ...flushPath },
  );
  apiOf.set((place) => gatewayPath.gateway.apiOf(place));
  const keep = ({ head, bytes }: LeftOutput) =>
    gatewayPath.putArtifact({ ...head, name: OUTPUT_ARTIFACT, bytes });
  writePath.watch.putLast(new LeftOutputs({ folder: paths.outputsFolder, keep, clock, log }));
  const parts = { ...stores, ...writePath, ...flushPath, ...gatewayPath };
  const front = new Front({
    paths,
    homeId: () => stores.history.homeId,
    startedMs: clock.nowMs(),
    gatewayUrl: () => gatewayPath.gatewayServer.url,
  });
  const metrics = new ShownMetrics({
    ...{ config: options.metrics, clock, log, instanceId: () => stores.history.homeId },
    snapshot: () => snapshotOf({ ...parts, clock }, options),
  });
  const told = { ...parts, metrics, clock, stateFault };
  const closing = new AbortController();
  // Everyone who waits for something listens to it.
  setMaxListeners(0, closing.signal);
  const api = makeApiServer({
    ...parts,
    ...{
      info: () => front.info(),
      clock,
      closing: closing.signal,
      shutDown: options.onShutdown,
      drain: async (timeoutMs: number, runIds: readonly string[]) => {
        await within(timeoutMs, parts.monitor.settle());
        return await (runIds.length === 0 ? drainAll(parts, timeoutMs) : drainRuns(parts, timeoutMs, runIds));
      },
      left: (runIds: readonly string[]) => leftOf(told, runIds),
      letters: { ...stores, clock, tally: stores.tallies.intake },
    },
    status: () => {
      const status = reportStatus(told);
      const faults = [...metrics.faults, ...(notifyPath?.notifyFaults() ?? [])];
      return { ...status, notices: [...status.notices, ...faults] };
    },
    lanes: (runId) => listLanes(told, runId),
  });
  pageApi.set(api);
  const homeWatch = new HomeWatch({
    ...{ paths, hold, log, clock },
    socketPath: () => front.socketPath,
    listenAgain: () => front.listenAgain(api),
    announceAgain: () => front.announce(),
    onLost: options.onHomeLost,
  });
  return { ...parts, api, closing, hold, front, homeWatch, metrics, notifyPath };
}

/** Everything that waits, entries and artifacts; an artifact waits for its run. */
async function drainAll(
  { dispatcher, uploader, watch }: FlushPath & GatewayPath & WritePath,
  timeoutMs: number,
): Promise<boolean> {
  const deadline = deadlineAfter(timeoutMs);
  // What a process that was killed a moment ago has left is waited for, too.
  await watch.settle(timeoutMs);
  const isDrained = await dispatcher.drain(deadline.leftMs());
  return (await uploader.drain(deadline.leftMs())) && isDrained;
}

async function serve(options: DaemonOptions, parts: Parts): Promise<void> {
  await noteDelivered({ ...options, store: parts.store }, parts.runs);
  parts.dispatcher.start();
  await parts.homeWatch.begin();
  await parts.listenAtGateway();
  await parts.front.listen(parts.api);
  await parts.front.announce();
  await parts.homeWatch.start();
  parts.watch.start();
  parts.monitor.start();
  parts.notifyPath?.happenings.start();
  parts.storeWatch.start();
  parts.reserve.start();
  parts.metrics.start();
  void parts.curves.open();
}

/** What hangs is given up at the limit. The endpoint file stays then: the process that it names is gone. */
async function takeApart(options: DaemonOptions, parts: Parts, drainMs: number): Promise<End> {
  const deadline = deadlineAfter(drainMs + END_MS_MAX);
  const end = await endInOrder(endsOf(options, parts, drainMs), deadline);
  if (end.kind === "whole") return end;
  options.log("error", "the daemon ends though a part of it hangs", { part: end.part });
  // The home's disk may be what hangs.
  await within(CALLS_END_MS, sayFarewell(options, parts, false));
  return end;
}

/** Streams first, so that nothing new arrives; the lock on the home last. */
function endsOf(options: DaemonOptions, parts: Parts, drainMs: number): Part[] {
  const { store, reserve, journal, runs, marks, secrets, counts } = parts;
  const { dispatcher, storeWatch, reception, watch, api, closing, front } = parts;
  const watched: Promise<unknown>[] = [];
  let drained = false;
  const endNotify = async () => await parts.notifyPath?.endNotify();
  const stopIntake = async () => {
    closing.abort();
    reception.close();
    await Promise.all([api.close(CALLS_END_MS), parts.gatewayServer.close(CALLS_END_MS)]);
    await parts.uploader.close();
    await parts.gateway.close();
  };
  const drain = async () => {
    // A store that hangs is not waited for here: the others' lanes drain meanwhile.
    watched.push(storeWatch.close());
    drained = await dispatcher.drain(drainMs);
  };
  const letGo = async () => {
    // Who finds no endpoint file starts another daemon: not before this one is about to let go of the home.
    front.conceal();
    await store.close();
    parts.hold.release();
  };
  return [
    { name: "the watch over the home", end: () => parts.homeWatch.close() },
    { name: "streams and calls", end: stopIntake },
    { name: "what is told by a command", end: () => within(CALLS_END_MS, endNotify()) },
    { name: "the metrics of the system", end: () => parts.monitor.close() },
    { name: "the watch over runs", end: () => watch.close() },
    { name: "the drain", end: drain },
    { name: "the metrics", end: () => parts.metrics.close() },
    { name: "the stores' watch", end: () => Promise.all(watched) },
    { name: "what is sent to backends", end: () => dispatcher.close() },
    { name: "batches on their way to the journal", end: () => reception.settled() },
    { name: "curves", end: () => parts.curves.close() },
    { name: "the reserve", end: () => reserve.close() },
    { name: "the journal", end: () => journal.close() },
    { name: "runs", end: () => runs.close() },
    { name: "marks", end: () => marks.close() },
    { name: "counts", end: () => counts.close() },
    { name: "secrets", end: () => secrets.close() },
    { name: "the socket", end: () => front.removeSocket() },
    { name: "the farewell", end: () => sayFarewell(options, parts, drained) },
    { name: "the state store", end: letGo },
  ];
}

/** Says what waits, to the log and to whoever told the daemon to end. */
async function sayFarewell(
  { paths, log }: DaemonOptions,
  { dispatcher, runs, deadLetters }: Parts,
  drained: boolean,
): Promise<void> {
  const { count: lanes, queuedPoints, queuedBytes, oldestMs } = dispatcher.overview(0);
  log("info", "the daemon ends", { drained, lanes, queuedPoints });
  await leaveFarewell(paths, {
    ...{ pid: process.pid, version: VERSION, lanes, queuedPoints, queuedBytes, oldestMs },
    ...{ ...runs.totals(), deadLetters: deadLetters.entries },
  }).catch((error: unknown) => {
    log("warn", "what waits could not be left for who reads it", { reason: String(error) });
  });
}
