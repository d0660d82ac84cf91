/**
 * The tracker that every home has from the start: MLflow's store in the default artifact store. The default stack
 * holds it until a tracker is registered; then it holds that one by itself, and this one again when that is deleted.
 * Nobody changes the default stack by hand, so what it holds is never what somebody chose. Pure.
 */
import { freeName } from "../model/free-name.js";
import type { Component, Stack } from "./component.js";
import { DEFAULT_NAME } from "./named.js";
import type { Birth, Edit } from "./stack-edit.js";
import type { StackIndex } from "./stack-index.js";
import { defaultComponent, isOwnTracker } from "./stack-parts.js";

/** The home's own tracker goes to a default stack of before there was one, where nobody registered any. */
export function ownTrackerEdits(
  components: readonly Component[],
  stacks: readonly Stack[],
  birth: Birth,
): Edit[] {
  const stack = stacks.find(({ name }) => name === DEFAULT_NAME);
  if (!stack || components.some(({ type }) => type === "experiment_tracker")) return [];
  const tracker = defaultComponent("experiment_tracker", birth);
  return [
    { kind: "put component", component: tracker },
    { kind: "put stack", stack: { ...stack, experimentTrackers: [tracker.id] } },
  ];
}

/** The default stack takes a new tracker, where it still holds the home's own. */
export function takenEdits(index: StackIndex, tracker: Component): Edit[] {
  const stack = defaultStack(index);
  const holdsOwn = stack?.experimentTrackers.some((id) => id === own(index)?.id);
  if (!stack || !holdsOwn || tracker.type !== "experiment_tracker") return [];
  return [{ kind: "put stack", stack: { ...stack, experimentTrackers: [tracker.id] } }];
}

/** The default stack goes back to the home's own tracker, where it holds one that is deleted. */
export function givenBackEdits(index: StackIndex, deleted: readonly Component[]): Edit[] {
  const stack = defaultStack(index);
  if (!stack || !deleted.some(({ id }) => stack.experimentTrackers.includes(id))) return [];
  const experimentTrackers = [own(index)?.id ?? []].flat();
  return [{ kind: "put stack", stack: { ...stack, experimentTrackers } }];
}

/** The stacks that hold a tracker because somebody said so, by name. */
export function choosersOf(index: StackIndex, id: string): Stack[] {
  return index.stacksWith(id).filter(({ name }) => name !== DEFAULT_NAME);
}

/** Where new runs go with a tracker that the default stack takes, and how they go back. */
export function takenNotes(index: StackIndex, tracker: Component): string[] {
  if (takenEdits(index, tracker).length === 0) return [];
  if (index.active.name !== DEFAULT_NAME)
    return [`New runs of the stack ${DEFAULT_NAME} go to ${tracker.name} instead of the local store.`];
  const stack = freeName("local", (name) => index.stacks.byName(name) !== undefined);
  const command = `stepwell stack register ${stack} -e ${DEFAULT_NAME} --set`;
  return [`New runs go to ${tracker.name} instead of the local store. To change that: ${command}.`];
}

/** Where new runs go where the default stack's tracker is deleted. */
export function givenBackNotes(index: StackIndex, deleted: readonly Component[]): string[] {
  if (givenBackEdits(index, deleted).length === 0) return [];
  const runs = index.active.name === DEFAULT_NAME ? "New runs" : `New runs of the stack ${DEFAULT_NAME}`;
  return [`${runs} go to the local store again, the tracker ${DEFAULT_NAME}.`];
}

function defaultStack(index: StackIndex): Stack | undefined {
  return index.stacks.byName(DEFAULT_NAME);
}

function own(index: StackIndex): Component | undefined {
  const named = index.components("experiment_tracker").byName(DEFAULT_NAME);
  return named && isOwnTracker(named) ? named : undefined;
}
