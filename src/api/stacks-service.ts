import { StepwellError } from "../errors/stepwell-error.js";
import {
  type Component as ComponentMessage,
  ComponentType as ComponentTypeMessage,
  type Stack as StackMessage,
  type StacksServiceServer,
} from "../gen/stepwell/v1/stacks.js";
import type { Component, ComponentType, Stack } from "../state/component.js";
import type { StackBook } from "../state/stack-book.js";
import { unary } from "./unary.js";

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

/** `onChange` is told of every change that can give a waiting run its tracker. */
export function stacksService(stacks: StackBook, onChange: () => Promise<void>): StacksServiceServer {
  return {
    registerComponent: unary(async ({ type, name, flavor, configuration }) => {
      const component = await stacks.registerComponent({ type: typeOf(type), name, flavor, configuration });
      await onChange();
      return { component: componentOf(component) };
    }),
    listComponents: unary(({ type }) => ({ components: stacks.components(typeOf(type)).map(componentOf) })),
    registerStack: unary(async ({ setActive, ...wanted }) => {
      const stack = await stacks.registerStack(wanted, setActive);
      await onChange();
      return { stack: stackOf(stacks, stack) };
    }),
    listStacks: unary(() => ({ stacks: stacks.stacks().map((stack) => stackOf(stacks, stack)) })),
    setActiveStack: unary(async ({ stack }) => {
      const active = await stacks.setActive(stack);
      await onChange();
      return { stack: stackOf(stacks, active) };
    }),
  };
}

function typeOf(message: number): ComponentType {
  const type = TYPES[message];
  if (type) return type;
  throw new StepwellError("STEPWELL_CONFIG_INVALID", "The component has no type that this version knows.");
}

function componentOf(component: Component): ComponentMessage {
  const { id, name, flavor, configuration } = component;
  const type = TYPE_MESSAGES[component.type];
  return {
    id,
    type,
    name,
    flavor,
    configuration: { ...configuration },
    createdMs: BigInt(component.createdMs),
  };
}

function stackOf(stacks: StackBook, stack: Stack): StackMessage {
  return {
    id: stack.id,
    name: stack.name,
    experimentTrackers: stack.experimentTrackers.map((id) =>
      componentOf(stacks.component("experiment_tracker", id)),
    ),
    artifactStore: componentOf(stacks.component("artifact_store", stack.artifactStore)),
    orchestrator: componentOf(stacks.component("orchestrator", stack.orchestrator)),
    active: stacks.active.id === stack.id,
    createdMs: BigInt(stack.createdMs),
  };
}
