/**
 * The refusals of one batch. Each has a message of its own, many times as long as what is refused, so the first are
 * told one by one and the others summed up: one for each kind and reason, with how many there are.
 */
import { REFUSALS_TOLD_MAX } from "../model/limits.js";
import type { EntryRefusal } from "./admit-run.js";

export class Refusals {
  readonly #told: EntryRefusal[] = [];
  readonly #others = new Map<string, { first: EntryRefusal; count: number; entries: number }>();

  get isEmpty(): boolean {
    return this.#told.length === 0;
  }

  add(refusal: EntryRefusal): void {
    if (this.#told.length < REFUSALS_TOLD_MAX) return void this.#told.push(refusal);
    const key = `${refusal.kind} ${refusal.code}`;
    const others = this.#others.get(key) ?? { first: refusal, count: 0, entries: 0 };
    others.count += 1;
    others.entries += refusal.entries;
    this.#others.set(key, others);
  }

  all(): EntryRefusal[] {
    const summed = [...this.#others.values()].map(({ first, count, entries }) => {
      const message =
        count === 1 ? first.message : `${first.message} So are ${count - 1} others of the batch.`;
      return { ...first, entries, message };
    });
    return [...this.#told, ...summed];
  }
}
