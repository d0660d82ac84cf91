/** What components and stacks have to do with each other. */
import type { Component, ComponentType, Stack } from "./component.js";
import { checkTogether } from "./flavors.js";
import { DEFAULT_NAME } from "./named.js";

type Components = ReadonlyMap<string, Component>;

/** A component's type as people say it. */
export function kindOf(type: ComponentType): string {
  return type.replace("_", " ");
}

/** Ids of a stack's components. */
export function partsOf(stack: Stack): string[] {
  return [...stack.experimentTrackers, stack.artifactStore, stack.orchestrator];
}

/** Without what has an empty value. */
export function filled(labels: Component["labels"]): Component["labels"] {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ""));
}

/** A stack's components that no other of the stacks holds and that are not the default ones. */
export function onlyIn(stack: Stack, stacks: readonly Stack[], components: Components): Component[] {
  const held = new Set(stacks.filter(({ id }) => id !== stack.id).flatMap(partsOf));
  return partsOf(stack)
    .filter((id) => !held.has(id))
    .flatMap((id) => components.get(id) ?? [])
    .filter(({ type, name }) => type === "experiment_tracker" || name !== DEFAULT_NAME);
}

/** Throws STEPWELL_CONFIG_INVALID unless a stack's parts go together, with one of them as it is to become. */
export function checkParts(stack: Stack, components: Components, changed?: Component): void {
  const part = (id: string) => (changed?.id === id ? changed : components.get(id));
  const store = part(stack.artifactStore);
  for (const id of stack.experimentTrackers) {
    const tracker = part(id);
    if (tracker && store) checkTogether(tracker, store);
  }
}

/** The stack that every home has, and its components. */
export function defaultParts(newId: () => { id: string; createdMs: number }): {
  stack: Stack;
  components: Component[];
} {
  const local = { name: DEFAULT_NAME, flavor: "local", configuration: {}, labels: {} };
  const artifactStore: Component = { ...local, type: "artifact_store", ...newId() };
  const orchestrator: Component = { ...local, type: "orchestrator", ...newId() };
  const parts = { experimentTrackers: [], artifactStore: artifactStore.id, orchestrator: orchestrator.id };
  return { stack: { name: DEFAULT_NAME, ...parts, ...newId() }, components: [artifactStore, orchestrator] };
}
