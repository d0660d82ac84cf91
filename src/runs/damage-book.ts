/**
 * What was delivered when a journal segment was found damaged: lanes go on behind what is
 * missing, so that later only this tells which of the segment's records nobody got. A
 * cursor on disk may be a little behind; a record that is delivered twice for it is one.
 */
import type { Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";
import { type Run, releasedSeq } from "./run.js";

/** Positions through which runs were delivered, by the runs' numbers; who is missing had everything. */
export type Delivered = ReadonlyMap<number, number>;

/** Notes how far these runs are, for each of the damaged segments that has no note yet; it is on disk when this resolves. */
export async function noteDamage(
  store: Store,
  segments: readonly string[],
  runs: Iterable<Run>,
): Promise<void> {
  const value = [...runs].map((run) => [run.number, releasedSeq(run)]);
  for (const key of segments) {
    const known = await store.get(TABLES.damage, key);
    if (known === undefined) await store.write([{ table: TABLES.damage, key, value }], { sync: true });
  }
}

/** What was noted; undefined when nothing was. */
export async function damageOf(store: Store, segment: string): Promise<Delivered | undefined> {
  const value = await store.get<[number, number][]>(TABLES.damage, segment);
  return value && new Map(value);
}

/** Forgets the note of a segment that was read out. */
export async function forgetDamage(store: Store, segment: string): Promise<void> {
  await store.write([{ table: TABLES.damage, key: segment, value: undefined }], { sync: true });
}
