/** The flush path: what brings the journal's entries to the trackers' backends. */
import { volatileMemory } from "../carry/volatile-memory.js";
import { Dispatcher } from "../flush/dispatcher.js";
import { StoreWatch } from "../flush/store-watch.js";
import type { TrackerWarning } from "../gen/stepwell/v1/daemon.js";
import { WorkspaceRates } from "../mlflow/rate.js";
import type { Server } from "../mlflow/server.js";
import type { Clock } from "../model/clock.js";
import type { HomeCheck } from "../model/home-check.js";
import type { Log } from "../model/log.js";
import type { Backend } from "../model/target.js";
import { Notices } from "../runs/notices.js";
import { driverOf } from "../sinks/drivers.js";
import { currentSettings } from "../stacks/server-settings.js";
import { Bundles } from "./bundles.js";
import { type HomePlace, sinkInPlace } from "./home-sink.js";
import { checkTracker, driverParts } from "./sinks.js";
import type { Stores } from "./stores.js";
import { startStoreAnew, storeWarnings } from "./tracker-stores.js";
import { TrackerWarnings } from "./tracker-warnings.js";

/** What it is made with. */
export interface FlushOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Databricks' file of profiles, which need not be there. */
  readonly databricksConfigFile: string;
  readonly place: HomePlace;
}

/** Lanes, and what is known of their backends. */
export interface FlushPath {
  readonly dispatcher: Dispatcher;
  readonly warnings: TrackerWarnings;
  readonly notices: Notices;
  /** What is carried by hand, in either direction. */
  readonly bundles: Bundles;
  readonly storeWatch: StoreWatch;
  /** The server of a backend; undefined for a store without one. */
  readonly serverOf: (backend: Backend) => Server | undefined;
  /** What is wrong with trackers' own stores. */
  readonly storeWarnings: () => TrackerWarning[];
  /** A store that is gone is meant to be. */
  readonly startStoreAnew: (nameOrId: string) => Promise<string>;
  /** Asks a tracker's backend whether runs can go there. */
  readonly checkTracker: (nameOrId: string) => Promise<HomeCheck[]>;
}

/** Makes it; its lanes go on once the dispatcher is started. */
export function makeFlushPath(options: FlushOptions, stores: Stores): FlushPath {
  const { clock, random, log, databricksConfigFile, place } = options;
  const { history, marks, folders, journal, stacks, secrets, runs, params, deadLetters } = stores;
  const { backendRuns, backendModels, exports } = stores;
  const warnings = new TrackerWarnings(stacks);
  const notices = new Notices();
  const parts = driverParts({
    ...{ clock, random, log, runs, backendRuns, backendModels, databricksConfigFile, warnings, marks },
    home: place.home,
    wentBack: (backend, writes) => storeWatch.wentBack(backend, writes),
    settings: (backend) => secrets.resolve(currentSettings(stacks, backend)),
    registered: (backend) => currentSettings(stacks, backend),
    rates: new WorkspaceRates(),
    incarnations: () => history.incarnations.map(({ id }) => id),
    askAgain: (backend) => dispatcher.askAgainAt(backend),
  });
  const dispatcher = new Dispatcher({
    ...{ journal, runs, params, deadLetters, history, notices, clock, random, log },
    tally: stores.tallies.flush,
    openSink: (backend) => sinkInPlace(driverOf(backend).open(parts), backend, place),
    exportedSeq: (runId, trackerId) => exports.exportedSeq(runId, trackerId),
  });
  const bundles = new Bundles({
    ...{ stores, dispatcher, clock, random },
    openSink: (backend, isExpected) => {
      const runIds = (of: Backend) => ({ ...parts.runIds(of), isExpected });
      const opened = driverOf(backend).open({ ...parts, runIds, memory: () => volatileMemory() });
      return sinkInPlace(opened, backend, place);
    },
    runIds: (backend) => parts.runIds(backend),
  });
  stacks.observe(async () => {
    await dispatcher.onStacksChanged();
    dispatcher.askAgain();
  });
  const storeWatch = new StoreWatch({
    ...{ journal, history, notices, runs, log, marks },
    sinkOf: (backend) => dispatcher.sinkOf(backend),
    settled: (backend) => dispatcher.settled(backend),
    onRewound: (run, target) => dispatcher.rewound(run, target),
    askAgain: () => dispatcher.askAgain(),
  });
  const ofStores = { ...stores, dispatcher, storeWatch };
  return {
    dispatcher,
    storeWatch,
    serverOf: (backend) => driverOf(backend).server?.(parts),
    storeWarnings: () => storeWarnings(ofStores),
    startStoreAnew: (nameOrId) => startStoreAnew(ofStores, nameOrId),
    warnings,
    notices,
    bundles,
    checkTracker: (nameOrId) => checkTracker(nameOrId, stacks, folders, parts),
  };
}
