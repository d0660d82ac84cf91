/**
 * The refusals of one batch. Each has a message of its own, many times as long as what is refused, so the first are
 * told one by one and the others summed up: one for each kind and reason, with how many there are.
 */
import type { BatchView } from "../model/batch-view.js";
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

/** The refusals of a batch whose run has no id: each of its entries. */
export function refuseAll(batch: BatchView): EntryRefusal[] {
  const message = "The batch's run id is not 32 lower-case hexadecimal digits.";
  const refusal = { index: 0, entries: 1, code: "STEPWELL_RUN_ID_INVALID", message } as const;
  const refusals = new Refusals();
  if (batch.start) refusals.add({ ...refusal, kind: "start" });
  for (const index of batch.params.keys()) refusals.add({ ...refusal, kind: "param", index });
  for (const [index, { values }] of batch.columns.entries())
    refusals.add({ ...refusal, kind: "metric", index, entries: Math.max(1, values.length >> 3) });
  const tags = batch.tags.length + batch.removedTags.length;
  for (let index = 0; index < tags; index++) refusals.add({ ...refusal, kind: "tag", index });
  if (batch.end) refusals.add({ ...refusal, kind: "end" });
  return refusals.all();
}
