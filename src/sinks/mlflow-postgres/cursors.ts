/**
 * The table of cursors: ours, in MLflow's database. Several homes can write to one database, so a
 * home's id is part of the key; a home that took a new id finds what it left under its earlier one.
 */
import type { Author, Cursor, CursorAnswer, CursorQuestion } from "../../model/cursor.js";
import type { Connection } from "./connection.js";

/** A run's cursor as it is to be. */
export interface CursorRow extends Omit<Cursor, "incarnation"> {
  readonly author: Author;
  readonly runId: string;
}

/**
 * The cursors that packs' senders mean, in the questions' order. Locked, they stay so until the transaction ends:
 * another one that wants to write the same waits, and then sees what this one wrote.
 */
export async function readCursors(
  connection: Connection,
  asked: readonly CursorQuestion[],
  lock: "locked" | "free",
): Promise<CursorAnswer[]> {
  const places = asked.flatMap(({ author, after, runId }) => [
    { homeId: author.homeId, runId },
    ...(after && after.homeId !== author.homeId ? [{ homeId: after.homeId, runId }] : []),
  ]);
  const found = new Map<string, Cursor>();
  const rows = await connection.rows(
    `SELECT c.home_id, c.run_uuid, c.seq, c.points, c.bytes, c.incarnation FROM stepwell_cursors c
     WHERE (c.home_id, c.run_uuid) IN (SELECT * FROM unnest($1::text[], $2::text[]))
     ORDER BY c.home_id, c.run_uuid ${lock === "locked" ? "FOR UPDATE OF c" : ""}`,
    [places.map(({ homeId }) => homeId), places.map(({ runId }) => runId)],
  );
  for (const [homeId, runId, seq, points, bytes, incarnation] of rows)
    found.set(`${homeId} ${runId}`, {
      seq: Number(seq),
      points: Number(points),
      bytes: bytes === null || bytes === undefined ? undefined : Number(bytes),
      incarnation: incarnation ?? "",
    });
  return asked.map(({ author, after, runId }) => {
    const own = found.get(`${author.homeId} ${runId}`);
    if (own || !after || after.homeId === author.homeId) return { homeId: author.homeId, cursor: own };
    return { homeId: after.homeId, cursor: found.get(`${after.homeId} ${runId}`) };
  });
}

/** Adds cursors that were not there; answers whether each of them was added: another transaction may have been first. */
export async function addCursors(connection: Connection, rows: readonly CursorRow[]): Promise<boolean[]> {
  if (rows.length === 0) return [];
  const added = await connection.rows(
    `INSERT INTO stepwell_cursors (home_id, run_uuid, seq, points, bytes, incarnation)
     SELECT * FROM ${UNNEST} ORDER BY 1, 2 ON CONFLICT DO NOTHING RETURNING home_id, run_uuid`,
    columnsOf(rows),
  );
  const names = new Set(added.map(([homeId, runId]) => `${homeId} ${runId}`));
  return rows.map(({ author, runId }) => names.has(`${author.homeId} ${runId}`));
}

/** Sets cursors that are there and locked. */
export async function setCursors(connection: Connection, rows: readonly CursorRow[]): Promise<void> {
  if (rows.length === 0) return;
  await connection.rows(
    `UPDATE stepwell_cursors c SET seq = n.seq, points = n.points, bytes = n.bytes, incarnation = n.incarnation
     FROM ${UNNEST} AS n (home_id, run_uuid, seq, points, bytes, incarnation)
     WHERE c.home_id = n.home_id AND c.run_uuid = n.run_uuid`,
    columnsOf(rows),
  );
}

const UNNEST = "unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[])";

function columnsOf(rows: readonly CursorRow[]) {
  return [
    rows.map(({ author }) => author.homeId),
    rows.map(({ runId }) => runId),
    rows.map(({ seq }) => seq),
    rows.map(({ points }) => points),
    rows.map(({ bytes }) => bytes ?? null),
    rows.map(({ author }) => author.incarnation),
  ];
}
