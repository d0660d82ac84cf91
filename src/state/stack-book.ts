/**
 * Components and stacks. All of them are in memory; a change is one synced write to the
 * state store and is seen only when that write is on disk.
 */
import { randomBytes } from "node:crypto";
import { StepwellError } from "../errors/stepwell-error.js";
import type { Clock } from "../model/clock.js";
import type { Change, Store } from "../store/store.js";
import { TABLES } from "../store/tables.js";
import type { Component, ComponentType, Stack, StackChange } from "./component.js";
import { checkedConfiguration } from "./flavors.js";
import { byName, checkName, checkNotDefault, DEFAULT_NAME, find } from "./named.js";
import { checkParts, defaultParts, filled, kindOf, onlyIn, partsOf } from "./stack-parts.js";

const ACTIVE_STACK = "stack";

/** What a component is registered with. */
export type WantedComponent = Omit<Component, "id" | "createdMs" | "labels"> &
  Partial<Pick<Component, "labels">>;

type StoredComponent = WantedComponent & Pick<Component, "id" | "createdMs">;

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
    // Homes of before there were labels have none.
    for (const { value } of await store.list<StoredComponent>(TABLES.component))
      book.#components.set(value.id, { ...value, labels: value.labels ?? {} });
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
    return find(this.components(type), nameOrId, "STEPWELL_COMPONENT_UNKNOWN", kindOf(type));
  }

  /** A stack by its name, id or a unique prefix of its id. Throws STEPWELL_STACK_UNKNOWN or STEPWELL_NAME_AMBIGUOUS. */
  stack(nameOrId: string): Stack {
    return find(this.stacks(), nameOrId, "STEPWELL_STACK_UNKNOWN", "stack");
  }

  /** The stacks that hold a component, by name. */
  stacksWith(id: string): Stack[] {
    return this.stacks().filter((stack) => partsOf(stack).includes(id));
  }

  /** Throws STEPWELL_NAME_INVALID, STEPWELL_NAME_TAKEN, STEPWELL_FLAVOR_UNKNOWN or STEPWELL_CONFIG_INVALID. */
  async registerComponent(wanted: WantedComponent): Promise<Component> {
    return await this.#serially(async () => {
      checkName(wanted.name, this.components(wanted.type));
      const configuration = checkedConfiguration(wanted.type, wanted.flavor, wanted.configuration);
      return await this.#putComponent({
        ...wanted,
        configuration,
        labels: filled(wanted.labels ?? {}),
        ...this.#newId(),
      });
    });
  }

  /**
   * Merges settings and labels; an empty value removes one. Runs that go on keep their backend.
   * Throws as component, STEPWELL_DEFAULT_FIXED or STEPWELL_CONFIG_INVALID.
   */
  async updateComponent(
    type: ComponentType,
    nameOrId: string,
    change: Pick<Component, "configuration" | "labels">,
  ): Promise<Component> {
    return await this.#serially(async () => {
      const before = this.#changeable(type, nameOrId);
      const merged = { ...before.configuration, ...change.configuration };
      const configuration = checkedConfiguration(type, before.flavor, merged, before.configuration);
      const after = { ...before, configuration, labels: filled({ ...before.labels, ...change.labels }) };
      for (const stack of this.stacksWith(before.id)) checkParts(stack, this.#components, after);
      return await this.#putComponent(after);
    });
  }

  /** Throws as component, STEPWELL_DEFAULT_FIXED, STEPWELL_NAME_INVALID or STEPWELL_NAME_TAKEN. */
  async renameComponent(type: ComponentType, nameOrId: string, name: string): Promise<Component> {
    return await this.#serially(async () => {
      const before = this.#changeable(type, nameOrId);
      checkName(name, this.components(type));
      return await this.#putComponent({ ...before, name });
    });
  }

  /** Throws as component, STEPWELL_NAME_INVALID or STEPWELL_NAME_TAKEN. */
  async copyComponent(type: ComponentType, nameOrId: string, name: string): Promise<Component> {
    return await this.#serially(async () => {
      const source = this.component(type, nameOrId);
      checkName(name, this.components(type));
      return await this.#putComponent({ ...source, name, ...this.#newId() });
    });
  }

  /** Runs that go on keep their backend. Throws as component, STEPWELL_DEFAULT_FIXED or STEPWELL_COMPONENT_IN_USE. */
  async deleteComponent(type: ComponentType, nameOrId: string): Promise<Component> {
    return await this.#serially(async () => {
      const component = this.#changeable(type, nameOrId);
      const holders = this.stacksWith(component.id).map(({ name }) => name);
      if (holders.length > 0) {
        const sentence = `The ${kindOf(type)} ${JSON.stringify(component.name)} is in use by: ${holders.join(", ")}.`;
        throw new StepwellError("STEPWELL_COMPONENT_IN_USE", sentence);
      }
      await this.#write([{ table: TABLES.component, key: component.id, value: undefined }]);
      this.#components.delete(component.id);
      return component;
    });
  }

  /**
   * Trackers, store and orchestrator by name or id. Throws STEPWELL_NAME_INVALID, STEPWELL_NAME_TAKEN,
   * STEPWELL_COMPONENT_UNKNOWN or STEPWELL_CONFIG_INVALID.
   */
  async registerStack(wanted: Omit<Stack, "id" | "createdMs">, setActive: boolean): Promise<Stack> {
    return await this.#serially(async () => {
      checkName(wanted.name, this.stacks());
      const stack: Stack = {
        name: wanted.name,
        experimentTrackers: this.#trackerIds(wanted.experimentTrackers),
        artifactStore: this.component("artifact_store", wanted.artifactStore || DEFAULT_NAME).id,
        orchestrator: this.component("orchestrator", wanted.orchestrator || DEFAULT_NAME).id,
        ...this.#newId(),
      };
      return await this.#putStack(stack, setActive);
    });
  }

  /** Throws as stack and component, STEPWELL_DEFAULT_FIXED or STEPWELL_CONFIG_INVALID. */
  async updateStack(nameOrId: string, change: StackChange): Promise<Stack> {
    return await this.#serially(async () => {
      const before = this.stack(nameOrId);
      checkNotDefault("stack", before);
      const removed = this.#trackerIds(change.removedExperimentTrackers);
      const trackers =
        change.experimentTrackers.length > 0
          ? this.#trackerIds(change.experimentTrackers)
          : before.experimentTrackers;
      const missing = removed.find((id) => !trackers.includes(id));
      if (missing !== undefined) {
        const { name } = this.component("experiment_tracker", missing);
        const sentence = `The stack ${JSON.stringify(before.name)} holds no experiment tracker ${JSON.stringify(name)}.`;
        throw new StepwellError("STEPWELL_COMPONENT_UNKNOWN", sentence);
      }
      return await this.#putStack({
        ...before,
        experimentTrackers: trackers.filter((id) => !removed.includes(id)),
        artifactStore: this.component("artifact_store", change.artifactStore || before.artifactStore).id,
        orchestrator: this.component("orchestrator", change.orchestrator || before.orchestrator).id,
      });
    });
  }

  /** Throws as stack, STEPWELL_DEFAULT_FIXED, STEPWELL_NAME_INVALID or STEPWELL_NAME_TAKEN. */
  async renameStack(nameOrId: string, name: string): Promise<Stack> {
    return await this.#serially(async () => {
      const before = this.stack(nameOrId);
      checkNotDefault("stack", before);
      checkName(name, this.stacks());
      return await this.#putStack({ ...before, name });
    });
  }

  /** Throws as stack, STEPWELL_NAME_INVALID or STEPWELL_NAME_TAKEN. */
  async copyStack(nameOrId: string, name: string): Promise<Stack> {
    return await this.#serially(async () => {
      const source = this.stack(nameOrId);
      checkName(name, this.stacks());
      return await this.#putStack({ ...source, name, ...this.#newId() });
    });
  }

  /**
   * Recursive: with the components that no other stack holds, but the default ones.
   * Throws as stack, STEPWELL_DEFAULT_FIXED or STEPWELL_STACK_ACTIVE.
   */
  async deleteStack(
    nameOrId: string,
    recursive: boolean,
  ): Promise<{ stack: Stack; components: Component[] }> {
    return await this.#serially(async () => {
      const stack = this.stack(nameOrId);
      checkNotDefault("stack", stack);
      if (stack.id === this.#activeId)
        throw new StepwellError(
          "STEPWELL_STACK_ACTIVE",
          `The stack ${JSON.stringify(stack.name)} is the active one.`,
        );
      const components = recursive ? onlyIn(stack, this.stacks(), this.#components) : [];
      await this.#write([
        { table: TABLES.stack, key: stack.id, value: undefined },
        ...components.map(({ id }) => ({ table: TABLES.component, key: id, value: undefined })),
      ]);
      this.#stacks.delete(stack.id);
      for (const { id } of components) this.#components.delete(id);
      return { stack, components };
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

  #changeable(type: ComponentType, nameOrId: string): Component {
    const component = this.component(type, nameOrId);
    checkNotDefault(kindOf(type), component);
    return component;
  }

  /** Ids in the order of the names, each once. */
  #trackerIds(names: readonly string[]): string[] {
    return [...new Set(names.map((each) => this.component("experiment_tracker", each).id))];
  }

  async #putComponent(component: Component): Promise<Component> {
    await this.#write([{ table: TABLES.component, key: component.id, value: component }]);
    this.#components.set(component.id, component);
    return component;
  }

  async #putStack(stack: Stack, setActive = false): Promise<Stack> {
    checkParts(stack, this.#components);
    const changes: Change[] = [{ table: TABLES.stack, key: stack.id, value: stack }];
    if (setActive) changes.push({ table: TABLES.active, key: ACTIVE_STACK, value: stack.id });
    await this.#write(changes);
    this.#stacks.set(stack.id, stack);
    if (setActive) this.#activeId = stack.id;
    return stack;
  }

  async #write(changes: readonly Change[]): Promise<void> {
    await this.#store.write(changes, { sync: true });
  }

  async #makeDefaults(): Promise<void> {
    const { stack, components } = defaultParts(() => this.#newId());
    await this.#write([
      ...components.map((value) => ({ table: TABLES.component, key: value.id, value })),
      { table: TABLES.stack, key: stack.id, value: stack },
      { table: TABLES.active, key: ACTIVE_STACK, value: stack.id },
    ]);
    for (const component of components) this.#components.set(component.id, component);
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
