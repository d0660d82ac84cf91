import { databaseCheck } from "../doctor/database-finding.js";
import { readPlainSync } from "../home/plain-file.js";
import type { WorkspaceRates } from "../mlflow/rate.js";
import type { ServerOptions } from "../mlflow/server.js";
import { checkServer } from "../mlflow/server-check.js";
import type { Clock } from "../model/clock.js";
import type { HomeCheck } from "../model/home-check.js";
import type { Log } from "../model/log.js";
import { type Backend, type ServerBackend, type SqliteBackend, trackingUri } from "../model/target.js";
import type { BackendRuns } from "../runs/backend-runs.js";
import type { RunBook } from "../runs/run-book.js";
import type { StoreMarks } from "../runs/store-marks.js";
import { openRestSink } from "../sinks/mlflow-rest/rest-sink.js";
import type { RunIds } from "../sinks/mlflow-rest/run-ids.js";
import { openSqliteSink, type StoreMemory } from "../sinks/mlflow-sqlite/sqlite-sink.js";
import type { Sink } from "../sinks/sink.js";
import type { StackBook } from "../stacks/stack-book.js";
import { backendOf, type LocalFolders } from "../stacks/targets.js";
import type { TrackerWarnings } from "./tracker-warnings.js";

/** What sinks need of the daemon. */
export interface SinkParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly runs: RunBook;
  readonly backendRuns: BackendRuns;
  /** A server's settings with the secrets in place. */
  readonly settings: (backend: ServerBackend) => Promise<Readonly<Record<string, string>>>;
  /** Databricks' file of profiles. */
  readonly databricksConfigFile: string;
  readonly rates: WorkspaceRates;
  readonly warnings: TrackerWarnings;
  readonly marks: StoreMarks;
  /** A store is an earlier state of itself, with so many transactions. */
  readonly wentBack: (backend: Backend, writes: number) => Promise<void>;
}

/** The sink of a backend. It touches nothing before its first use. */
export function openSink(backend: Backend, parts: SinkParts): Sink {
  const { clock, log } = parts;
  if (backend.kind === "sqlite") {
    const { databasePath, artifactRoot } = backend;
    const onExperiments = (experimentIds: ReadonlyMap<string, string>) => {
      // Without it the id is missing where it is shown, until the run is written by another worker.
      return keepExperiments(backend, parts.backendRuns, experimentIds).catch((error: unknown) =>
        log("warn", "the experiments of runs could not be noted", { reason: String(error) }),
      );
    };
    return openSqliteSink({
      ...{ databasePath, artifactRoot, clock, onExperiments },
      ownId: (runId) => parts.backendRuns.ownId(runId),
      memory: memoryOf(backend, parts),
    });
  }
  return openRestSink({ ...serverOptionsOf(backend, parts), runIds: runIdsOf(backend, parts), log });
}

/** Asks a tracker's backend whether runs can go there. Throws STEPWELL_COMPONENT_UNKNOWN. */
export async function checkTracker(
  nameOrId: string,
  stacks: StackBook,
  folders: LocalFolders,
  parts: SinkParts,
): Promise<HomeCheck[]> {
  const tracker = stacks.componentOrActive("experiment_tracker", nameOrId);
  const store = stacks.component("artifact_store", stacks.active.artifactStore);
  const backend = backendOf(tracker, store.configuration, folders);
  if (backend.kind !== "sqlite") return await checkServer(serverOptionsOf(backend, parts));
  // Loaded here: SQLite's binding would take memory in a daemon that has nothing to do with it.
  const { inspectDatabase } = await import("../sinks/mlflow-sqlite/inspect.js");
  return [databaseCheck("database", backend.databasePath, inspectDatabase)];
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

/** A server as it is asked with the settings of the moment. */
function serverOptionsOf(backend: ServerBackend, parts: SinkParts): ServerOptions {
  return {
    backend,
    settings: () => parts.settings(backend),
    profileFile: () => readIfThere(parts.databricksConfigFile),
    rates: parts.rates,
    clock: parts.clock,
    onVersion: (version) => parts.warnings.note(backend, version),
  };
}

async function keepExperiments(
  backend: SqliteBackend,
  backendRuns: BackendRuns,
  experimentIds: ReadonlyMap<string, string>,
): Promise<void> {
  const url = trackingUri(backend);
  // What is known already is written again: that is cheaper than to look for each.
  const values = [...experimentIds].map(
    ([runId, experimentId]) => [runId, { kind: "known", mlflowRunId: runId, experimentId, url }] as const,
  );
  await backendRuns.keepAll(backend.databasePath, new Map(values));
}

function runIdsOf({ trackerId }: ServerBackend, { runs, backendRuns }: SinkParts): RunIds {
  return {
    find: (runId) => backendRuns.find(runId, trackerId),
    keep: (runId, value) => backendRuns.keep(runId, trackerId, value),
    ownId: (runId) => backendRuns.ownId(runId),
    isExpected: (runId) =>
      runs.find(runId)?.targets?.some((target) => target.trackerId === trackerId) ?? false,
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
