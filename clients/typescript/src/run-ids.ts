import { DRAIN_RUNS_MAX } from "./contract.js";

/** The runs that a client ever logged to, for a drain to name them. */
export class RunIds {
  readonly #runIds = new Set<string>();

  add(runId: string): void {
    // One more than a drain names, which says that there were too many.
    if (this.#runIds.size <= DRAIN_RUNS_MAX) this.#runIds.add(runId);
  }

  /** All of them; undefined where they are more than a drain names. */
  all(): readonly string[] | undefined {
    return this.#runIds.size <= DRAIN_RUNS_MAX ? [...this.#runIds] : undefined;
  }
}
