/**
 * The items of secrets in their backends, and the note that keeps both in step however the
 * daemon dies. A new item is noted in the state store first, then written; the one change of
 * the state store that makes it count takes its note away and notes the item that it
 * replaces, which is removed last. What is still noted at a start belongs to nothing. An item that
 * a copy of the home has, too, is never removed (shared-items.ts).
 */
import { StepwellError } from "../errors/stepwell-error.js";
import type { HomePlace } from "../home/home-place.js";
import type { Clock } from "../model/clock.js";
import { newId } from "../model/id.js";
import { SECRET_CACHE_MS } from "../model/limits.js";
import type { Log } from "../model/log.js";
import type { Change, Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";
import type { BackendKind, SecretBackends } from "./backend.js";
import type { Secret, SecretValues } from "./secret.js";
import { SharedItems } from "./shared-items.js";

/** Where values are. */
export type ItemPlace = Pick<Secret, "backend" | "item">;

export interface SecretItemsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly backends: SecretBackends;
  /** Where the home lies. */
  readonly place: HomePlace;
}

export class SecretItems {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #backends: SecretBackends;
  readonly #shared: SharedItems;
  /** An item never changes, so what was read of it stays true; it is forgotten all the same. */
  readonly #read = new Map<string, { readonly values: SecretValues; readonly untilMs: number }>();

  private constructor({ store, clock, log, backends }: SecretItemsOptions, shared: SharedItems) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#backends = backends;
    this.#shared = shared;
  }

  static async open(options: SecretItemsOptions): Promise<SecretItems> {
    return new SecretItems(options, await SharedItems.open(options.store, options.place));
  }

  /** Those of some secrets that are in items that a copy of the home has, too. */
  shared(secrets: readonly Secret[]): Secret[] {
    return secrets.filter(({ item }) => this.#shared.has(item));
  }

  /** The change that says that no secret is in such an item any more. */
  unshare(): Change {
    return this.#shared.none();
  }

  /** Writes values as an item that counts for nothing yet. Throws what the backend throws. */
  async add(backend: BackendKind, values: SecretValues): Promise<ItemPlace> {
    const item = newId();
    const place = { backend, item };
    await this.#store.write([noteOf(place)], { sync: true });
    try {
      await this.#backends[backend].write(item, JSON.stringify(values));
    } catch (error) {
      await this.discard([place]);
      throw error;
    }
    return place;
  }

  /** The changes that make one item count in place of another. */
  swap(added: ItemPlace | undefined, replaced: ItemPlace | undefined): Change[] {
    return [
      ...(added ? [{ ...noteOf(added), value: undefined }] : []),
      ...(replaced && !this.#shared.has(replaced.item) ? [noteOf(replaced)] : []),
    ];
  }

  /**
   * The values of a secret. Throws STEPWELL_KEYCHAIN_LOCKED, STEPWELL_KEYCHAIN_UNREACHABLE, STEPWELL_VAULT_LOCKED
   * or STEPWELL_VAULT_DAMAGED: what was written and can't be read is never taken for empty.
   */
  async values({ name, keys, backend, item }: Secret): Promise<SecretValues> {
    const nowMs = this.#clock.monotonicMs();
    const known = this.#read.get(item);
    if (known && nowMs < known.untilMs) return known.values;
    const values = parse(await this.#backends[backend].read(item));
    const missing = keys.find((key) => !Object.hasOwn(values, key));
    if (missing !== undefined) {
      const sentence = `The ${backend} gives no value for ${JSON.stringify(missing)} of the secret ${JSON.stringify(name)}.`;
      throw new StepwellError(
        backend === "keychain" ? "STEPWELL_KEYCHAIN_LOCKED" : "STEPWELL_VAULT_DAMAGED",
        sentence,
      );
    }
    for (const [each, { untilMs }] of this.#read) if (untilMs <= nowMs) this.#read.delete(each);
    this.#read.set(item, { values, untilMs: nowMs + SECRET_CACHE_MS });
    return values;
  }

  /** Removes items that count for nothing; those that can't be removed now stay noted. */
  async discard(places: readonly ItemPlace[]): Promise<void> {
    for (const place of places) {
      this.#read.delete(place.item);
      if (this.#shared.has(place.item)) continue;
      try {
        await this.#backends[place.backend].remove(place.item);
        await this.#store.write([{ ...noteOf(place), value: undefined }], { sync: true });
      } catch (error) {
        const { backend } = place;
        this.#log("warn", "an old item of a secret is not removed yet", { backend, reason: String(error) });
        // A keychain that is locked would ask again for each.
        return;
      }
    }
  }

  /** Items that count for nothing, as an earlier daemon left them. */
  async left(): Promise<ItemPlace[]> {
    const rows = await this.#store.list<BackendKind>(TABLES.secretItem);
    return rows.map(({ key, value }) => ({ item: key, backend: value }));
  }
}

function noteOf({ item, backend }: ItemPlace): Change {
  return { table: TABLES.secretItem, key: item, value: backend };
}

function parse(text: string): SecretValues {
  try {
    return JSON.parse(text) as SecretValues;
  } catch {
    // Its message would show a part of the values.
    return {};
  }
}
