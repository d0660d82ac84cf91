import type { HomeCheck } from "../model/home-check.js";
import { checkServer } from "../mlflow/server-check.js";
import type { StackBook } from "../stacks/stack-book.js";
import { backendOf, type LocalFolders } from "../stacks/targets.js";
import { databaseCheck } from "../doctor/database-finding.js";
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
  // Loaded here: SQLite's binding would take memory in a daemon that has nothing to do with it.
  const { inspectDatabase } = await import("../sinks/mlflow-sqlite/inspect.js");
  return [databaseCheck("database", backend.databasePath, inspectDatabase)];
}
