/**
 * How far bundles of other homes were delivered by this one. For a backend that keeps cursors it only tells what
 * was refused on the way, where the cursor lags; for any other it is all that is known. Rows stay for ever, as
 * those of runs do.
 */
import { createHash } from "node:crypto";
import type { LeftCursor } from "../model/cursor.js";
import { type Backend, backendKey } from "../model/target.js";
import type { Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";
import type { RunPosition } from "./run.js";

/** A run of another home at a backend. */
export interface ImportedRun {
  readonly homeId: string;
  readonly runId: string;
  readonly backend: Backend;
}

/** How far it was delivered. */
export interface Imported {
  readonly through: RunPosition;
  /** Where the backend's cursor was left; undefined where it has none. */
  readonly left: LeftCursor | undefined;
}

export class ImportBook {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async find(run: ImportedRun): Promise<Imported | undefined> {
    return await this.#store.get<Imported>(TABLES.imported, keyOf(run));
  }

  async keep(rows: readonly (readonly [ImportedRun, Imported])[], options: { sync: boolean }): Promise<void> {
    const changes = rows.map(([run, value]) => ({ table: TABLES.imported, key: keyOf(run), value }));
    if (changes.length > 0) await this.#store.write(changes, options);
  }
}

function keyOf({ homeId, runId, backend }: ImportedRun): string {
  const place = createHash("sha256").update(backendKey(backend)).digest("hex").slice(0, 32);
  return `${homeId}.${runId}.${place}`;
}
