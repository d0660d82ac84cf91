import { StepwellError } from "../errors/stepwell-error.js";
import { type Backend, factsOf, type Target } from "../model/target.js";
import type { Component } from "./component.js";
import type { StackBook } from "./stack-book.js";
import { readTrackingUri } from "./tracking-uri.js";

/** Where the default artifact store lies: a folder below the home. */
export interface LocalFolders {
  readonly defaultArtifactStore: string;
}

/**
 * The backends of a run that asks for these trackers, by name or id; none means the
 * active stack's default tracker. Throws STEPWELL_TRACKER_UNKNOWN.
 */
export function resolveTargets(stacks: StackBook, folders: LocalFolders, asked: readonly string[]): Target[] {
  const stack = stacks.active;
  const names = asked.length > 0 ? asked : stack.experimentTrackers.slice(0, 1);
  if (names.length === 0) {
    throw new StepwellError(
      "STEPWELL_TRACKER_UNKNOWN",
      `The active stack ${JSON.stringify(stack.name)} has no experiment tracker.`,
    );
  }
  const targets = names.map((name): Target => {
    const tracker = trackerOf(stacks, name);
    const store = stacks.component("artifact_store", stacks.active.artifactStore);
    const backend = backendOf(tracker, store.configuration, folders);
    // MLflow puts a file's artifacts on this machine, too.
    if (factsOf(backend).file !== undefined && store.flavor !== "local") throw notLocal(stack.name, store);
    return { trackerId: tracker.id, tracker: tracker.name, backend };
  });
  return targets.filter(
    (target, index) => targets.findIndex((each) => each.trackerId === target.trackerId) === index,
  );
}

function notLocal(stack: string, store: Component): StepwellError {
  return new StepwellError(
    "STEPWELL_TRACKER_UNKNOWN",
    `The active stack ${JSON.stringify(stack)} can have no tracker: its artifact store is ${store.flavor}, not local.`,
  );
}

function trackerOf(stacks: StackBook, name: string): Component {
  try {
    return stacks.component("experiment_tracker", name);
  } catch (error) {
    throw new StepwellError(
      "STEPWELL_TRACKER_UNKNOWN",
      `There is no experiment tracker ${JSON.stringify(name)}.`,
      { cause: error },
    );
  }
}

/**
 * The backend of a tracker beside an artifact store, both by their configuration.
 * Throws STEPWELL_TRACKER_UNKNOWN for one that this version can't deliver to.
 */
export function backendOf(
  { id, configuration }: Pick<Component, "id" | "configuration">,
  artifactStore: Component["configuration"],
  folders: LocalFolders,
): Backend {
  const uri = readTrackingUri(configuration["tracking_uri"]);
  const folder = artifactStore["path"] ?? folders.defaultArtifactStore;
  const artifactRoot = `${folder}/mlflow_artifacts`;
  switch (uri.kind) {
    case "local":
      return { kind: "sqlite", databasePath: `${folder}/mlflow.db`, artifactRoot };
    case "sqlite":
      return { kind: "sqlite", databasePath: uri.path, artifactRoot };
    case "server":
      return { kind: "rest", trackerId: id, uri: uri.url, settings: configuration };
    case "relay":
      return { kind: "relay", trackerId: id, uri: uri.uri, settings: configuration };
    case "postgres":
      return { kind: "postgres", trackerId: id, uri: uri.uri, settings: configuration };
    case "spool":
      return { kind: "spool", trackerId: id, folder: uri.folder };
    case "databricks": {
      const text = uri.profile === undefined ? "databricks" : `databricks://${uri.profile}`;
      return { kind: "databricks", trackerId: id, uri: text, settings: configuration };
    }
    case "refused":
      throw new StepwellError("STEPWELL_TRACKER_UNKNOWN", uri.reason);
  }
}
