/**
 * Which value each param of a run has, as a digest, so that a changed param is refused
 * at the door. A row is written before the journal gets the param: if the process dies
 * between the two, the client sends the same param again.
 */
import { createHash } from "node:crypto";
import type { KeyValue } from "../model/pack.js";
import type { Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";

const DIGEST_DIGITS = 32;

export class ParamBook {
  readonly #store: Store;
  readonly #digests = new Map<number, Map<string, string>>();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Brings a run's digests into memory. */
  async load(runNumber: number): Promise<void> {
    if (this.#digests.has(runNumber)) return;
    const prefix = `${runNumber}/`;
    const rows = await this.#store.list<string>(TABLES.param, prefix);
    if (this.#digests.has(runNumber)) return;
    this.#digests.set(runNumber, new Map(rows.map((row) => [row.key.slice(prefix.length), row.value])));
  }

  /** Whether the param is new or unchanged. The run must be loaded. */
  mayHave(runNumber: number, key: string, value: string): boolean {
    const known = this.#digests.get(runNumber)?.get(key);
    return known === undefined || known === digestOf(value);
  }

  /** Records params that the journal is about to get. The run must be loaded. */
  async record(runNumber: number, params: readonly KeyValue[]): Promise<void> {
    const digests = this.#digests.get(runNumber);
    if (!digests) return;
    const fresh = params.filter((param) => !digests.has(param.key));
    for (const param of fresh) digests.set(param.key, digestOf(param.value));
    const changes = fresh.map(({ key, value }) => ({
      table: TABLES.param,
      key: `${runNumber}/${key}`,
      value: digestOf(value),
    }));
    if (changes.length > 0) await this.#store.write(changes, { sync: false });
  }

  /** Forgets what memory holds of a run that is done. */
  forget(runNumber: number): void {
    this.#digests.delete(runNumber);
  }
}

function digestOf(value: string): string {
  return createHash("sha256").update(value).digest("hex").slice(0, DIGEST_DIGITS);
}
