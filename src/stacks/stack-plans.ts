/** What changes of stacks do; pure. Each throws what is said there, and then nothing has changed. */
import { StepwellError } from "../errors/stepwell-error.js";
import type { Component, Stack, StackChange, WantedStack } from "./component.js";
import { DEFAULT_NAME } from "./named.js";
import { choosersOf, givenBackEdits, givenBackNotes } from "./own-tracker.js";
import type { Birth, Plan } from "./stack-edit.js";
import type { StackIndex } from "./stack-index.js";
import { checkParts, filled, isOwnTracker, partsOf } from "./stack-parts.js";

/** A stack that is gone, and the components that went with it. */
export interface DeletedStack {
  readonly stack: Stack;
  readonly components: readonly Component[];
}

/** Throws STEPWELL_NAME_INVALID, STEPWELL_NAME_TAKEN, STEPWELL_COMPONENT_UNKNOWN or STEPWELL_CONFIG_INVALID. */
export function registerStack(
  index: StackIndex,
  wanted: WantedStack,
  setActive: boolean,
  birth: Birth,
): Plan<Stack> {
  index.stacks.checkNew(wanted.name);
  const stack: Stack = {
    name: wanted.name,
    experimentTrackers: trackerIds(index, wanted.experimentTrackers),
    artifactStore: index.components("artifact_store").find(wanted.artifactStore || DEFAULT_NAME).id,
    orchestrator: index.components("orchestrator").find(wanted.orchestrator || DEFAULT_NAME).id,
    labels: filled(wanted.labels ?? {}),
    ...birth(),
  };
  const { edits } = put(index, stack);
  return {
    edits: setActive ? [...edits, { kind: "set active", stackId: stack.id }] : edits,
    result: stack,
  };
}

/** Throws as lookups, STEPWELL_DEFAULT_FIXED or STEPWELL_CONFIG_INVALID. */
export function updateStack(index: StackIndex, nameOrId: string, change: StackChange): Plan<Stack> {
  const before = index.stacks.find(nameOrId);
  index.stacks.checkNotDefault(before);
  const store = index.components("artifact_store").find(change.artifactStore || before.artifactStore);
  const orchestrator = index.components("orchestrator").find(change.orchestrator || before.orchestrator);
  return put(index, {
    ...before,
    experimentTrackers: changedTrackers(index, before, change),
    artifactStore: store.id,
    orchestrator: orchestrator.id,
    labels: filled({ ...before.labels, ...change.labels }),
  });
}

/** Throws as a lookup, STEPWELL_DEFAULT_FIXED, STEPWELL_NAME_INVALID or STEPWELL_NAME_TAKEN. */
export function renameStack(index: StackIndex, nameOrId: string, name: string): Plan<Stack> {
  const before = index.stacks.find(nameOrId);
  index.stacks.checkNotDefault(before);
  index.stacks.checkNew(name);
  return put(index, { ...before, name });
}

/** Throws as a lookup, STEPWELL_NAME_INVALID or STEPWELL_NAME_TAKEN. */
export function copyStack(index: StackIndex, nameOrId: string, name: string, birth: Birth): Plan<Stack> {
  const source = index.stacks.find(nameOrId);
  index.stacks.checkNew(name);
  return put(index, { ...source, name, ...birth() });
}

/**
 * Recursive: with the components that no other stack holds, but the default ones.
 * Throws as a lookup, STEPWELL_DEFAULT_FIXED or STEPWELL_STACK_ACTIVE.
 */
export function deleteStack(index: StackIndex, nameOrId: string, recursive: boolean): Plan<DeletedStack> {
  const stack = index.stacks.find(nameOrId);
  index.stacks.checkNotDefault(stack);
  if (stack.id === index.active.id)
    throw new StepwellError(
      "STEPWELL_STACK_ACTIVE",
      `The stack ${JSON.stringify(stack.name)} is the active one.`,
    );
  const components = recursive ? onlyIn(stack, index) : [];
  return {
    edits: [
      { kind: "delete stack", stack },
      ...components.map((component) => ({ kind: "delete component", component }) as const),
      ...givenBackEdits(index, components),
    ],
    result: { stack, components },
    notes: givenBackNotes(index, components),
  };
}

/** Throws as a lookup. */
export function setActive(index: StackIndex, nameOrId: string): Plan<Stack> {
  const stack = index.stacks.find(nameOrId);
  return { edits: [{ kind: "set active", stackId: stack.id }], result: stack };
}

function put(index: StackIndex, stack: Stack): Plan<Stack> {
  checkParts(stack, (id) => index.componentById(id));
  return { edits: [{ kind: "put stack", stack }], result: stack };
}

function changedTrackers(index: StackIndex, before: Stack, change: StackChange): string[] {
  const given = trackerIds(index, change.experimentTrackers ?? []);
  const trackers = given.length > 0 ? given : before.experimentTrackers;
  const removed = trackerIds(index, change.removedExperimentTrackers ?? []);
  const first = trackerIds(index, change.defaultExperimentTracker ? [change.defaultExperimentTracker] : []);
  const missing = [...removed, ...first].find((id) => !trackers.includes(id));
  if (missing !== undefined) {
    const { name } = index.components("experiment_tracker").find(missing);
    const sentence = `The stack ${JSON.stringify(before.name)} holds no experiment tracker ${JSON.stringify(name)}.`;
    throw new StepwellError("STEPWELL_COMPONENT_UNKNOWN", sentence);
  }
  return [...new Set([...first, ...trackers])].filter((id) => !removed.includes(id));
}

/** Ids in the order of the names, each once. */
function trackerIds(index: StackIndex, names: readonly string[]): string[] {
  return [...new Set(names.map((name) => index.components("experiment_tracker").find(name).id))];
}

/** A stack's components that were chosen for no other stack and that are not the default ones. */
function onlyIn(stack: Stack, index: StackIndex): Component[] {
  return partsOf(stack)
    .filter((id) => choosersOf(index, id).every((holder) => holder.id === stack.id))
    .flatMap((id) => index.componentById(id) ?? [])
    .filter(
      (each) => each.name !== DEFAULT_NAME || (each.type === "experiment_tracker" && !isOwnTracker(each)),
    );
}
