import { toStepwellError } from "../../errors/stepwell-error.js";
import { faultCheck, type HomeCheck, okCheck } from "../../model/home-check.js";
import { type SqliteBackend, trackingUri } from "../../model/target.js";
import type { Driver, DriverParts } from "../driver.js";
import type { Sink } from "../sink.js";
import type { DatabaseFinding } from "./inspect.js";
import { openSqliteSink } from "./sqlite-sink.js";

/** A database in a file: everybody on this machine can look at it. */
export function sqliteDriver(backend: SqliteBackend): Driver {
  return {
    open: (parts) => openSink(backend, parts),
    check: async () => [await look("database", backend)],
    look: (check) => look(check, backend),
    server: undefined,
  };
}

function openSink(backend: SqliteBackend, { home, clock, log, runIds, memory }: DriverParts): Sink {
  const { databasePath, artifactRoot } = backend;
  const ids = runIds(backend);
  return openSqliteSink({
    ...{ databasePath, artifactRoot, home, clock },
    ownId: (runId) => ids.ownId(runId),
    memory: memory(backend),
    onExperiments: (experimentIds) => {
      const url = trackingUri(backend);
      // What is known already is written again: that is cheaper than to look for each.
      const values = [...experimentIds].map(
        ([runId, experimentId]) => [runId, { kind: "known", mlflowRunId: runId, experimentId, url }] as const,
      );
      // Without it the id is missing where it is shown, until the run is written by another worker.
      return ids
        .keepAll(new Map(values))
        .catch((error: unknown) =>
          log("warn", "the experiments of runs could not be noted", { reason: String(error) }),
        );
    },
  });
}

async function look(check: string, { databasePath }: SqliteBackend): Promise<HomeCheck> {
  // Loaded here: SQLite's binding would take memory in a daemon that has nothing to do with it.
  const { inspectDatabase } = await import("./inspect.js");
  try {
    return okCheck(check, `${databasePath}: ${sayDatabase(inspectDatabase(databasePath))}`);
  } catch (error) {
    // A lock passes.
    const isLocked = toStepwellError(error).code === "STEPWELL_DATABASE_LOCKED";
    return faultCheck(check, isLocked ? "warn" : "failed", error);
  }
}

/** The end of a sentence. */
function sayDatabase(found: DatabaseFinding): string {
  switch (found.kind) {
    case "missing":
      return "not made yet.";
    case "empty":
      return "it is empty; the first delivery makes MLflow's tables.";
    case "understood":
      return `MLflow's, at revision ${found.revision}; it can be written to.`;
  }
}
