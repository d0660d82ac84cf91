/** What a component is for, in ZenML's words. */
export type ComponentType = "experiment_tracker" | "artifact_store" | "orchestrator";

/** One part of a stack, as the state store holds it. No value is ever a credential. */
export interface Component {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly type: ComponentType;
  readonly name: string;
  readonly flavor: string;
  readonly configuration: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly createdMs: number;
}

/** A named set of components, by their ids. */
export interface Stack {
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  /** The first is the default. */
  readonly experimentTrackers: readonly string[];
  readonly artifactStore: string;
  readonly orchestrator: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly createdMs: number;
}

/** What a component is registered with. */
export type WantedComponent = Omit<Component, "id" | "createdMs" | "labels"> &
  Partial<Pick<Component, "labels">>;

/** What a stack is registered with: its parts by name or id; an empty one means "default". */
export type WantedStack = Omit<Stack, "id" | "createdMs" | "labels"> & Partial<Pick<Stack, "labels">>;

/** Parts to put in place of a stack's, by name or id; what is not given, or empty, stays. */
export interface StackChange {
  readonly experimentTrackers?: readonly string[];
  readonly removedExperimentTrackers?: readonly string[];
  /** One of the trackers, to be the first. */
  readonly defaultExperimentTracker?: string;
  readonly artifactStore?: string;
  readonly orchestrator?: string;
  /** Over what there is; an empty value removes one. */
  readonly labels?: Readonly<Record<string, string>>;
}
