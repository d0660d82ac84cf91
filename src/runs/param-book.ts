/**
 * Which value each param of a run has, as a digest, so that a changed param is refused
 * at the door. A row is written before the journal gets the param: if the process dies
 * between the two, the client sends the same param again.
 */
import { createHash } from "node:crypto";
import type { KeyValue } from "../model/pack.js";
import type { Change, Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";

const DIGEST_DIGITS = 32;

export class ParamBook {
  readonly #store: Store;
  readonly #digests = new Map<number, Map<string, string>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Brings a run's digests into memory, unless it is new: it has none. */
  async load(runNumber: number): Promise<void> {
    if (this.#digests.has(runNumber)) return;
    const prefix = `${runNumber}/`;
    const rows = await this.#store.list<string>(TABLES.param, prefix);
    if (this.#digests.has(runNumber)) return;
    this.#digests.set(runNumber, new Map(rows.map((row) => [row.key.slice(prefix.length), row.value])));
  }

  /** Whether the param is new or unchanged. The run must be loaded or new. */
  mayHave(runNumber: number, key: string, value: string): boolean {
    const known = this.#digests.get(runNumber)?.get(key);
    return known === undefined || known === digestOf(value);
  }

  /** The rows of params that the journal is about to get. The run must be loaded or new. */
  rowsOf(runNumber: number, params: readonly KeyValue[]): Change[] {
    const digests = this.#digests.get(runNumber);
    return params
      .filter(({ key }) => !digests?.has(key))
      .map(({ key, value }) => ({ table: TABLES.param, key: `${runNumber}/${key}`, value: digestOf(value) }));
  }

  /** Params whose rows are written. The run must be loaded or new. */
  keep(runNumber: number, params: readonly KeyValue[]): void {
    const digests = this.#digests.get(runNumber) ?? new Map<string, string>();
    this.#digests.set(runNumber, digests);
    for (const { key, value } of params) if (!digests.has(key)) digests.set(key, digestOf(value));
  }

  /** Forgets what memory holds of a run that is done. */
  forget(runNumber: number): void {
    this.#digests.delete(runNumber);
  }
}

function digestOf(value: string): string {
  return createHash("sha256").update(value).digest("hex").slice(0, DIGEST_DIGITS);
}
