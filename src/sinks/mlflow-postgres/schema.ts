/** Our tables in MLflow's database, which leaves foreign tables alone: how far runs are, and homes' transactions. */
import { StepwellError } from "../../errors/stepwell-error.js";
import type { Connection } from "./connection.js";

/** What a database administrator can run where the daemon's user may make no tables. */
export const OWN_TABLES = `
CREATE TABLE IF NOT EXISTS stepwell_cursors (
  home_id VARCHAR(32) NOT NULL,
  run_uuid VARCHAR(32) NOT NULL,
  seq BIGINT NOT NULL,
  points BIGINT NOT NULL,
  bytes BIGINT,
  incarnation VARCHAR(32),
  PRIMARY KEY (home_id, run_uuid)
) WITH (fillfactor = 50);
CREATE TABLE IF NOT EXISTS stepwell_homes (
  home_id VARCHAR(32) NOT NULL PRIMARY KEY,
  writes BIGINT NOT NULL
) WITH (fillfactor = 50)
`;

/** Whether both are there. */
export async function hasOwnTables(connection: Connection): Promise<boolean> {
  const [found] = await connection.rows(
    "SELECT to_regclass('stepwell_cursors') IS NOT NULL AND to_regclass('stepwell_homes') IS NOT NULL",
  );
  return found?.[0] === "t";
}

/** Makes them in the caller's transaction. */
export async function createOwnTables(connection: Connection): Promise<void> {
  // Two that make one table at a time collide in the catalog, whatever IF NOT EXISTS says.
  await connection.rows("SELECT pg_advisory_xact_lock(hashtext('stepwell_cursors'))");
  await connection.exec(OWN_TABLES);
}

/** Of a database that was delivered to and has lost what tells how far runs are. */
export function goneFault(database: string): StepwellError {
  const sentence = `${database} is another one, or has lost what tells how far runs are, though runs were delivered to it.`;
  return new StepwellError("STEPWELL_STORE_GONE", sentence);
}
