import { backendKey, type CredentialedBackend } from "../model/target.js";
import type { StackBook } from "./stack-book.js";
import { backendOf } from "./targets.js";

/**
 * A server's settings as they are now, so that a tracker's renewed credentials are used for
 * runs that began before. When the tracker is gone, or points elsewhere by now, those that
 * the run began with: no credential goes to another server than it was given for.
 */
export function currentSettings(
  stacks: StackBook,
  backend: CredentialedBackend,
): CredentialedBackend["settings"] {
  const tracker = stacks.components("experiment_tracker").find(({ id }) => id === backend.trackerId);
  if (!tracker) return backend.settings;
  const now = backendOf(tracker, {}, { defaultArtifactStore: "" });
  const isSame =
    "settings" in now &&
    backendKey(now) === backendKey(backend) &&
    now.settings["databricks_host"] === backend.settings["databricks_host"];
  return isSame ? now.settings : backend.settings;
}
