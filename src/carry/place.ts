/**
 * Where the delivery of a bundle's run begins: pure. Equality of cursors decides, as for every delivery
 * (model/cursor.ts); what the importing home remembers decides where a backend keeps none.
 *
 *   from     behind this position
 *   done     the backend has all of it already
 *   gap      what comes before is not there
 *   foreign  somebody else went on under the home's id
 */
import { type CursorAnswer, isAsBelieved, type LeftCursor } from "../model/cursor.js";
import type { Imported } from "../runs/import-book.js";
import type { RunPosition } from "../runs/run.js";

/** One run of a bundle. */
export interface CarriedRun {
  readonly runId: string;
  /** Where the backend's cursor is to be found. */
  readonly after: LeftCursor | undefined;
  /** The position behind which its records begin. */
  readonly from: RunPosition;
  /** The bundle that ended there; 0: none did. */
  readonly afterBundle: number;
  /** Its last record's. */
  readonly last: RunPosition;
}

export type Place =
  | { readonly kind: "from" | "done"; readonly through: RunPosition; readonly left: LeftCursor | undefined }
  | { readonly kind: "gap" | "foreign" };

/**
 * `answer` is the backend's own, or none or assumed where it keeps no cursors; `incarnations` are the starts of the
 * bundle's home that it knows of.
 */
export function placeOf(
  run: CarriedRun,
  answer: CursorAnswer | undefined,
  kept: Imported | undefined,
  incarnations: readonly string[],
): Place {
  const { after, from, afterBundle, last } = run;
  const behind = (through: RunPosition, left: LeftCursor | undefined): Place => ({
    kind: through.seq >= last.seq ? "done" : "from",
    ...{ through, left },
  });
  if (!answer || answer.isAssumed) {
    if (kept) return kept.through.seq < from.seq ? { kind: "gap" } : behind(kept.through, kept.left);
    return afterBundle === 0 ? behind(from, after) : { kind: "gap" };
  }
  const { cursor: found, homeId } = answer;
  if (kept && isAsBelieved(found, kept.left) && kept.through.seq >= from.seq)
    return behind(kept.through, kept.left);
  if (isAsBelieved(found, after)) return behind(from, after);
  if (!found || found.seq < from.seq) return { kind: "gap" };
  const { seq, points, bytes = 0, incarnation } = found;
  // A bundle does not know of starts that came after it: what is behind its end is for its home to judge.
  if (seq < last.seq && !incarnations.includes(incarnation)) return { kind: "foreign" };
  return behind({ seq, points, bytes }, { homeId, incarnation, seq });
}
