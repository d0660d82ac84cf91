/** What bringing in a stack that was exported, perhaps elsewhere, does; pure. */
import { isDeepStrictEqual } from "node:util";
import { StepwellError } from "../errors/stepwell-error.js";
import { freeName } from "../model/free-name.js";
import type { Component, ComponentType, Stack, WantedComponent } from "./component.js";
import * as components from "./component-plans.js";
import { checkedConfiguration } from "./flavors.js";
import { DEFAULT_NAME } from "./named.js";
import type { Birth, Edit, Plan } from "./stack-edit.js";
import type { StackIndex } from "./stack-index.js";
import { checkParts, filled, kindOf } from "./stack-parts.js";

/** A stack with its components, as a file describes it. */
export interface ImportedStack {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The first tracker is the default. */
  readonly components: readonly WantedComponent[];
}

/** What an import came to. */
export interface ImportResult {
  readonly stack: Stack;
  readonly created: readonly Component[];
  readonly reused: readonly Component[];
}

type Found = { readonly isNew: boolean; readonly component: Component };

/**
 * A component that is there with the same flavor and settings is used as it is. What else would
 * clash by its name gets another one where `rename` says so. Throws STEPWELL_NAME_TAKEN,
 * STEPWELL_NAME_INVALID, STEPWELL_FLAVOR_UNKNOWN or STEPWELL_CONFIG_INVALID.
 */
export function importStack(
  index: StackIndex,
  wanted: ImportedStack,
  rename: boolean,
  birth: Birth,
): Plan<ImportResult> {
  checkCounts(wanted);
  const found = wanted.components.map((each) => findOrMake(index, each, rename, birth));
  const idsOf = (type: ComponentType) =>
    found.filter(({ component }) => component.type === type).map(({ component }) => component.id);
  const one = (type: ComponentType) => idsOf(type)[0] ?? index.components(type).find(DEFAULT_NAME).id;
  const name = rename
    ? freeName(wanted.name, (each) => index.stacks.byName(each) !== undefined)
    : wanted.name;
  index.stacks.checkNew(name);
  const stack: Stack = {
    name,
    experimentTrackers: idsOf("experiment_tracker"),
    artifactStore: one("artifact_store"),
    orchestrator: one("orchestrator"),
    labels: filled(wanted.labels),
    ...birth(),
  };
  checkParts(
    stack,
    (id) => found.find(({ component }) => component.id === id)?.component ?? index.componentById(id),
  );
  const created = found.filter(({ isNew }) => isNew).map(({ component }) => component);
  const reused = found.filter(({ isNew }) => !isNew).map(({ component }) => component);
  const edits: Edit[] = created.map((component) => ({ kind: "put component", component }));
  return { edits: [...edits, { kind: "put stack", stack }], result: { stack, created, reused } };
}

function checkCounts({ components }: ImportedStack): void {
  const seen = new Set<string>();
  for (const { type, name } of components) {
    // A stack holds several of its trackers and one of all else.
    const key = type === "experiment_tracker" ? `${type} ${name}` : type;
    if (seen.has(key))
      throw new StepwellError(
        "STEPWELL_CONFIG_INVALID",
        `The file has more than one ${key.replace("_", " ")}.`,
      );
    seen.add(key);
  }
}

function findOrMake(index: StackIndex, wanted: WantedComponent, rename: boolean, birth: Birth): Found {
  const { type, flavor } = wanted;
  const configuration = checkedConfiguration(type, flavor, wanted.configuration);
  const map = index.components(type);
  const isSame = (there: Component | undefined) =>
    there?.flavor === flavor && isDeepStrictEqual({ ...there.configuration }, configuration);
  const name = rename
    ? freeName(wanted.name, (each) => map.byName(each) !== undefined && !isSame(map.byName(each)))
    : wanted.name;
  const there = map.byName(name);
  if (there && isSame(there)) return { isNew: false, component: there };
  if (there)
    throw new StepwellError(
      "STEPWELL_NAME_TAKEN",
      `There is another ${kindOf(type)} ${JSON.stringify(name)}, with other settings.`,
    );
  const { result } = components.registerComponent(index, { ...wanted, name }, birth);
  return { isNew: true, component: result };
}
