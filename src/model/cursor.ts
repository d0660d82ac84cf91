/**
 * Cursors: how far a backend has a run, kept in the backend itself, in the transaction that writes
 * the entries. Equality decides, in `judgeCursor` alone; every backend that keeps cursors uses it.
 *
 * A home's folder can be copied, or put back to an earlier state, and so can a backend. Positions
 * begin again then where they had been before, and a comparison of numbers would take what another
 * copy wrote for our own. So each start of a daemon has a random name, its incarnation, which is in
 * the home's own history, with the position at which it began; a cursor names who wrote it. A copy
 * and its original share their history up to the copy, and nothing behind it.
 *
 *   as believed  the cursor is where this home left it
 *   moved        this home moved it, and did not hear the answer
 *   forgot       it is behind what was delivered: the backend is an earlier state of itself
 *   foreign      no daemon of this home wrote it: the home is a copy, or an earlier state of itself
 */

/** Who writes cursors: a home, and one start of its daemon. */
export interface Author {
  readonly homeId: string;
  readonly incarnation: string;
}

/** How far one run has been confirmed by a backend, as it says itself. */
export interface Cursor {
  /** Every record of the run through this journal position is in the backend; 0: none. */
  readonly seq: number;
  /** Metric points of the run through seq. */
  readonly points: number;
  /** Bytes of the run's records through seq; undefined where an earlier version wrote it. */
  readonly bytes: number | undefined;
  /** The start of a daemon that wrote it; empty: one of a version that had no names for them. */
  readonly incarnation: string;
}

/** Where a home left a run's cursor. */
export interface LeftCursor extends Author {
  readonly seq: number;
}

/** A run's cursor that is asked for: whose, and where it was left. */
export interface CursorQuestion {
  readonly author: Author;
  readonly runId: string;
  readonly after: LeftCursor | undefined;
}

/** A cursor with the home's id that it stands under. */
export interface CursorAnswer {
  readonly homeId: string;
  readonly cursor: Cursor | undefined;
  /** The backend keeps none: it is said to be where it was left, because nothing tells. */
  readonly isAssumed?: true;
}

export type Standing = "as believed" | "moved" | "forgot" | "foreign";

/** One start of a home's daemon: it wrote no position before this one, and none from the next one's on. */
export interface Incarnation {
  readonly id: string;
  readonly fromSeq: number;
}

/** What a home knows of its own past. */
export interface OwnPast {
  /** Every start, the oldest first; the last one is the running daemon's. */
  readonly incarnations: readonly Incarnation[];
  /** The last position that was journaled. */
  readonly journaledSeq: number;
  /** Last positions of packs of the run that this daemon sent without hearing what became of them. */
  readonly unheard: readonly number[];
  /** The last position of the run that this home gave away in a bundle; whoever imports it stops where it likes. */
  readonly exportedSeq?: number;
}

/** Whether a cursor is where the sender left it; sinks ask this inside the transaction that writes. */
export function isAsBelieved(found: Cursor | undefined, left: LeftCursor | undefined): boolean {
  if (!found || !left) return !found && !left;
  return found.seq === left.seq && found.incarnation === left.incarnation;
}

/** What it means where a cursor stands. */
export function judgeCursor(
  found: Cursor | undefined,
  left: LeftCursor | undefined,
  past: OwnPast,
): Standing {
  if (isAsBelieved(found, left)) return "as believed";
  if (!found) return "forgot";
  if (!isOurs(found, left, past)) return "foreign";
  return left && found.seq < left.seq ? "forgot" : "moved";
}

function isOurs(found: Cursor, left: LeftCursor | undefined, past: OwnPast): boolean {
  const { incarnations, journaledSeq, unheard, exportedSeq = 0 } = past;
  const index = incarnations.findIndex(({ id }) => id === found.incarnation);
  // A daemon remembers what it sent: another one with its name is a copy of its memory, as of a virtual machine's.
  if (index >= 0 && index === incarnations.length - 1)
    return (
      found.seq <= journaledSeq &&
      (found.seq <= Math.max(left?.seq ?? 0, exportedSeq) || unheard.includes(found.seq))
    );
  // What wrote no name came before the first start that has one.
  const next = found.incarnation === "" ? incarnations[0] : index < 0 ? undefined : incarnations[index + 1];
  return next !== undefined && found.seq < next.fromSeq;
}
