/**
 * How far runs are delivered, on its way to the disk: without a sync a second after it moved at the
 * latest, and synced when it is secured.
 */
import type { KeyedTurns } from "../model/turns.js";
import { Turns } from "../model/turns.js";
import type { Change, Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";
import type { Run } from "./run.js";

const WRITE_WAIT_MS = 1_000;

export interface RunCursorsOptions {
  readonly store: Store;
  /** What goes with each write. */
  readonly alongside: () => readonly Change[];
  /** The queues of the runs: a row is never written beside a change, or it would take the change back. */
  readonly turns: KeyedTurns;
  readonly find: (runId: string) => Run | undefined;
}

export class RunCursors {
  readonly #options: RunCursorsOptions;
  /** Runs whose cursor moved since it was written. */
  readonly #dirty = new Set<string>();
  /** Runs whose cursor moved since it was synced. */
  readonly #unsynced = new Set<string>();
  readonly #writing = new Turns();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RunCursorsOptions) {
    this.#options = options;
  }

  /** The rows of runs, with what has to be on disk no later than how far they are delivered. */
  rowsOf(runs: readonly Run[]): Change[] {
    const rows = runs.map((run) => ({ table: TABLES.run, key: run.runId, value: run }));
    const isDelivered = runs.some(({ delivered }) => Object.keys(delivered).length > 0);
    return isDelivered ? [...rows, ...this.#options.alongside()] : rows;
  }

  moved(runId: string): void {
    this.#dirty.add(runId);
    this.#unsynced.add(runId);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // A cursor that was not written is found again in the backend.
      void this.#write(this.#dirty, false).catch(() => undefined);
    }, WRITE_WAIT_MS).unref();
  }

  /** The run went to the archive, with its cursor. */
  forget(runId: string): void {
    this.#dirty.delete(runId);
    this.#unsynced.delete(runId);
  }

  /** Puts every cursor on disk. */
  async secure(): Promise<void> {
    await this.#write(this.#unsynced, true);
  }

  /** Puts the cursors of these runs on disk, too, and writes no more by itself. */
  async close(runIds: Iterable<string>): Promise<void> {
    clearTimeout(this.#timer);
    for (const runId of runIds) this.#unsynced.add(runId);
    await this.secure();
  }

  async #write(moved: Set<string>, sync: boolean): Promise<void> {
    const { store, turns, find } = this.#options;
    // Who finds nothing to write has waited for whoever writes it.
    await this.#writing.take(async () => {
      const runIds = [...moved];
      moved.clear();
      try {
        await turns.take(runIds, async () => {
          const rows = this.rowsOf(runIds.map(find).filter((run) => run !== undefined));
          if (rows.length > 0) await store.write(rows, { sync });
        });
      } catch (error) {
        for (const runId of runIds) moved.add(runId);
        throw error;
      }
    });
  }
}
