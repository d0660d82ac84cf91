/** Tables that only relays have, beside those that every daemon has (schema.ts). */
import type { Connection } from "./connection.js";

/** What a database administrator can run where the relay's user may make no tables. */
const RELAY_TABLES = `
CREATE TABLE IF NOT EXISTS stepwell_identities (
  home_id VARCHAR(32) NOT NULL PRIMARY KEY,
  identity TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS stepwell_tenants (
  tenant VARCHAR(64) NOT NULL PRIMARY KEY,
  points DOUBLE PRECISION NOT NULL,
  bytes DOUBLE PRECISION NOT NULL,
  at TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 50)
`;

const there = new WeakSet<Connection>();

/** Makes them in the caller's transaction where they are missing. */
export async function ensureRelayTables(connection: Connection): Promise<void> {
  if (await hasRelayTables(connection)) return;
  // Two that make one table at a time collide in the catalog, whatever IF NOT EXISTS says.
  await connection.rows("SELECT pg_advisory_xact_lock(hashtext('stepwell_cursors'))");
  await connection.exec(RELAY_TABLES);
}

/** They may be gone. */
export function forgetRelayTables(connection: Connection): void {
  there.delete(connection);
}

/** Whether both are there. */
export async function hasRelayTables(connection: Connection): Promise<boolean> {
  if (there.has(connection)) return true;
  const [found] = await connection.rows(
    "SELECT to_regclass('stepwell_identities') IS NOT NULL AND to_regclass('stepwell_tenants') IS NOT NULL",
  );
  if (found?.[0] !== "t") return false;
  there.add(connection);
  return true;
}
