import { toStepwellError } from "../errors/stepwell-error.js";
import type { HomeCheck } from "../model/home-check.js";
import { checkServer } from "../sinks/mlflow-rest/server-check.js";
import type { StackBook } from "../state/stack-book.js";
import { backendOf, type LocalFolders } from "../state/targets.js";
import { sayDatabase } from "./database-finding.js";
import { type SinkParts, serverOptionsOf } from "./sinks.js";

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
  const check = "database";
  try {
    // Loaded here: SQLite's binding would take memory in a daemon that has nothing to do with it.
    const { inspectDatabase } = await import("../sinks/mlflow-sql/inspect.js");
    const finding = `${backend.databasePath}: ${sayDatabase(inspectDatabase(backend.databasePath))}`;
    return [{ check, result: "ok", finding, remedy: "" }];
  } catch (thrown) {
    const error = toStepwellError(thrown);
    const result = error.code === "STEPWELL_DATABASE_LOCKED" ? "warn" : "failed";
    return [{ check, result, finding: `${error.code}: ${error.message}`, remedy: error.row.remedy }];
  }
}
