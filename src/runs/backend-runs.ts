import type { BackendRun } from "../model/target.js";
import type { Change, Store } from "../store/contract.js";
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
    await this.#store.write([rowOf(runId, trackerId, value)], { sync: true });
  }

  /** Keeps what is known of many runs, by their ids, with one write. */
  async keepAll(trackerId: string, values: ReadonlyMap<string, BackendRun>): Promise<void> {
    const rows = [...values].map(([runId, value]) => rowOf(runId, trackerId, value));
    if (rows.length > 0) await this.#store.write(rows, { sync: true });
  }
}

function rowOf(runId: string, trackerId: string, value: BackendRun | undefined): Change {
  return { table: TABLES.backendRun, key: keyOf(runId, trackerId), value };
}

function keyOf(runId: string, trackerId: string): string {
  return `${runId}.${trackerId}`;
}
