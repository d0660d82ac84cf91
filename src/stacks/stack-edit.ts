/** Changes of components and stacks as data: decided by plans, written and applied by the stack book. */
import type { Change } from "../store/contract.js";
import { TABLES } from "../store/tables.js";
import type { Component, Stack } from "./component.js";

/** The active stack's key in its table. */
export const ACTIVE_STACK = "stack";

/** One thing that a change does. */
export type Edit =
  | { readonly kind: "put component"; readonly component: Component }
  | { readonly kind: "delete component"; readonly component: Component }
  | { readonly kind: "put stack"; readonly stack: Stack }
  | { readonly kind: "delete stack"; readonly stack: Stack }
  | { readonly kind: "set active"; readonly stackId: string };

/** All that one change does, and what it answers. */
export interface Plan<Result> {
  readonly edits: readonly Edit[];
  readonly result: Result;
  /** What whoever changes it should know beside: sentences. */
  readonly notes?: readonly string[];
}

/** A new id, and the time. */
export type Birth = () => { readonly id: string; readonly createdMs: number };

/** The edit as the state store takes it. */
export function changeOf(edit: Edit): Change {
  switch (edit.kind) {
    case "put component":
      return { table: TABLES.component, key: edit.component.id, value: edit.component };
    case "delete component":
      return { table: TABLES.component, key: edit.component.id, value: undefined };
    case "put stack":
      return { table: TABLES.stack, key: edit.stack.id, value: edit.stack };
    case "delete stack":
      return { table: TABLES.stack, key: edit.stack.id, value: undefined };
    case "set active":
      return { table: TABLES.active, key: ACTIVE_STACK, value: edit.stackId };
  }
}
