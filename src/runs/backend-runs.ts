import type { BackendRun } from "../model/target.js";
import type { Change, Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";

/** Ids of servers that are remembered for runs that go on by them; others are read again. */
const REMEMBERED_MAX = 10_000;

/**
 * The ids that backends gave to runs. Rows outlive their run's way through the archive, so
 * that a run that comes back finds itself again. A server's id leads to our run, too: people
 * read it from MLflow's pages and go on with it.
 */
export class BackendRuns {
  readonly #store: Store;
  /** Our ids by servers' ids, of runs that were asked for by them. */
  readonly #remembered = new Map<string, string>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** What is known of a run at a tracker's backend; undefined: it was never asked for. */
  async find(runId: string, trackerId: string): Promise<BackendRun | undefined> {
    return await this.#store.get<BackendRun>(TABLES.backendRun, keyOf(runId, trackerId));
  }

  /** Keeps it, on disk when the answer comes; undefined forgets it. */
  async keep(runId: string, trackerId: string, value: BackendRun | undefined): Promise<void> {
    await this.#store.write(rowsOf(runId, trackerId, value), { sync: true });
  }

  /** Our id of a run, by that or by one that a server gave it; an id that is not known stays as it is. */
  async ownId(runId: string): Promise<string> {
    const own = this.#remembered.get(runId) ?? (await this.#store.get<string>(TABLES.runAlias, runId));
    if (own === undefined) return runId;
    if (this.#remembered.size >= REMEMBERED_MAX) this.#remembered.clear();
    this.#remembered.set(runId, own);
    return own;
  }

  /** Our id of a run that was asked for by a server's id before. */
  remembered(runId: string): string | undefined {
    return this.#remembered.get(runId);
  }

  /** The ids that servers gave a run. */
  async aliasesOf(runId: string): Promise<string[]> {
    const rows = await this.#store.list<BackendRun>(TABLES.backendRun, `${runId}.`);
    const ids = rows.flatMap(({ value }) => (value.kind === "known" ? [value.mlflowRunId] : []));
    return [...new Set(ids)].filter((id) => id !== runId);
  }

  /** Keeps what is known of many runs, by their ids, with one write. */
  async keepAll(trackerId: string, values: ReadonlyMap<string, BackendRun>): Promise<void> {
    const rows = [...values].flatMap(([runId, value]) => rowsOf(runId, trackerId, value));
    if (rows.length > 0) await this.#store.write(rows, { sync: true });
  }
}

function rowsOf(runId: string, trackerId: string, value: BackendRun | undefined): Change[] {
  const row = { table: TABLES.backendRun, key: keyOf(runId, trackerId), value };
  // A run that was begun by the server's own id needs no other.
  if (value?.kind !== "known" || value.mlflowRunId === runId) return [row];
  return [row, { table: TABLES.runAlias, key: value.mlflowRunId, value: runId }];
}

function keyOf(runId: string, trackerId: string): string {
  return `${runId}.${trackerId}`;
}
