/**
 * Salvages of the state store that nobody took note of yet. A salvage writes its note into the store
 * that it makes: there is none without the other.
 */
import type { Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";

export interface SalvageNote {
  /** Milliseconds since 1970. */
  readonly salvagedMs: number;
  /** What was wrong, a sentence. */
  readonly reason: string;
  /** The name of the folder that holds the damaged store. */
  readonly keptIn: string;
  readonly rows: number;
  /** Writes, blocks and files that can't be read. */
  readonly unreadable: number;
}

export async function addSalvageNote(store: Store, note: SalvageNote): Promise<void> {
  await store.write([{ table: TABLES.salvage, key: note.keptIn, value: note }], { sync: true });
}

/** The oldest first. */
export async function salvageNotes(store: Store): Promise<SalvageNote[]> {
  const notes = (await store.list<SalvageNote>(TABLES.salvage)).map(({ value }) => value);
  return notes.sort((one, other) => one.salvagedMs - other.salvagedMs);
}

/** Somebody has seen them. */
export async function forgetSalvageNotes(store: Store, notes: readonly SalvageNote[]): Promise<void> {
  const changes = notes.map(({ keptIn: key }) => ({ table: TABLES.salvage, key, value: undefined }));
  await store.write(changes, { sync: true });
}
