/**
 * Components and stacks. All of them are in memory; a change is one synced write to the
 * state store and is seen only when that write is on disk.
 */
import { randomBytes } from "node:crypto";
import { StepwellError } from "../errors/stepwell-error.js";
import type { Clock } from "../model/clock.js";
import type { Change, Store } from "../store/store.js";
import { TABLES } from "../store/tables.js";
import type { Component, ComponentType, Stack } from "./component.js";
import { checkConfiguration } from "./flavors.js";

/** The name of the stack and the components that every home has. */
const DEFAULT_NAME = "default";

const ACTIVE_STACK = "stack";
const NAME = /^[\p{L}\p{N}][\p{L}\p{N} _.-]{0,249}$/u;

export class StackBook {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #components = new Map<string, Component>();
  readonly #stacks = new Map<string, Stack>();
  #activeId = "";
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Reads what there is; a new home gets its default stack. */
  static async open(store: Store, clock: Clock): Promise<StackBook> {
    const book = new StackBook(store, clock);
    for (const { value } of await store.list<Component>(TABLES.component))
      book.#components.set(value.id, value);
    for (const { value } of await store.list<Stack>(TABLES.stack)) book.#stacks.set(value.id, value);
    book.#activeId = (await store.get<string>(TABLES.active, ACTIVE_STACK)) ?? "";
    if (book.#stacks.size === 0) await book.#makeDefaults();
    return book;
  }

  /** Components of a type, by name. */
  components(type: ComponentType): Component[] {
    return [...this.#components.values()].filter((each) => each.type === type).sort(byName);
  }

  /** Stacks, by name. */
  stacks(): Stack[] {
    return [...this.#stacks.values()].sort(byName);
  }

  get active(): Stack {
    return this.stack(this.#activeId);
  }

  /** A component by its name, id or a unique prefix of its id. Throws STEPWELL_COMPONENT_UNKNOWN or STEPWELL_NAME_AMBIGUOUS. */
  component(type: ComponentType, nameOrId: string): Component {
    const found = pick(this.components(type), nameOrId);
    if (found) return found;
    throw new StepwellError(
      "STEPWELL_COMPONENT_UNKNOWN",
      `There is no ${type.replace("_", " ")} ${JSON.stringify(nameOrId)}.`,
    );
  }

  /** A stack by its name, id or a unique prefix of its id. Throws STEPWELL_STACK_UNKNOWN or STEPWELL_NAME_AMBIGUOUS. */
  stack(nameOrId: string): Stack {
    const found = pick(this.stacks(), nameOrId);
    if (found) return found;
    throw new StepwellError("STEPWELL_STACK_UNKNOWN", `There is no stack ${JSON.stringify(nameOrId)}.`);
  }

  /** Throws STEPWELL_NAME_INVALID, STEPWELL_NAME_TAKEN, STEPWELL_FLAVOR_UNKNOWN or STEPWELL_CONFIG_INVALID. */
  async registerComponent(wanted: Omit<Component, "id" | "createdMs">): Promise<Component> {
    return await this.#serially(async () => {
      checkName(wanted.name, this.components(wanted.type));
      checkConfiguration(wanted.type, wanted.flavor, wanted.configuration);
      const component = { ...wanted, ...this.#newId() };
      await this.#store.write([{ table: TABLES.component, key: component.id, value: component }], {
        sync: true,
      });
      this.#components.set(component.id, component);
      return component;
    });
  }

  /** Trackers, store and orchestrator by name or id. Throws STEPWELL_NAME_INVALID, STEPWELL_NAME_TAKEN or STEPWELL_COMPONENT_UNKNOWN. */
  async registerStack(wanted: Omit<Stack, "id" | "createdMs">, setActive: boolean): Promise<Stack> {
    return await this.#serially(async () => {
      checkName(wanted.name, this.stacks());
      const stack: Stack = {
        name: wanted.name,
        experimentTrackers: wanted.experimentTrackers.map(
          (each) => this.component("experiment_tracker", each).id,
        ),
        artifactStore: this.component("artifact_store", wanted.artifactStore || DEFAULT_NAME).id,
        orchestrator: this.component("orchestrator", wanted.orchestrator || DEFAULT_NAME).id,
        ...this.#newId(),
      };
      const changes: Change[] = [{ table: TABLES.stack, key: stack.id, value: stack }];
      if (setActive) changes.push({ table: TABLES.active, key: ACTIVE_STACK, value: stack.id });
      await this.#store.write(changes, { sync: true });
      this.#stacks.set(stack.id, stack);
      if (setActive) this.#activeId = stack.id;
      return stack;
    });
  }

  /** Throws STEPWELL_STACK_UNKNOWN or STEPWELL_NAME_AMBIGUOUS. */
  async setActive(nameOrId: string): Promise<Stack> {
    return await this.#serially(async () => {
      const stack = this.stack(nameOrId);
      await this.#store.write([{ table: TABLES.active, key: ACTIVE_STACK, value: stack.id }], { sync: true });
      this.#activeId = stack.id;
      return stack;
    });
  }

  async #makeDefaults(): Promise<void> {
    const local = { name: DEFAULT_NAME, flavor: "local", configuration: {} };
    const artifactStore: Component = { ...local, type: "artifact_store", ...this.#newId() };
    const orchestrator: Component = { ...local, type: "orchestrator", ...this.#newId() };
    const parts = { experimentTrackers: [], artifactStore: artifactStore.id, orchestrator: orchestrator.id };
    const stack: Stack = { name: DEFAULT_NAME, ...parts, ...this.#newId() };
    await this.#store.write(
      [
        { table: TABLES.component, key: artifactStore.id, value: artifactStore },
        { table: TABLES.component, key: orchestrator.id, value: orchestrator },
        { table: TABLES.stack, key: stack.id, value: stack },
        { table: TABLES.active, key: ACTIVE_STACK, value: stack.id },
      ],
      { sync: true },
    );
    for (const component of [artifactStore, orchestrator]) this.#components.set(component.id, component);
    this.#stacks.set(stack.id, stack);
    this.#activeId = stack.id;
  }

  #newId(): { id: string; createdMs: number } {
    return { id: randomBytes(16).toString("hex"), createdMs: this.#clock.nowMs() };
  }

  /** One change after the other, so that a name is never taken twice. */
  async #serially<Value>(change: () => Promise<Value>): Promise<Value> {
    const result = this.#writing.then(change);
    this.#writing = result.catch(() => undefined);
    return await result;
  }
}

interface Named {
  readonly id: string;
  readonly name: string;
}

function byName(one: Named, other: Named): number {
  return one.name < other.name ? -1 : 1;
}

function pick<Each extends Named>(all: readonly Each[], nameOrId: string): Each | undefined {
  const exact = all.find((each) => each.name === nameOrId || each.id === nameOrId);
  if (exact || nameOrId === "") return exact;
  const matches = all.filter((each) => each.id.startsWith(nameOrId));
  if (matches.length > 1)
    throw new StepwellError("STEPWELL_NAME_AMBIGUOUS", `Several ids begin with ${nameOrId}.`);
  return matches[0];
}

function checkName(name: string, others: readonly Named[]): void {
  if (!NAME.test(name))
    throw new StepwellError("STEPWELL_NAME_INVALID", `${JSON.stringify(name)} is not a valid name.`);
  if (others.some((other) => other.name === name)) {
    throw new StepwellError("STEPWELL_NAME_TAKEN", `The name ${JSON.stringify(name)} is taken.`);
  }
}
