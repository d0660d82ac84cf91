import { readFileSync } from "node:fs";
import type { Clock } from "../model/clock.js";
import type { Log } from "../model/log.js";
import type { Backend, ServerBackend } from "../model/target.js";
import { openRestSink } from "../sinks/mlflow-rest/rest-sink.js";
import type { RunIds } from "../sinks/mlflow-rest/run-ids.js";
import type { ServerOptions } from "../sinks/mlflow-rest/server.js";
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
  return openRestSink({ ...serverOptionsOf(backend, parts), runIds: runIdsOf(backend, parts), log });
}

/** A server as it is asked with the settings of the moment. */
export function serverOptionsOf(backend: ServerBackend, parts: SinkParts): ServerOptions {
  return {
    backend,
    settings: () => parts.settings(backend),
    profileFile: () => readIfThere(parts.databricksConfigFile),
    clock: parts.clock,
  };
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
