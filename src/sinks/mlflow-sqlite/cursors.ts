/**
 * The table of cursors: ours, in MLflow's database. Several homes can write to one database, so a
 * home's id is part of the key; a home that took a new id finds what it left under its earlier one.
 */
import type { Author, Cursor, CursorAnswer, CursorQuestion } from "../../model/cursor.js";
import type { Connection } from "./connection.js";

/** Where a run of a home stands; undefined for one that this database doesn't know. */
function readCursor(connection: Connection, homeId: string, runId: string): Cursor | undefined {
  const row = connection.row(
    "SELECT seq, points, bytes, incarnation FROM stepwell_cursors WHERE home_id = ? AND run_uuid = ?",
    [homeId, runId],
  );
  if (!row) return undefined;
  const [seq, points, bytes, incarnation] = row;
  return {
    seq: Number(seq),
    points: Number(points),
    bytes: bytes === null || bytes === undefined ? undefined : Number(bytes),
    incarnation: String(incarnation ?? ""),
  };
}

/** The cursor that a pack's sender means, with the id that it stands under. */
export function cursorFor(connection: Connection, { author, after, runId }: CursorQuestion): CursorAnswer {
  const own = readCursor(connection, author.homeId, runId);
  if (own || !after || after.homeId === author.homeId) return { homeId: author.homeId, cursor: own };
  return { homeId: after.homeId, cursor: readCursor(connection, after.homeId, runId) };
}

/** Sets it, inside the transaction that writes what it stands for. */
export function writeCursor(
  connection: Connection,
  { homeId, incarnation }: Author,
  runId: string,
  { seq, points, bytes }: Omit<Cursor, "incarnation">,
): void {
  connection.run(
    "INSERT OR REPLACE INTO stepwell_cursors (home_id, run_uuid, seq, points, bytes, incarnation) VALUES (?, ?, ?, ?, ?, ?)",
    [homeId, runId, seq, points, bytes ?? null, incarnation],
  );
}
