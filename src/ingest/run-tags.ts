/** Tags that say something of how the daemon keeps their run. */
import type { BatchView } from "../model/batch-view.js";
import { SYSTEM_METRICS_TAG, type SystemWish, wishOfTag } from "../model/system-metrics.js";
import { rankChangesOf } from "../runs/rank.js";

/** Whether a tag of the batch says something of its run's keeping. */
export function changesRun({ tags }: BatchView): boolean {
  return rankChangesOf(tags).length > 0 || systemWishOf(tags) !== undefined;
}

/** What the tags say of metrics of the system; of several the last one counts. */
export function systemWishOf(tags: BatchView["tags"]): SystemWish | undefined {
  const asked = tags.filter(({ key }) => key === SYSTEM_METRICS_TAG).at(-1);
  return asked?.value === undefined ? undefined : wishOfTag(asked.value);
}
