/** What components and stacks have to do with each other. */
import type { Component, ComponentType, Stack } from "./component.js";
import { checkTogether } from "./flavors.js";
import { DEFAULT_NAME } from "./named.js";
import type { Birth, Edit } from "./stack-edit.js";

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

/** Throws STEPWELL_CONFIG_INVALID unless a stack's trackers go with its artifact store. */
export function checkParts(stack: Stack, part: (id: string) => Component | undefined): void {
  const store = part(stack.artifactStore);
  for (const id of stack.experimentTrackers) {
    const tracker = part(id);
    if (tracker && store) checkTogether(tracker, store);
  }
}

/** What makes the stack that every home has, and its components. */
export function defaultEdits(birth: Birth): Edit[] {
  const artifactStore = defaultComponent("artifact_store", birth);
  const orchestrator = defaultComponent("orchestrator", birth);
  const tracker = defaultComponent("experiment_tracker", birth);
  const stack = defaultStack([tracker.id], artifactStore.id, orchestrator.id, birth);
  return [
    { kind: "put component", component: tracker },
    { kind: "put component", component: artifactStore },
    { kind: "put component", component: orchestrator },
    { kind: "put stack", stack },
    { kind: "set active", stackId: stack.id },
  ];
}

/** A tracker of this sort is the home's own store. */
export function defaultComponent(type: ComponentType, birth: Birth): Component {
  const flavor = type === "experiment_tracker" ? "mlflow" : "local";
  return { type, name: DEFAULT_NAME, flavor, configuration: {}, labels: {}, ...birth() };
}

/** The home's own tracker. A user's of this name, of homes of before there was one, has settings. */
export function isOwnTracker({ type, name, configuration }: Component): boolean {
  return type === "experiment_tracker" && name === DEFAULT_NAME && Object.keys(configuration).length === 0;
}

export function defaultStack(
  experimentTrackers: readonly string[],
  artifactStore: string,
  orchestrator: string,
  birth: Birth,
): Stack {
  return { name: DEFAULT_NAME, experimentTrackers, artifactStore, orchestrator, labels: {}, ...birth() };
}
