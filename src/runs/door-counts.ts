/** What happened at the door since the home was made. A crash may cost the last second of it. */
import type { Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";

interface Counts {
  duplicateBatches: number;
  rejectedEntries: number;
  /** Producers that were acknowledged more than the home has. */
  producersWithLosses: number;
}

const KEY = "door";
const WRITE_WAIT_MS = 1_000;

export class DoorCounts {
  readonly #store: Store;
  readonly #counts: Counts;
  #timer: NodeJS.Timeout | undefined;

  private constructor(store: Store, counts: Counts) {
    this.#store = store;
    this.#counts = counts;
  }

  static async open(store: Store): Promise<DoorCounts> {
    const none = { duplicateBatches: 0, rejectedEntries: 0, producersWithLosses: 0 };
    return new DoorCounts(store, { ...none, ...(await store.get<Partial<Counts>>(TABLES.counter, KEY)) });
  }

  get duplicateBatches(): number {
    return this.#counts.duplicateBatches;
  }

  get rejectedEntries(): number {
    return this.#counts.rejectedEntries;
  }

  get producersWithLosses(): number {
    return this.#counts.producersWithLosses;
  }

  /** Counts up by so many. */
  add(name: keyof Counts, count: number): void {
    if (count === 0) return;
    this.#counts[name] += count;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#write(false).catch(() => undefined);
    }, WRITE_WAIT_MS).unref();
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#write(true);
  }

  async #write(sync: boolean): Promise<void> {
    await this.#store.write([{ table: TABLES.counter, key: KEY, value: { ...this.#counts } }], { sync });
  }
}
