/** What one read of the journal brings: so many points, texts and records, and never more bytes than fit into the memory. */
import { READ_BYTES_MAX } from "../model/limits.js";
import type { JournalRecord } from "./record.js";

/** What one read may bring at most; it brings one record at least, if there is one. */
export interface ReadBudget {
  readonly points: number;
  readonly texts: number;
  readonly records: number;
}

/** The records of a read that is under way. */
export class Reading {
  readonly records: JournalRecord[] = [];
  readonly #budget: ReadBudget;
  #points = 0;
  #texts = 0;
  #bytes = 0;

  constructor(budget: ReadBudget) {
    this.#budget = budget;
  }

  /** Takes the next record; false where it is too much. */
  take(record: JournalRecord): boolean {
    const { points, texts, records } = this.#budget;
    this.#points += record.points;
    this.#texts += record.params + record.tags;
    this.#bytes += record.payload.length;
    const isFull =
      this.#points > points ||
      this.#texts > texts ||
      this.#bytes > READ_BYTES_MAX ||
      this.records.length === records;
    if (isFull && this.records.length > 0) return false;
    this.records.push(record);
    return true;
  }
}
