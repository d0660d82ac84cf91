/** The groups of commands about components, by their names. */
export type ComponentGroup = "experiment-tracker" | "artifact-store" | "orchestrator";
