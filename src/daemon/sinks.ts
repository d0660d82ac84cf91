import { readFileSync } from "node:fs";
import type { Clock } from "../model/clock.js";
import type { Log } from "../model/log.js";
import type { Backend, ServerBackend } from "../model/target.js";
import { openRestSink } from "../sinks/mlflow-rest/rest-sink.js";
import type { RunIds } from "../sinks/mlflow-rest/run-ids.js";
import { openSqliteSink } from "../sinks/mlflow-sql/sqlite-sink.js";
import type { Sink } from "../sinks/sink.js";
import type { BackendRuns } from "../state/backend-runs.js";
import type { RunBook } from "../state/run-book.js";

/** What sinks need of the daemon. */
export interface SinkParts {
  readonly homeId: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly runs: RunBook;
  readonly backendRuns: BackendRuns;
  /** A server's settings with the secrets in place. */
  readonly settings: (backend: ServerBackend) => Promise<Readonly<Record<string, string>>>;
  /** Databricks' file of profiles. */
  readonly databricksConfigFile: string;
}

/** The sink of a backend. It touches nothing before its first use. */
export function openSink(backend: Backend, parts: SinkParts): Sink {
  const { homeId, clock, log } = parts;
  if (backend.kind === "sqlite") {
    const { databasePath, artifactRoot } = backend;
    return openSqliteSink({ databasePath, artifactRoot, homeId, clock });
  }
  return openRestSink({
    backend,
    settings: () => parts.settings(backend),
    profileFile: () => readIfThere(parts.databricksConfigFile),
    runIds: runIdsOf(backend, parts),
    clock,
    log,
  });
}

function runIdsOf({ trackerId }: ServerBackend, { runs, backendRuns }: SinkParts): RunIds {
  return {
    find: (runId) => backendRuns.find(runId, trackerId),
    keep: (runId, value) => backendRuns.keep(runId, trackerId, value),
    isExpected: (runId) =>
      runs.find(runId)?.targets?.some((target) => target.trackerId === trackerId) ?? false,
  };
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Then it has no profile either, which is what is said.
    return "";
  }
}
