/** Two rows of buckets made one, where some of the one stand among those of the other. */
import { BucketRows, X_FIRST, X_LAST } from "./bucket-rows.js";

/**
 * Buckets of points that were logged earlier, and of later ones, in one order. Those that reach into one another are put
 * together: which of their points comes first is not known any more.
 */
export function interleave(earlier: BucketRows, later: BucketRows): BucketRows {
  const rows = new BucketRows(earlier.length + later.length);
  let [one, other] = [0, 0];
  // Whether points that were logged later stand where the last bucket ends.
  let endsLater = false;
  while (one < earlier.length || other < later.length) {
    // At the same place the earlier come first.
    const isLater =
      one === earlier.length ||
      (other < later.length && later.compare(other, X_FIRST, earlier, one, X_FIRST) < 0);
    const next = rows.length;
    rows.set(next, isLater ? later : earlier, isLater ? other++ : one++);
    const last = next - 1;
    const distance = last < 0 ? 1 : rows.compare(next, X_FIRST, rows, last, X_LAST);
    if (distance < 0 || (distance === 0 && endsLater && !isLater)) {
      const longer = rows.compare(next, X_LAST, rows, last, X_LAST);
      rows.join(last, next, longer < 0 || (longer === 0 && endsLater && !isLater));
      endsLater = longer > 0 ? isLater : endsLater || (longer === 0 && isLater);
    } else {
      rows.length += 1;
      endsLater = isLater;
    }
  }
  return rows;
}
