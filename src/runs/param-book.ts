/**
 * Which value each param of a run has, as a digest, so that a changed param is refused
 * at the door. A row is written before the journal gets the param: if the process dies
 * between the two, the client sends the same param again.
 *
 * Memory holds the digests of runs that began in this daemon, up to a bound over all of them; others are
 * read from the store, param by param: a run may have a million.
 */
import { createHash } from "node:crypto";
import { PARAM_DIGESTS_MAX } from "../model/limits.js";
import type { KeyValue } from "../model/pack.js";
import type { Change, Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";

const DIGEST_DIGITS = 32;
/** Params that are read from the store at the same time. */
const READ_AT_ONCE = 256;

/** What a run has of the params of one batch. */
export interface KnownParams {
  /** Whether the param is new or unchanged. */
  mayHave(key: string, value: string): boolean;
  /** The rows of those that the journal is about to get. */
  rowsOf(params: readonly KeyValue[]): Change[];
}

export class ParamBook {
  readonly #store: Store;
  readonly #digestsMax: number;
  /** All digests of a run, by its number; the run that came first is first. */
  readonly #whole = new Map<number, Map<string, string>>();
  #count = 0;

  constructor(store: Store, digestsMax = PARAM_DIGESTS_MAX) {
    this.#store = store;
    this.#digestsMax = digestsMax;
  }

  /** What is known of keys. A run that is new has nothing in the store. */
  async known(runNumber: number, keys: Iterable<string | undefined>, isNew: boolean): Promise<KnownParams> {
    const whole = this.#whole.get(runNumber) ?? (isNew ? new Map<string, string>() : undefined);
    const digests = whole ?? (await this.#read(runNumber, keys));
    return {
      mayHave: (key, value) => {
        const known = digests.get(key);
        return known === undefined || known === digestOf(value);
      },
      rowsOf: (params) =>
        params
          .filter(({ key }) => !digests.has(key))
          .map(({ key, value }) => ({
            table: TABLES.param,
            key: rowKey(runNumber, key),
            value: digestOf(value),
          })),
    };
  }

  /** Params whose rows are written; of a run that is new they are all that it has. */
  keep(runNumber: number, params: readonly KeyValue[], isNew: boolean): void {
    const digests = this.#whole.get(runNumber) ?? (isNew ? new Map<string, string>() : undefined);
    if (!digests) return;
    this.#whole.set(runNumber, digests);
    const before = digests.size;
    for (const { key, value } of params) if (!digests.has(key)) digests.set(key, digestOf(value));
    this.#count += digests.size - before;
    for (const oldest of this.#whole.keys()) {
      if (this.#count <= this.#digestsMax) return;
      this.forget(oldest);
    }
  }

  /** Forgets what memory holds of a run. */
  forget(runNumber: number): void {
    this.#count -= this.#whole.get(runNumber)?.size ?? 0;
    this.#whole.delete(runNumber);
  }

  async #read(runNumber: number, keys: Iterable<string | undefined>): Promise<Map<string, string>> {
    const digests = new Map<string, string>();
    const wanted = [...new Set(keys)].filter((key) => key !== undefined);
    for (let from = 0; from < wanted.length; from += READ_AT_ONCE) {
      const part = wanted.slice(from, from + READ_AT_ONCE);
      const found = await Promise.all(
        part.map((key) => this.#store.get<string>(TABLES.param, rowKey(runNumber, key))),
      );
      for (const [index, key] of part.entries()) {
        const digest = found[index];
        if (digest !== undefined) digests.set(key, digest);
      }
    }
    return digests;
  }
}

function rowKey(runNumber: number, key: string): string {
  return `${runNumber}/${key}`;
}

function digestOf(value: string): string {
  return createHash("sha256").update(value).digest("hex").slice(0, DIGEST_DIGITS);
}
