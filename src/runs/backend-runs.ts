import type { BackendRun } from "../model/target.js";
import type { Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";

/**
 * The ids that backends gave to runs. Rows outlive their run's way through the archive, so
 * that a run that comes back finds itself again.
 */
export class BackendRuns {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** What is known of a run at a tracker's backend; undefined: it was never asked for. */
  async find(runId: string, trackerId: string): Promise<BackendRun | undefined> {
    return await this.#store.get<BackendRun>(TABLES.backendRun, keyOf(runId, trackerId));
  }

  /** Keeps it, on disk when the answer comes; undefined forgets it. */
  async keep(runId: string, trackerId: string, value: BackendRun | undefined): Promise<void> {
    const change = { table: TABLES.backendRun, key: keyOf(runId, trackerId), value };
    await this.#store.write([change], { sync: true });
  }
}

function keyOf(runId: string, trackerId: string): string {
  return `${runId}.${trackerId}`;
}
