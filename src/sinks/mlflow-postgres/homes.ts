/** The table of homes: ours, in MLflow's database. Each transaction of a home counts its row up (model/store-mark.ts). */
import type { Connection } from "./connection.js";

/** The homes' transactions that are in this database. */
export async function readWrites(
  connection: Connection,
  homeIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await connection.rows("SELECT home_id, writes FROM stepwell_homes WHERE home_id = ANY ($1)", [
    homeIds,
  ]);
  const found = new Map(rows.map(([homeId, writes]) => [homeId ?? "", Number(writes)]));
  return new Map(homeIds.map((homeId) => [homeId, found.get(homeId) ?? 0]));
}

/**
 * Counts one more for each home; answers the counts. It is the last statement of a transaction, because the
 * homes' rows stay locked until it ends; and it writes, so that the commit waits for the standby (docs/decisions/0019-postgres-store.md).
 */
export async function countWrites(
  connection: Connection,
  homeIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await connection.rows(
    `INSERT INTO stepwell_homes AS h (home_id, writes)
     SELECT home_id, 1 FROM unnest($1::text[]) AS home_id ORDER BY home_id
     ON CONFLICT (home_id) DO UPDATE SET writes = h.writes + 1 RETURNING home_id, writes`,
    [homeIds],
  );
  return new Map(rows.map(([homeId, writes]) => [homeId ?? "", Number(writes)]));
}

/** Locks the homes' rows, which is written to the log: so the commit confirms all that was read before it. */
export async function touchHomes(connection: Connection, homeIds: readonly string[]): Promise<void> {
  await connection.rows("SELECT FROM stepwell_homes WHERE home_id = ANY ($1) ORDER BY home_id FOR UPDATE", [
    homeIds,
  ]);
}
