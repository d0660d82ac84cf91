/**
 * Items of the keychain that a home has in common with a copy of itself. The keychain is the user's, and a
 * copied folder refers to the same items in it: whoever removes one takes it from the other.
 *
 * So a home remembers where it lies. When it finds itself elsewhere, all items that it knows of are shared from
 * then on: it never removes them, and writes its secrets into items of its own. The original goes on with the
 * old ones. A home that was moved to another volume looks the same, and leaves its old items behind.
 */
import { type HomePlace, isSamePlace } from "../home/home-place.js";
import type { Change, Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";
import type { BackendKind } from "./backend.js";
import type { Secret } from "./secret.js";

const KEY = "place";

interface Row {
  readonly place: HomePlace;
  readonly shared: readonly string[];
}

export class SharedItems {
  readonly #place: HomePlace;
  readonly #items: ReadonlySet<string>;

  private constructor(place: HomePlace, items: ReadonlySet<string>) {
    this.#place = place;
    this.#items = items;
  }

  /** Compares where the home lies with where it lay, and notes that. */
  static async open(store: Store, place: HomePlace): Promise<SharedItems> {
    const row = await store.get<Row>(TABLES.secretBackend, KEY);
    const found = !row || isSamePlace(row.place, place) ? [] : await itemsIn(store);
    const items = new Set([...(row?.shared ?? []), ...found.map(({ key }) => key)]);
    // What the original was about to remove, or to make count, is the original's to know.
    const notes = found.map(({ key }) => ({ table: TABLES.secretItem, key, value: undefined }));
    const isKnown = row && JSON.stringify(row.place) === JSON.stringify(place);
    if (!isKnown) await store.write([rowOf(place, [...items]), ...notes], { sync: true });
    return new SharedItems(place, items);
  }

  /** Whether a copy may need the item. */
  has(item: string): boolean {
    return this.#items.has(item);
  }

  /** The change that says that no secret of this home is in them any more. */
  none(): Change {
    return rowOf(this.#place, []);
  }
}

/** All items of the keychain that the home knows of; the vault's are in the home, and were copied with it. */
async function itemsIn(store: Store): Promise<{ readonly key: string }[]> {
  const secrets = await store.list<Secret>(TABLES.secret);
  const notes = await store.list<BackendKind>(TABLES.secretItem);
  return [
    ...secrets.map(({ value }) => ({ key: value.item, backend: value.backend })),
    ...notes.map(({ key, value }) => ({ key, backend: value })),
  ].filter(({ backend }) => backend === "keychain");
}

function rowOf(place: HomePlace, shared: readonly string[]): Change {
  const value: Row = { place, shared };
  return { table: TABLES.secretBackend, key: KEY, value };
}
