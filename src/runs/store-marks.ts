/**
 * What the home remembers of the stores that it writes cursors to (model/store-mark.ts). A mark is on disk
 * with `isOpen` before the store is written to, and from then on in each write that says how far runs are
 * delivered: nothing counts as delivered by a mark that knows less of the store.
 */

import { NO_MARK, type StoreMark } from "../model/store-mark.js";
import type { Backend } from "../model/target.js";
import { backendKey } from "../model/target.js";
import type { Change, Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";

/** One store with what is remembered of it. */
export interface MarkedStore {
  readonly backend: Backend;
  readonly mark: StoreMark;
}

export class StoreMarks {
  readonly #store: Store;
  readonly #marked = new Map<string, MarkedStore>();
  /** Stores that an earlier daemon had open when it died, until somebody has looked through them. */
  readonly #unclean = new Set<string>();

  private constructor(store: Store) {
    this.#store = store;
  }

  static async open(store: Store): Promise<StoreMarks> {
    const marks = new StoreMarks(store);
    for (const { key, value } of await store.list<MarkedStore>(TABLES.storeMark)) {
      marks.#marked.set(key, { ...value, mark: { ...value.mark, isOpen: false } });
      if (value.mark.isOpen) marks.#unclean.add(key);
    }
    return marks;
  }

  all(): MarkedStore[] {
    return [...this.#marked.values()];
  }

  of(backend: Backend): StoreMark {
    return this.#marked.get(backendKey(backend))?.mark ?? NO_MARK;
  }

  /** Whether whoever had it open last died with it open, and nobody has looked through it since. */
  isUnclean(backend: Backend): boolean {
    return this.#unclean.has(backendKey(backend));
  }

  /** Changes what is remembered; it is on disk with the next write of how far runs are. */
  note(backend: Backend, change: Partial<StoreMark>): void {
    this.#marked.set(backendKey(backend), { backend, mark: { ...this.of(backend), ...change } });
    if (change.file) this.#unclean.delete(backendKey(backend));
  }

  /** The same, on disk when it resolves. */
  async keep(backend: Backend, change: Partial<StoreMark>): Promise<void> {
    this.note(backend, change);
    await this.#store.write([this.#rowOf(backendKey(backend))], { sync: true });
  }

  /** What goes with each write of how far runs are delivered. */
  changes(): Change[] {
    return [...this.#marked].filter(([, { mark }]) => mark.isOpen).map(([key]) => this.#rowOf(key));
  }

  /** The daemon ends, and no store is in use any more. */
  async close(): Promise<void> {
    for (const { backend, mark } of this.all()) if (mark.isOpen) this.note(backend, { isOpen: false });
    const rows = [...this.#marked.keys()].map((key) => this.#rowOf(key));
    if (rows.length > 0) await this.#store.write(rows, { sync: true });
  }

  #rowOf(key: string): Change {
    return { table: TABLES.storeMark, key, value: this.#marked.get(key) };
  }
}
