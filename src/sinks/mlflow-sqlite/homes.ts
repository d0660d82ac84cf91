/** The table of homes: ours, in MLflow's database. Each transaction of a home counts its row up (model/store-mark.ts). */
import { StepwellError } from "../../errors/stepwell-error.js";
import { isNewStore, type StoreMark } from "../../model/store-mark.js";
import type { Connection } from "./connection.js";
import { isEmpty } from "./shape.js";

const HOME_TABLE = `
CREATE TABLE IF NOT EXISTS stepwell_homes (
  home_id VARCHAR(32) NOT NULL,
  writes BIGINT NOT NULL,
  PRIMARY KEY (home_id)
) WITHOUT ROWID
`;

/** Makes the table where it is missing, inside the caller's transaction. */
export function createHomeTable(connection: Connection): void {
  connection.exec(HOME_TABLE);
}

/** The home's transactions that are in this database. */
export function writesOf(connection: Connection, homeId: string): number {
  if (!hasTable(connection, "stepwell_homes")) return 0;
  return connection.number("SELECT writes FROM stepwell_homes WHERE home_id = ?", [homeId]);
}

/** Counts one more. */
export function countWrite(connection: Connection, homeId: string, writes: number): void {
  connection.run("INSERT OR REPLACE INTO stepwell_homes (home_id, writes) VALUES (?, ?)", [homeId, writes]);
}

/** Throws STEPWELL_STORE_GONE for a database that was delivered to and has lost what was in it. */
export function checkKept(connection: Connection, path: string, mark: StoreMark): void {
  if (isNewStore(mark)) return;
  if (isEmpty(connection)) throw goneFault(path, "is empty");
  if (!hasTable(connection, "stepwell_cursors"))
    throw goneFault(path, "is another database, or has lost what tells how far runs are");
}

export function goneFault(path: string, what: string): StepwellError {
  return new StepwellError("STEPWELL_STORE_GONE", `${path} ${what}, though runs were delivered to it.`);
}

/** Whether the database has a table of that name. */
export function hasTable(connection: Connection, name: string): boolean {
  return (
    connection.row("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", [name]) !== undefined
  );
}
