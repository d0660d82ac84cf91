import type { StacksServiceServer } from "../gen/stepwell/v1/stacks.js";
import {
  type ChangedComponent,
  checkNoPlainCredentials,
  leftSecretNotes,
  registerWithSecrets,
  updateWithSecrets,
} from "../secrets/credentials.js";
import { missingReferences } from "../secrets/references.js";
import type { SecretBook } from "../secrets/secret-book.js";
import type { Component, Stack } from "../stacks/component.js";
import { pageOf } from "../stacks/list-query.js";
import type { StackBook } from "../stacks/stack-book.js";
import { partsOf } from "../stacks/stack-parts.js";
import { problemsOf } from "../stacks/stack-problems.js";
import { pieces } from "./pieces.js";
import { COMPONENT_FIELDS, componentOf, queryOf, stackFields, stackOf, typeOf } from "./stack-messages.js";
import { unary } from "./unary.js";

/** Items in one message of a list: far below gRPC's 4 MiB, whatever their labels. */
const PIECE_ITEMS = 500;

/** What is to be said of a component beside its settings. */
export interface ComponentWarnings {
  of(component: Component): string[];
}

export function stacksService(
  stacks: StackBook,
  secrets: SecretBook,
  warnings: ComponentWarnings,
): StacksServiceServer {
  return {
    ...componentLooks(stacks, warnings),
    ...componentChanges(stacks, secrets),
    ...stackLooks(stacks, secrets),
    ...stackChanges(stacks, secrets),
  };
}

function componentLooks(
  stacks: StackBook,
  warnings: ComponentWarnings,
): Pick<StacksServiceServer, "listComponents" | "getComponent"> {
  return {
    listComponents: pieces(function* ({ type, options }) {
      const { items, total } = pageOf(stacks.components(typeOf(type)), COMPONENT_FIELDS, queryOf(options));
      for (const piece of cut(items)) yield { components: piece.map(componentOf), total };
    }),
    getComponent: unary(({ type, component: asked }) => {
      const component = stacks.componentOrActive(typeOf(type), asked);
      return {
        component: componentOf(component),
        stacks: stacks.stacksWith(component.id).map(({ name }) => name),
        warnings: warnings.of(component),
      };
    }),
  };
}

type ComponentChanges = Pick<
  StacksServiceServer,
  "registerComponent" | "updateComponent" | "renameComponent" | "copyComponent" | "deleteComponent"
>;

function componentChanges(stacks: StackBook, secrets: SecretBook): ComponentChanges {
  return {
    registerComponent: unary(async ({ type, validateOnly, ...wanted }) => {
      const typed = { ...wanted, type: typeOf(type) };
      const registered = await registerWithSecrets(stacks, secrets, typed, { validateOnly });
      return changedOf(registered);
    }),
    updateComponent: unary(async ({ type, component: asked, validateOnly, ...change }) => {
      const which = { type: typeOf(type), nameOrId: asked };
      const before = stacks.component(which.type, asked);
      const updated = await updateWithSecrets(stacks, secrets, which, change, { validateOnly });
      const notes = [...updated.notes, ...leftSecretNotes(stacks, secrets, [before])];
      return changedOf({ ...updated, notes });
    }),
    renameComponent: unary(async ({ type, component: asked, newName }) => {
      const component = await stacks.renameComponent(typeOf(type), asked, newName);
      return { component: componentOf(component) };
    }),
    copyComponent: unary(async ({ type, component: asked, newName }) => {
      const component = await stacks.copyComponent(typeOf(type), asked, newName);
      return { component: componentOf(component) };
    }),
    deleteComponent: unary(async ({ type, component: asked }) => {
      const notes: string[] = [];
      const component = await stacks.deleteComponent(typeOf(type), asked, { notes });
      return changedOf({ component, notes: [...notes, ...leftSecretNotes(stacks, secrets, [component])] });
    }),
  };
}

function stackLooks(
  stacks: StackBook,
  secrets: SecretBook,
): Pick<StacksServiceServer, "listStacks" | "getStack" | "validateStack"> {
  const stackOrActive = (stack: string) => (stack === "" ? stacks.active : stacks.stack(stack));
  return {
    listStacks: pieces(function* ({ options }) {
      const { items, total } = pageOf(stacks.stacks(), stackFields(stacks), queryOf(options));
      for (const piece of cut(items)) yield { stacks: piece.map((each) => stackOf(stacks, each)), total };
    }),
    getStack: unary(({ stack }) => ({ stack: stackOf(stacks, stackOrActive(stack)) })),
    validateStack: unary(({ stack: asked }) => {
      const stack = stackOrActive(asked);
      const missingSecrets = missingReferences(partsOfStack(stacks, stack), secrets.list());
      return { stack: stack.name, problems: problemsOf(stacks, stack), missingSecrets };
    }),
  };
}

type StackChanges = Pick<
  StacksServiceServer,
  | "registerStack"
  | "setActiveStack"
  | "updateStack"
  | "renameStack"
  | "copyStack"
  | "deleteStack"
  | "importStack"
>;

function stackChanges(stacks: StackBook, secrets: SecretBook): StackChanges {
  return {
    registerStack: unary(async ({ setActive, validateOnly, ...wanted }) => {
      const stack = await stacks.registerStack(wanted, setActive, { validateOnly });
      return { stack: stackOf(stacks, stack) };
    }),
    setActiveStack: unary(async ({ stack }) => {
      const active = await stacks.setActive(stack);
      return { stack: stackOf(stacks, active) };
    }),
    updateStack: unary(async ({ stack: asked, validateOnly, ...change }) => {
      const stack = await stacks.updateStack(asked, change, { validateOnly });
      return { stack: stackOf(stacks, stack) };
    }),
    renameStack: unary(async ({ stack, newName }) => ({
      stack: stackOf(stacks, await stacks.renameStack(stack, newName)),
    })),
    copyStack: unary(async ({ stack, newName }) => ({
      stack: stackOf(stacks, await stacks.copyStack(stack, newName)),
    })),
    deleteStack: unary(async ({ stack: asked, recursive }) => {
      const notes: string[] = [];
      const { stack, components } = await stacks.deleteStack(asked, recursive, { notes });
      notes.push(...leftSecretNotes(stacks, secrets, components));
      return { name: stack.name, components: components.map(componentOf), notes };
    }),
    importStack: unary(async ({ components, renameOnConflict, validateOnly, ...wanted }) => {
      const parts = components.map(({ type, name, flavor, configuration, labels }) => ({
        type: typeOf(type),
        name,
        flavor,
        configuration,
        labels,
      }));
      for (const part of parts) checkNoPlainCredentials(part);
      const imported = { ...wanted, components: parts };
      const { stack, created, reused } = await stacks.importStack(imported, renameOnConflict, {
        validateOnly,
      });
      return {
        stack: stackOf(stacks, stack, created),
        created: created.map(componentOf),
        reused: reused.map(componentOf),
        missingSecrets: missingReferences([...created, ...reused], secrets.list()),
      };
    }),
  };
}

function changedOf({ component, notes }: ChangedComponent) {
  return { component: componentOf(component), notes: [...notes] };
}

function partsOfStack(stacks: StackBook, stack: Stack): Component[] {
  return partsOf(stack).flatMap((id) => stacks.componentById(id) ?? []);
}

/** Pieces of a list; of an empty one an empty piece. */
function* cut<Item>(items: readonly Item[]): Iterable<readonly Item[]> {
  for (let begin = 0; begin === 0 || begin < items.length; begin += PIECE_ITEMS)
    yield items.slice(begin, begin + PIECE_ITEMS);
}
