import type { Sink } from "../../src/sinks/sink.js";

/** A backend with a sink on it, as a daemon has it. */
export interface KeptBackend {
  /** One more sink, as the next daemon has it; what is remembered of the backend is the same. */
  open(): Sink;
  /** The steps of a run that are there. */
  steps(runId: string): Promise<number[]>;
  /** Copies the backend; the answer puts it back to that. */
  copy(): Promise<() => Promise<void>>;
}
