/** Backends as the daemon opens and checks them: their drivers with what those need of it. */
import { readPlainSync } from "../home/plain-file.js";
import type { WorkspaceRates } from "../mlflow/rate.js";
import type { Clock } from "../model/clock.js";
import type { HomeCheck } from "../model/home-check.js";
import type { Log } from "../model/log.js";
import { type Backend, type CredentialedBackend, factsOf } from "../model/target.js";
import type { BackendModels } from "../runs/backend-models.js";
import type { BackendRuns } from "../runs/backend-runs.js";
import type { RunBook } from "../runs/run-book.js";
import type { StoreMarks } from "../runs/store-marks.js";
import type { DriverParts } from "../sinks/driver.js";
import { driverOf } from "../sinks/drivers.js";
import type { ModelIds } from "../sinks/model-ids.js";
import type { RunIds } from "../sinks/run-ids.js";
import type { StoreMemory } from "../sinks/store-memory.js";
import type { StackBook } from "../stacks/stack-book.js";
import { backendOf, type LocalFolders } from "../stacks/targets.js";
import type { TrackerWarnings } from "./tracker-warnings.js";

/** What drivers are given. */
export interface SinkParts {
  /** The home's folder. */
  readonly home: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly runs: RunBook;
  readonly backendRuns: BackendRuns;
  readonly backendModels: BackendModels;
  /** A tracker's settings with the secrets in place. */
  readonly settings: (backend: CredentialedBackend) => Promise<Readonly<Record<string, string>>>;
  /** A tracker's settings as they are registered. */
  readonly registered: (backend: CredentialedBackend) => Readonly<Record<string, string>>;
  /** Databricks' file of profiles. */
  readonly databricksConfigFile: string;
  readonly rates: WorkspaceRates;
  readonly warnings: TrackerWarnings;
  readonly marks: StoreMarks;
  readonly incarnations: () => readonly string[];
  /** What a backend's lanes wait for may be there. */
  readonly askAgain: (backend: Backend) => void;
  /** A store is an earlier state of itself, with so many transactions. */
  readonly wentBack: (backend: Backend, writes: number) => Promise<void>;
}

export function driverParts(parts: SinkParts): DriverParts {
  const {
    home,
    clock,
    random,
    log,
    settings,
    registered,
    databricksConfigFile,
    rates,
    warnings,
    askAgain,
    incarnations,
  } = parts;
  return {
    ...{ home, clock, random, log, settings, registered, rates, askAgain, incarnations },
    runIds: (backend) => runIdsOf(backend, parts),
    modelIds: (backend) => modelIdsOf(backend, parts),
    memory: (backend) => memoryOf(backend, parts),
    profileFile: () => readIfThere(databricksConfigFile),
    onVersion: (backend, version) => warnings.note(backend, version),
  };
}

/** Asks a tracker's backend whether runs can go there. Throws STEPWELL_COMPONENT_UNKNOWN. */
export async function checkTracker(
  nameOrId: string,
  stacks: StackBook,
  folders: LocalFolders,
  parts: DriverParts,
): Promise<HomeCheck[]> {
  const tracker = stacks.componentOrActive("experiment_tracker", nameOrId);
  const store = stacks.component("artifact_store", stacks.active.artifactStore);
  return await driverOf(backendOf(tracker, store.configuration, folders)).check(parts);
}

/** What the home remembers of a backend's store. */
function memoryOf(backend: Backend, { marks, wentBack }: SinkParts): StoreMemory {
  return {
    mark: () => marks.of(backend),
    isUnclean: () => marks.isUnclean(backend),
    keep: (change) => marks.keep(backend, change),
    note: (change) => marks.note(backend, change),
    wentBack: (writes) => wentBack(backend, writes),
  };
}

function runIdsOf(backend: Backend, { runs, backendRuns }: SinkParts): RunIds {
  const { runsKey } = factsOf(backend);
  return {
    find: (runId) => backendRuns.find(runId, runsKey),
    keep: (runId, value) => backendRuns.keep(runId, runsKey, value),
    keepAll: (values) => backendRuns.keepAll(runsKey, values),
    ownId: (runId) => backendRuns.ownId(runId),
    isExpected: (runId) =>
      runs.find(runId)?.targets?.some((target) => factsOf(target.backend).runsKey === runsKey) ?? false,
  };
}

function modelIdsOf(backend: Backend, { backendModels }: SinkParts): ModelIds {
  const { runsKey } = factsOf(backend);
  return {
    find: (modelId) => backendModels.find(modelId, runsKey),
    keep: (modelId, value) => backendModels.keep(modelId, runsKey, value),
    askedMs: (modelId) => backendModels.askedMs(modelId),
    isExpected: (model) => backendModels.isExpected(model, runsKey),
  };
}

function readIfThere(path: string): string {
  try {
    return readPlainSync(path);
  } catch {
    // Then it has no profile either, which is what is said.
    return "";
  }
}
