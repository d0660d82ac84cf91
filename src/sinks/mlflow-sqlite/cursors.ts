import type { Cursor } from "../sink.js";
import type { Connection } from "./connection.js";

/** Where a run of this home stands; undefined for one that this database doesn't know. */
export function readCursor(connection: Connection, homeId: string, runId: string): Cursor | undefined {
  const row = connection.row("SELECT seq, points FROM stepwell_cursors WHERE home_id = ? AND run_uuid = ?", [
    homeId,
    runId,
  ]);
  return row && { seq: Number(row[0]), points: Number(row[1]) };
}

/** Sets it, inside the transaction that writes what it stands for. */
export function writeCursor(connection: Connection, homeId: string, runId: string, cursor: Cursor): void {
  connection.run(
    "INSERT OR REPLACE INTO stepwell_cursors (home_id, run_uuid, seq, points) VALUES (?, ?, ?, ?)",
    [homeId, runId, cursor.seq, cursor.points],
  );
}
