/** Components, stacks and lists of them as messages. */
import { StepwellError } from "../errors/stepwell-error.js";
import { FilterOperator as FilterOperatorMessage, type ListOptions } from "../gen/stepwell/v1/lists.js";
import {
  type Component as ComponentMessage,
  ComponentType as ComponentTypeMessage,
  type Stack as StackMessage,
} from "../gen/stepwell/v1/stacks.js";
import type { Component, ComponentType, Stack } from "../stacks/component.js";
import type { Fields, FilterOperator, ListQuery } from "../stacks/list-query.js";
import type { StackBook } from "../stacks/stack-book.js";

const TYPES: Readonly<Partial<Record<number, ComponentType>>> = {
  [ComponentTypeMessage.COMPONENT_TYPE_EXPERIMENT_TRACKER]: "experiment_tracker",
  [ComponentTypeMessage.COMPONENT_TYPE_ARTIFACT_STORE]: "artifact_store",
  [ComponentTypeMessage.COMPONENT_TYPE_ORCHESTRATOR]: "orchestrator",
};

const TYPE_MESSAGES = {
  experiment_tracker: ComponentTypeMessage.COMPONENT_TYPE_EXPERIMENT_TRACKER,
  artifact_store: ComponentTypeMessage.COMPONENT_TYPE_ARTIFACT_STORE,
  orchestrator: ComponentTypeMessage.COMPONENT_TYPE_ORCHESTRATOR,
} as const;

const OPERATORS: Readonly<Partial<Record<number, FilterOperator>>> = {
  [FilterOperatorMessage.FILTER_OPERATOR_EQUALS]: "equals",
  [FilterOperatorMessage.FILTER_OPERATOR_NOT_EQUALS]: "notequals",
  [FilterOperatorMessage.FILTER_OPERATOR_CONTAINS]: "contains",
  [FilterOperatorMessage.FILTER_OPERATOR_STARTS_WITH]: "startswith",
  [FilterOperatorMessage.FILTER_OPERATOR_ENDS_WITH]: "endswith",
  [FilterOperatorMessage.FILTER_OPERATOR_ONE_OF]: "oneof",
  [FilterOperatorMessage.FILTER_OPERATOR_GREATER]: "gt",
  [FilterOperatorMessage.FILTER_OPERATOR_GREATER_OR_EQUAL]: "gte",
  [FilterOperatorMessage.FILTER_OPERATOR_LESS]: "lt",
  [FilterOperatorMessage.FILTER_OPERATOR_LESS_OR_EQUAL]: "lte",
};

/** What components can be chosen and sorted by. */
export const COMPONENT_FIELDS: Fields<Component> = {
  id: { kind: "texts", of: ({ id }) => [id] },
  name: { kind: "texts", of: ({ name }) => [name] },
  flavor: { kind: "texts", of: ({ flavor }) => [flavor] },
  created: { kind: "time", of: ({ createdMs }) => createdMs },
};

/** What stacks can be chosen and sorted by: their parts by name or id. */
export function stackFields(stacks: StackBook): Fields<Stack> {
  const part = (id: string) => [stacks.componentById(id)?.name ?? "", id];
  return {
    id: { kind: "texts", of: ({ id }) => [id] },
    name: { kind: "texts", of: ({ name }) => [name] },
    created: { kind: "time", of: ({ createdMs }) => createdMs },
    active: { kind: "texts", of: ({ id }) => [String(stacks.active.id === id)] },
    experiment_tracker: { kind: "texts", of: ({ experimentTrackers }) => experimentTrackers.flatMap(part) },
    artifact_store: { kind: "texts", of: ({ artifactStore }) => part(artifactStore) },
    orchestrator: { kind: "texts", of: ({ orchestrator }) => part(orchestrator) },
  };
}

/** What a list is asked for; nothing means all by name. Throws STEPWELL_FILTER_INVALID. */
export function queryOf(options: ListOptions | undefined): ListQuery {
  const { filters = [], anyFilter = false, sortBy = "", descending = false } = options ?? {};
  return {
    filters: filters.map(({ field, operator, value }) => ({ field, value, operator: operatorOf(operator) })),
    anyFilter,
    sortBy,
    descending,
    offset: options?.offset ?? 0,
    limit: options?.limit ?? 0,
  };
}

/** Throws STEPWELL_CONFIG_INVALID for a type that this version does not know. */
export function typeOf(message: number): ComponentType {
  const type = TYPES[message];
  if (type) return type;
  throw new StepwellError("STEPWELL_CONFIG_INVALID", "The component has no type that this version knows.");
}

export function componentOf(component: Component): ComponentMessage {
  const { id, name, flavor, configuration, labels } = component;
  const type = TYPE_MESSAGES[component.type];
  return {
    id,
    type,
    name,
    flavor,
    configuration: { ...configuration },
    labels: { ...labels },
    createdMs: BigInt(component.createdMs),
  };
}

/** A stack with its parts; one that was only checked may have parts that are not there. */
export function stackOf(stacks: StackBook, stack: Stack, unborn: readonly Component[] = []): StackMessage {
  const part = (id: string) => {
    const found = stacks.componentById(id) ?? unborn.find((each) => each.id === id);
    return found ? [componentOf(found)] : [];
  };
  return {
    id: stack.id,
    name: stack.name,
    experimentTrackers: stack.experimentTrackers.flatMap(part),
    artifactStore: part(stack.artifactStore)[0],
    orchestrator: part(stack.orchestrator)[0],
    active: stacks.active.id === stack.id,
    createdMs: BigInt(stack.createdMs),
    labels: { ...stack.labels },
  };
}

function operatorOf(message: number): FilterOperator {
  const operator = OPERATORS[message];
  if (operator) return operator;
  throw new StepwellError("STEPWELL_FILTER_INVALID", "A filter has no operator that this version knows.");
}
