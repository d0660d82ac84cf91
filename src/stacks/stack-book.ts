/**
 * Components and stacks. All of them are in memory; a change is one synced write to the
 * state store and is seen only when that write is on disk. What a change does is decided by
 * the plans, which are pure.
 */
import type { Clock } from "../model/clock.js";
import { newId } from "../model/id.js";
import { Turns } from "../model/turns.js";
import type { Change, Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";
import type {
  Component,
  ComponentType,
  Stack,
  StackChange,
  WantedComponent,
  WantedStack,
} from "./component.js";
import * as componentPlans from "./component-plans.js";
import { ACTIVE_STACK, changeOf, type Edit, type Plan } from "./stack-edit.js";
import { type ImportedStack, type ImportResult, importStack } from "./stack-import.js";
import { StackIndex } from "./stack-index.js";
import { defaultEdits } from "./stack-parts.js";
import * as stackPlans from "./stack-plans.js";

/** Homes of before there were labels have none. */
type Stored<Each extends { labels: unknown }> = Omit<Each, "labels"> & Partial<Pick<Each, "labels">>;

/** How a change is made: for real, or only checked. */
export interface ChangeOptions {
  readonly validateOnly?: boolean;
  /** Changes that are written with it, all or none. */
  readonly beside?: readonly Change[];
  /** Takes what whoever makes the change should know beside: sentences. */
  readonly notes?: string[];
}

export class StackBook {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #index = new StackIndex();
  /** One change after the other, so that a name is never taken twice. */
  readonly #writing = new Turns();
  #onChanged: () => Promise<void> = async () => undefined;

  private constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Reads what there is; a new home gets its default stack. */
  static async open(store: Store, clock: Clock): Promise<StackBook> {
    const book = new StackBook(store, clock);
    for (const { value } of await store.list<Stored<Component>>(TABLES.component))
      book.#index.apply({ kind: "put component", component: { ...value, labels: value.labels ?? {} } });
    for (const { value } of await store.list<Stored<Stack>>(TABLES.stack))
      book.#index.apply({ kind: "put stack", stack: { ...value, labels: value.labels ?? {} } });
    const stackId = (await store.get<string>(TABLES.active, ACTIVE_STACK)) ?? "";
    book.#index.apply({ kind: "set active", stackId });
    if (book.#index.stacks.size === 0) await book.#write(defaultEdits(() => book.#birth()));
    return book;
  }

  /** Has the listener told of every change from now on, before whoever made it gets its answer. It may not reject. */
  observe(listener: () => Promise<void>): void {
    this.#onChanged = listener;
  }

  /** Components of a type, by name. */
  components(type: ComponentType): readonly Component[] {
    return this.#index.components(type).list();
  }

  /** Stacks, by name. */
  stacks(): readonly Stack[] {
    return this.#index.stacks.list();
  }

  get active(): Stack {
    return this.#index.active;
  }

  /** A component by its name, id or a unique prefix of its id. Throws STEPWELL_COMPONENT_UNKNOWN or STEPWELL_NAME_AMBIGUOUS. */
  component(type: ComponentType, nameOrId: string): Component {
    return this.#index.components(type).find(nameOrId);
  }

  /** The same; "" is the active stack's, of trackers the default one. */
  componentOrActive(type: ComponentType, nameOrId: string): Component {
    return this.#index.componentOrActive(type, nameOrId);
  }

  /** A component of whatever type. */
  componentById(id: string): Component | undefined {
    return this.#index.componentById(id);
  }

  /** A stack by its name, id or a unique prefix of its id. Throws STEPWELL_STACK_UNKNOWN or STEPWELL_NAME_AMBIGUOUS. */
  stack(nameOrId: string): Stack {
    return this.#index.stacks.find(nameOrId);
  }

  /** The stacks that hold a component, by name. */
  stacksWith(id: string): Stack[] {
    return this.#index.stacksWith(id);
  }

  /** Throws as the plan of this name, as all that follow. */
  async registerComponent(wanted: WantedComponent, options?: ChangeOptions): Promise<Component> {
    return await this.#change(
      (index) => componentPlans.registerComponent(index, wanted, () => this.#birth()),
      options,
    );
  }

  /** Merges settings and labels; an empty value removes one. Runs that go on keep their backend. */
  async updateComponent(
    type: ComponentType,
    nameOrId: string,
    change: Pick<Component, "configuration" | "labels">,
    options?: ChangeOptions,
  ): Promise<Component> {
    return await this.#change(
      (index) => componentPlans.updateComponent(index, type, nameOrId, change),
      options,
    );
  }

  /** Puts configurations in place of those of components, by id. */
  async replaceConfigurations(
    configurations: ReadonlyMap<string, Component["configuration"]>,
    options?: ChangeOptions,
  ): Promise<void> {
    await this.#change((index) => componentPlans.replaceConfigurations(index, configurations), options);
  }

  async renameComponent(type: ComponentType, nameOrId: string, name: string): Promise<Component> {
    return await this.#change((index) => componentPlans.renameComponent(index, type, nameOrId, name));
  }

  async copyComponent(type: ComponentType, nameOrId: string, name: string): Promise<Component> {
    return await this.#change((index) =>
      componentPlans.copyComponent(index, type, nameOrId, name, () => this.#birth()),
    );
  }

  /** Runs that go on keep their backend. */
  async deleteComponent(type: ComponentType, nameOrId: string, options?: ChangeOptions): Promise<Component> {
    return await this.#change((index) => componentPlans.deleteComponent(index, type, nameOrId), options);
  }

  async registerStack(wanted: WantedStack, setActive: boolean, options?: ChangeOptions): Promise<Stack> {
    return await this.#change(
      (index) => stackPlans.registerStack(index, wanted, setActive, () => this.#birth()),
      options,
    );
  }

  async updateStack(nameOrId: string, change: StackChange, options?: ChangeOptions): Promise<Stack> {
    return await this.#change((index) => stackPlans.updateStack(index, nameOrId, change), options);
  }

  async renameStack(nameOrId: string, name: string): Promise<Stack> {
    return await this.#change((index) => stackPlans.renameStack(index, nameOrId, name));
  }

  async copyStack(nameOrId: string, name: string): Promise<Stack> {
    return await this.#change((index) => stackPlans.copyStack(index, nameOrId, name, () => this.#birth()));
  }

  /** Recursive: with the components that no other stack holds, but the default ones. */
  async deleteStack(
    nameOrId: string,
    recursive: boolean,
    options?: ChangeOptions,
  ): Promise<stackPlans.DeletedStack> {
    return await this.#change((index) => stackPlans.deleteStack(index, nameOrId, recursive), options);
  }

  async setActive(nameOrId: string): Promise<Stack> {
    return await this.#change((index) => stackPlans.setActive(index, nameOrId));
  }

  /** Adds a stack with its components; `rename` gives what would clash another name. */
  async importStack(wanted: ImportedStack, rename: boolean, options?: ChangeOptions): Promise<ImportResult> {
    return await this.#change((index) => importStack(index, wanted, rename, () => this.#birth()), options);
  }

  async #change<Result>(
    plan: (index: StackIndex) => Plan<Result>,
    { validateOnly = false, beside = [], notes = [] }: ChangeOptions = {},
  ): Promise<Result> {
    const result = await this.#writing.take(async () => {
      const planned = plan(this.#index);
      if (!validateOnly) await this.#write(planned.edits, beside);
      notes.push(...(planned.notes ?? []));
      return planned.result;
    });
    if (!validateOnly) await this.#onChanged();
    return result;
  }

  async #write(edits: readonly Edit[], beside: readonly Change[] = []): Promise<void> {
    await this.#store.write([...edits.map(changeOf), ...beside], { sync: true });
    for (const edit of edits) this.#index.apply(edit);
  }

  #birth(): { id: string; createdMs: number } {
    return { id: newId(), createdMs: this.#clock.nowMs() };
  }
}
