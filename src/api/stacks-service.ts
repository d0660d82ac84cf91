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
  return { ...componentMethods(stacks, onChange), ...stackMethods(stacks, onChange) };
}

type ComponentMethods = Pick<
  StacksServiceServer,
  | "registerComponent"
  | "listComponents"
  | "getComponent"
  | "updateComponent"
  | "renameComponent"
  | "copyComponent"
  | "deleteComponent"
>;

function componentMethods(stacks: StackBook, onChange: () => Promise<void>): ComponentMethods {
  return {
    registerComponent: unary(async ({ type, ...wanted }) => {
      const component = await stacks.registerComponent({ type: typeOf(type), ...wanted });
      await onChange();
      return { component: componentOf(component) };
    }),
    listComponents: unary(({ type }) => ({ components: stacks.components(typeOf(type)).map(componentOf) })),
    getComponent: unary(({ type, component: asked }) => {
      const component = componentOrActive(stacks, typeOf(type), asked);
      return {
        component: componentOf(component),
        stacks: stacks.stacksWith(component.id).map(({ name }) => name),
      };
    }),
    updateComponent: unary(async ({ type, component: asked, ...change }) => {
      const component = await stacks.updateComponent(typeOf(type), asked, change);
      await onChange();
      return { component: componentOf(component) };
    }),
    renameComponent: unary(async ({ type, component: asked, newName }) => {
      const component = await stacks.renameComponent(typeOf(type), asked, newName);
      await onChange();
      return { component: componentOf(component) };
    }),
    copyComponent: unary(async ({ type, component: asked, newName }) => {
      const component = await stacks.copyComponent(typeOf(type), asked, newName);
      await onChange();
      return { component: componentOf(component) };
    }),
    deleteComponent: unary(async ({ type, component: asked }) => ({
      component: componentOf(await stacks.deleteComponent(typeOf(type), asked)),
    })),
  };
}

type StackMethods = Pick<
  StacksServiceServer,
  | "registerStack"
  | "listStacks"
  | "setActiveStack"
  | "getStack"
  | "updateStack"
  | "renameStack"
  | "copyStack"
  | "deleteStack"
>;

function stackMethods(stacks: StackBook, onChange: () => Promise<void>): StackMethods {
  return {
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
    getStack: unary(({ stack }) => ({
      stack: stackOf(stacks, stack === "" ? stacks.active : stacks.stack(stack)),
    })),
    updateStack: unary(async ({ stack: asked, ...change }) => {
      const stack = await stacks.updateStack(asked, change);
      await onChange();
      return { stack: stackOf(stacks, stack) };
    }),
    renameStack: unary(async ({ stack, newName }) => ({
      stack: stackOf(stacks, await stacks.renameStack(stack, newName)),
    })),
    copyStack: unary(async ({ stack, newName }) => ({
      stack: stackOf(stacks, await stacks.copyStack(stack, newName)),
    })),
    deleteStack: unary(async ({ stack: asked, recursive }) => {
      const { stack, components } = await stacks.deleteStack(asked, recursive);
      return { name: stack.name, components: components.map(componentOf) };
    }),
  };
}

/** The one of this name or id; without either the active stack's. */
function componentOrActive(stacks: StackBook, type: ComponentType, nameOrId: string): Component {
  if (nameOrId !== "") return stacks.component(type, nameOrId);
  const { name, experimentTrackers, artifactStore, orchestrator } = stacks.active;
  const ids = { experiment_tracker: experimentTrackers[0], artifact_store: artifactStore, orchestrator };
  const id = ids[type];
  if (id !== undefined) return stacks.component(type, id);
  throw new StepwellError(
    "STEPWELL_COMPONENT_UNKNOWN",
    `The active stack ${JSON.stringify(name)} has no experiment tracker.`,
  );
}

function typeOf(message: number): ComponentType {
  const type = TYPES[message];
  if (type) return type;
  throw new StepwellError("STEPWELL_CONFIG_INVALID", "The component has no type that this version knows.");
}

function componentOf(component: Component): ComponentMessage {
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
