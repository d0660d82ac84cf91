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
  /** Milliseconds since 1970. */
  readonly createdMs: number;
}

/** Parts to put in place of a stack's, by name or id; empty ones stay. */
export interface StackChange {
  readonly experimentTrackers: readonly string[];
  readonly removedExperimentTrackers: readonly string[];
  readonly artifactStore: string;
  readonly orchestrator: string;
}
