/** All components and stacks in memory: lookups, and the edits of changes that are on disk. */
import { StepwellError } from "../errors/stepwell-error.js";
import type { Component, ComponentType, Stack } from "./component.js";
import { NamedMap } from "./named.js";
import type { Edit } from "./stack-edit.js";
import { kindOf, partsOf } from "./stack-parts.js";

const components = (type: ComponentType) =>
  new NamedMap<Component>(kindOf(type), "STEPWELL_COMPONENT_UNKNOWN");

export class StackIndex {
  readonly stacks = new NamedMap<Stack>("stack", "STEPWELL_STACK_UNKNOWN");
  readonly #components: Readonly<Record<ComponentType, NamedMap<Component>>> = {
    experiment_tracker: components("experiment_tracker"),
    artifact_store: components("artifact_store"),
    orchestrator: components("orchestrator"),
  };
  #activeId = "";

  components(type: ComponentType): NamedMap<Component> {
    return this.#components[type];
  }

  get active(): Stack {
    return this.stacks.find(this.#activeId);
  }

  /** A component of whatever type. */
  componentById(id: string): Component | undefined {
    for (const map of Object.values(this.#components)) {
      const found = map.byId(id);
      if (found) return found;
    }
    return undefined;
  }

  /** The stacks that hold a component, by name. */
  stacksWith(id: string): Stack[] {
    return this.stacks.list().filter((stack) => partsOf(stack).includes(id));
  }

  /** The one of this name or id; "" is the active stack's, of trackers the default one. Throws STEPWELL_COMPONENT_UNKNOWN. */
  componentOrActive(type: ComponentType, nameOrId: string): Component {
    if (nameOrId !== "") return this.components(type).find(nameOrId);
    const { name, experimentTrackers, artifactStore, orchestrator } = this.active;
    const ids = { experiment_tracker: experimentTrackers[0], artifact_store: artifactStore, orchestrator };
    const id = ids[type];
    if (id !== undefined) return this.components(type).find(id);
    throw new StepwellError(
      "STEPWELL_COMPONENT_UNKNOWN",
      `The active stack ${JSON.stringify(name)} has no experiment tracker.`,
    );
  }

  apply(edit: Edit): void {
    switch (edit.kind) {
      case "put component":
        return this.components(edit.component.type).put(edit.component);
      case "delete component":
        return this.components(edit.component.type).delete(edit.component.id);
      case "put stack":
        return this.stacks.put(edit.stack);
      case "delete stack":
        return this.stacks.delete(edit.stack.id);
      case "set active":
        this.#activeId = edit.stackId;
    }
  }
}
