/**
 * Components and stacks after rows were lost: what is deleted may be back, and what others refer to gone.
 * Nothing that is there is dropped; a name goes to the newest that has it.
 */
import { isDeepStrictEqual } from "node:util";
import type { Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";
import type { Component, Stack } from "./component.js";
import { DEFAULT_NAME, type Named } from "./named.js";
import { ownTrackerEdits } from "./own-tracker.js";
import { ACTIVE_STACK, type Birth, changeOf, type Edit } from "./stack-edit.js";
import { defaultComponent, defaultStack, isOwnTracker } from "./stack-parts.js";

/** Puts stacks together again out of the components that there are; all is on disk when it resolves. */
export async function mendStacks(store: Store, birth: Birth): Promise<void> {
  const activeId = (await store.get<string>(TABLES.active, ACTIVE_STACK)) ?? "";
  await mend(store, (components, stacks) => editsOf(components, stacks, activeId, birth));
}

/** Gives a home of before there was one its own tracker, where nobody registered any; it is on disk when it resolves. */
export async function giveOwnTracker(store: Store, birth: Birth): Promise<void> {
  await mend(store, (components, stacks) => ownTrackerEdits(components, stacks, birth));
}

async function mend(
  store: Store,
  editsFor: (components: readonly Component[], stacks: readonly Stack[]) => Edit[],
): Promise<void> {
  const valuesOf = async <Value>(table: typeof TABLES.component | typeof TABLES.stack) =>
    (await store.list<Value>(table)).map(({ value }) => value);
  const edits = editsFor(await valuesOf<Component>(TABLES.component), await valuesOf<Stack>(TABLES.stack));
  if (edits.length > 0) await store.write(edits.map(changeOf), { sync: true });
}

/** Each that has to leave its name to a newer one, under another name. */
export function renamedTwins<Each extends Named & { readonly createdMs: number }>(
  all: readonly Each[],
): Each[] {
  const taken = new Set<string>();
  const newestFirst = [...all].sort((one, other) => other.createdMs - one.createdMs);
  return newestFirst.flatMap((each) => {
    const name = taken.has(each.name) ? `${each.name}-${each.id.slice(0, 8)}` : each.name;
    taken.add(name);
    return name === each.name ? [] : [{ ...each, name }];
  });
}

function editsOf(
  components: readonly Component[],
  stacks: readonly Stack[],
  activeId: string,
  birth: Birth,
): Edit[] {
  const edits: Edit[] = [];
  const ofType = (type: Component["type"]) => components.filter((each) => each.type === type);
  for (const type of ["experiment_tracker", "artifact_store", "orchestrator"] as const)
    for (const component of renamedTwins(ofType(type))) edits.push({ kind: "put component", component });
  const defaultId = (type: "artifact_store" | "orchestrator"): string => {
    const known = newestDefault(ofType(type));
    if (known) return known.id;
    const component = defaultComponent(type, birth);
    edits.push({ kind: "put component", component });
    return component.id;
  };
  const ownTrackers = (): readonly string[] => {
    const trackers = ofType("experiment_tracker");
    const known = newestDefault(trackers.filter(isOwnTracker));
    if (known) return [known.id];
    // A user's of this name keeps it.
    if (newestDefault(trackers)) return [];
    const component = defaultComponent("experiment_tracker", birth);
    edits.push({ kind: "put component", component });
    return [component.id];
  };
  const artifactStore = defaultId("artifact_store");
  const orchestrator = defaultId("orchestrator");
  const isThere = (type: Component["type"], id: string) => ofType(type).some((each) => each.id === id);
  const newNames = new Map(renamedTwins(stacks).map(({ id, name }) => [id, name]));
  for (const stack of stacks) {
    const name = newNames.get(stack.id) ?? stack.name;
    const left = stack.experimentTrackers.filter((id) => isThere("experiment_tracker", id));
    const hasLost = name === DEFAULT_NAME && left.length === 0 && stack.experimentTrackers.length > 0;
    const mended: Stack = {
      ...stack,
      name,
      experimentTrackers: hasLost ? ownTrackers() : left,
      artifactStore: isThere("artifact_store", stack.artifactStore) ? stack.artifactStore : artifactStore,
      orchestrator: isThere("orchestrator", stack.orchestrator) ? stack.orchestrator : orchestrator,
    };
    if (!isDeepStrictEqual(mended, stack)) edits.push({ kind: "put stack", stack: mended });
  }
  let active = stacks.find(({ id }) => id === activeId) ?? newestDefault(stacks);
  if (!newestDefault(stacks)) {
    const stack = defaultStack(ownTrackers(), artifactStore, orchestrator, birth);
    edits.push({ kind: "put stack", stack });
    active ??= stack;
  }
  if (active && active.id !== activeId) edits.push({ kind: "set active", stackId: active.id });
  return edits;
}

function newestDefault<Each extends Named & { readonly createdMs: number }>(
  all: readonly Each[],
): Each | undefined {
  const known = all.filter(({ name }) => name === DEFAULT_NAME);
  return known.sort((one, other) => other.createdMs - one.createdMs)[0];
}
