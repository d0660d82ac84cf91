/** Which keys of which runs got points, for those that follow curves. */
import type { WrittenRecord } from "../journal/append.js";
import { viewBatch } from "../model/batch-view.js";
import { ColumnPlaces } from "./column-places.js";

const places = new ColumnPlaces();

/** Adds the keys of a record to what changed, by the runs' numbers. */
export function noteKeys(changed: Map<number, Set<string>>, { run, payload }: WrittenRecord): void {
  const keys = changed.get(run) ?? new Set();
  changed.set(run, keys);
  if (places.find(payload))
    for (let column = 0; column < places.count; column++) keys.add(places.key(column));
  else for (const { key = "" } of viewBatch(payload).columns) keys.add(key);
}
