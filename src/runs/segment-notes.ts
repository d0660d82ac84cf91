/**
 * Which segments the journal has, noted where no damage to the journal's own folder reaches. A number
 * is there once its segment is on disk and before anything is written to it, and goes before the segment does.
 */
import type { Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";

const KEY = "segments";

export function segmentNotes(store: Store) {
  return {
    /** The numbers that were noted last; none in a home that has no notes yet. */
    read: async (): Promise<readonly number[]> => (await store.get<number[]>(TABLES.journal, KEY)) ?? [],
    /** Notes these and no others; they are on disk when this resolves. */
    write: async (numbers: readonly number[]): Promise<void> =>
      store.write([{ table: TABLES.journal, key: KEY, value: numbers }], { sync: true }),
  };
}
