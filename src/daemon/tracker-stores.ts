/** Trackers' own stores: what is wrong with them, and that one which is gone is meant to be. */
import { StepwellError, toStepwellError } from "../errors/stepwell-error.js";
import type { Dispatcher } from "../flush/dispatcher.js";
import type { StoreWatch } from "../flush/store-watch.js";
import type { TrackerWarning } from "../gen/stepwell/v1/daemon.js";
import { type Backend, backendKey, trackingUri } from "../model/target.js";
import type { Component } from "../stacks/component.js";
import { backendOf } from "../stacks/targets.js";
import type { Stores } from "./stores.js";

type Parts = Pick<Stores, "stacks" | "folders" | "marks" | "history"> & {
  readonly dispatcher: Dispatcher;
  readonly storeWatch: StoreWatch;
};

/** A warning for each tracker whose store can't be used. */
export function storeWarnings(parts: Parts): TrackerWarning[] {
  const faults = new Map(parts.storeWatch.faults().map(({ backend, fault }) => [backendKey(backend), fault]));
  if (faults.size === 0) return [];
  return parts.stacks.components("experiment_tracker").flatMap((tracker) => {
    const fault = faults.get(backendKey(placeOf(tracker, parts)));
    return fault ? [{ tracker: tracker.name, warning: `${fault.message} ${fault.row.remedy}` }] : [];
  });
}

/** A store that is gone is made anew by the next delivery. Throws STEPWELL_STORE_THERE for one that is not. */
export async function startStoreAnew(parts: Parts, nameOrId: string): Promise<string> {
  const { stacks, marks, history, dispatcher } = parts;
  const backend = placeOf(stacks.componentOrActive("experiment_tracker", nameOrId), parts);
  const keeper = dispatcher.sinkOf(backend).cursors;
  if (!keeper) throw there(backend, "is kept by a server");
  const fault = await keeper.look(history.author.homeId).then(
    () => undefined,
    (error: unknown) => toStepwellError(error),
  );
  if (!fault) throw there(backend, "is there");
  if (fault.code !== "STEPWELL_STORE_GONE") throw fault;
  await marks.keep(backend, { writes: 0, file: undefined, isRenewed: true, isComparing: false });
  dispatcher.askAgain();
  return trackingUri(backend);
}

function placeOf(tracker: Component, { stacks, folders }: Parts): Backend {
  const { configuration } = stacks.component("artifact_store", stacks.active.artifactStore);
  return backendOf(tracker, configuration, folders);
}

function there(backend: Backend, what: string): StepwellError {
  return new StepwellError("STEPWELL_STORE_THERE", `The store ${trackingUri(backend)} ${what}.`);
}
