/**
 * What follows from a backend's cursor that is not where this home left it (model/cursor.ts judges):
 * where the lane goes on.
 */
import type { JournalRecord } from "../journal/record.js";
import { type Cursor, judgeCursor, type LeftCursor } from "../model/cursor.js";
import type { Target } from "../model/target.js";
import { sayNewId } from "../runs/home-history.js";
import { type Delivered, deliveredTo, forgottenBehind, type Run, type RunPosition } from "../runs/run.js";
import type { FlusherOptions } from "./flusher-options.js";
import { positionBefore } from "./hole.js";

/** A run's cursor as it was found at a backend. */
export interface FoundCursor {
  readonly run: Run;
  readonly target: Target;
  /** Where it was left. */
  readonly left: LeftCursor | undefined;
  /** The home's id that it stands under. */
  readonly homeId: string;
  readonly cursor: Cursor | undefined;
  /** Last positions of packs that this daemon sent without hearing what became of them. */
  readonly unheard: readonly number[];
  /** The last position of the run that was given away in a bundle; 0: none. */
  readonly exportedSeq?: number;
}

/** What it needs, and whom it tells. */
export type FollowParts = Pick<FlusherOptions, "journal" | "history" | "notices" | "runs" | "log">;

/** Where the run's lane goes on; undefined where that can't be told now, or nothing changes. */
export async function followCursor(
  parts: FollowParts,
  found: FoundCursor,
  sent: readonly JournalRecord[],
): Promise<Delivered | undefined> {
  const { journal, history } = parts;
  const { run, target, cursor, left, homeId, unheard, exportedSeq = 0 } = found;
  const past = { incarnations: history.incarnations, journaledSeq: journal.lastSeq, unheard, exportedSeq };
  const position = deliveredTo(run, target.trackerId);
  switch (judgeCursor(cursor, left, past)) {
    case "as believed":
      return undefined;
    case "moved":
      return cursor && (await goOnFrom(parts, run, position, { homeId, cursor }, sent));
    case "forgot":
      return goBack(parts, found, position);
    case "foreign": {
      if (homeId === history.homeId) await becomeAnother(parts, found);
      // Under the new id there is no cursor yet; what the other one wrote is nothing to this home.
      return { ...position, cursor: undefined };
    }
  }
}

/** The backend has more than the run book knew: this home sent it and did not hear the answer. */
async function goOnFrom(
  { journal }: FollowParts,
  run: Run,
  position: Delivered,
  { homeId, cursor }: { readonly homeId: string; readonly cursor: Cursor },
  sent: readonly JournalRecord[],
): Promise<Delivered | undefined> {
  const { seq, incarnation } = cursor;
  const left = { homeId, incarnation, seq };
  if (seq <= position.seq) return { ...position, cursor: left };
  // It may have a part of what it forgot by now; for the rest all is as before.
  const rest = { cursor: left, forgot: forgottenBehind(position, seq) };
  const known = sent.find((record) => record.seq === seq)?.through;
  if (known) return { ...known, ...rest };
  const [record] = await journal.read(run.number, seq - 1, { points: 1, texts: 1, records: 1 });
  // Nothing can be read now: the backend will say it again.
  if (journal.failure) return undefined;
  if (record?.seq === seq) return { ...record.through, ...rest };
  return { ...positionOf(cursor, position.bytes, record), ...rest };
}

/** The backend is an earlier state of itself: what the journal still has is sent again. */
function goBack(
  { journal, log, notices }: FollowParts,
  { run, target, homeId, cursor }: FoundCursor,
  position: Delivered,
): Delivered {
  const { number, runId } = run;
  const { forgot: earlier, cursor: _, ...whole } = position;
  const forgot = earlier && earlier.seq > whole.seq ? earlier : whole;
  // Totals of a run that is delivered are known by its position alone.
  journal.adopt(number, forgot);
  const seq = cursor?.seq ?? 0;
  const through = cursor ? { ...cursor, bytes: cursor.bytes ?? whole.bytes } : { seq, points: 0, bytes: 0 };
  const points = whole.points - through.points;
  log("error", "a backend forgot entries of a run; they are sent again", {
    ...{ runId, tracker: target.tracker, points },
  });
  notices.add(
    `The store of tracker ${target.tracker} went back to an earlier state: what is missing there is sent again, as far as it is in the journal.`,
  );
  const left = cursor && { homeId, incarnation: cursor.incarnation, seq };
  return { seq, points: through.points, bytes: through.bytes, cursor: left, forgot };
}

/** Somebody else goes by this home's id: this one is a copy, or an earlier state of one that went on. */
async function becomeAnother(
  { history, notices, log }: FollowParts,
  { run, target, homeId }: FoundCursor,
): Promise<void> {
  const { runId } = run;
  const taken = await history.takeNewId(homeId, { runId, tracker: target.tracker });
  if (!taken) return;
  notices.add(sayNewId(taken));
  log("warn", "this home is a copy, or an earlier state of one that went on: it has taken a new id", {
    ...{ earlierId: taken.earlierId, homeId: taken.homeId, runId, tracker: target.tracker },
  });
}

/** Where a cursor stands, by the record behind it where it does not tell its bytes. */
function positionOf(
  { seq, points, bytes }: Cursor,
  bytesMost: number,
  next: JournalRecord | undefined,
): RunPosition {
  if (bytes !== undefined) return { seq, points, bytes };
  const before = next && positionBefore(next);
  return before?.points === points ? { ...before, seq } : { seq, points, bytes: bytesMost };
}
