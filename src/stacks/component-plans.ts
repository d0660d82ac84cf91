/** What changes of components do; pure. Each throws what is said there, and then nothing has changed. */
import { StepwellError } from "../errors/stepwell-error.js";
import type { Component, ComponentType, WantedComponent } from "./component.js";
import { checkedConfiguration } from "./flavors.js";
import { choosersOf, givenBackEdits, givenBackNotes, takenEdits, takenNotes } from "./own-tracker.js";
import type { Birth, Edit, Plan } from "./stack-edit.js";
import type { StackIndex } from "./stack-index.js";
import { checkParts, filled, isOwnTracker, kindOf } from "./stack-parts.js";

/**
 * The default stack takes the first tracker. Throws STEPWELL_NAME_INVALID, STEPWELL_NAME_TAKEN, STEPWELL_FLAVOR_UNKNOWN
 * or STEPWELL_CONFIG_INVALID.
 */
export function registerComponent(index: StackIndex, wanted: WantedComponent, birth: Birth): Plan<Component> {
  const { type, name, flavor } = wanted;
  index.components(type).checkNew(name);
  const configuration = checkedConfiguration(type, flavor, wanted.configuration);
  const component = { type, name, flavor, configuration, labels: filled(wanted.labels ?? {}), ...birth() };
  return {
    edits: [{ kind: "put component", component }, ...takenEdits(index, component)],
    result: component,
    notes: takenNotes(index, component),
  };
}

/** Throws as a lookup, STEPWELL_DEFAULT_FIXED or STEPWELL_CONFIG_INVALID. */
export function updateComponent(
  index: StackIndex,
  type: ComponentType,
  nameOrId: string,
  change: Pick<Component, "configuration" | "labels">,
): Plan<Component> {
  const before = changeable(index, type, nameOrId);
  const merged = { ...before.configuration, ...change.configuration };
  const configuration = checkedConfiguration(type, before.flavor, merged, before.configuration);
  const after = { ...before, configuration, labels: filled({ ...before.labels, ...change.labels }) };
  for (const stack of index.stacksWith(before.id))
    checkParts(stack, (id) => (id === after.id ? after : index.componentById(id)));
  return put(after);
}

/** Puts configurations, which were checked, in place of those of components, by id. */
export function replaceConfigurations(
  index: StackIndex,
  configurations: ReadonlyMap<string, Component["configuration"]>,
): Plan<void> {
  const edits = [...configurations].flatMap(([id, configuration]): Edit[] => {
    const component = index.componentById(id);
    return component ? [{ kind: "put component", component: { ...component, configuration } }] : [];
  });
  return { edits, result: undefined };
}

/** Throws as a lookup, STEPWELL_DEFAULT_FIXED, STEPWELL_NAME_INVALID or STEPWELL_NAME_TAKEN. */
export function renameComponent(
  index: StackIndex,
  type: ComponentType,
  nameOrId: string,
  name: string,
): Plan<Component> {
  const before = changeable(index, type, nameOrId);
  index.components(type).checkNew(name);
  return put({ ...before, name });
}

/** Throws as a lookup, STEPWELL_NAME_INVALID or STEPWELL_NAME_TAKEN. */
export function copyComponent(
  index: StackIndex,
  type: ComponentType,
  nameOrId: string,
  name: string,
  birth: Birth,
): Plan<Component> {
  const source = index.components(type).find(nameOrId);
  index.components(type).checkNew(name);
  return put({ ...source, name, ...birth() });
}

/** What the default stack holds by itself may go. Throws as a lookup, STEPWELL_DEFAULT_FIXED or STEPWELL_COMPONENT_IN_USE. */
export function deleteComponent(index: StackIndex, type: ComponentType, nameOrId: string): Plan<Component> {
  const component = changeable(index, type, nameOrId);
  const holders = choosersOf(index, component.id).map(({ name }) => name);
  if (holders.length > 0) {
    const sentence = `The ${kindOf(type)} ${JSON.stringify(component.name)} is in use by: ${holders.join(", ")}.`;
    throw new StepwellError("STEPWELL_COMPONENT_IN_USE", sentence);
  }
  return {
    edits: [{ kind: "delete component", component }, ...givenBackEdits(index, [component])],
    result: component,
    notes: givenBackNotes(index, [component]),
  };
}

function changeable(index: StackIndex, type: ComponentType, nameOrId: string): Component {
  const component = index.components(type).find(nameOrId);
  if (type !== "experiment_tracker" || isOwnTracker(component))
    index.components(type).checkNotDefault(component);
  return component;
}

function put(component: Component): Plan<Component> {
  return { edits: [{ kind: "put component", component }], result: component };
}
