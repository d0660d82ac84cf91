/**
 * A look for damaged pages before anything is called delivered: after a daemon that died with the
 * database open, and when the file changed without SQLite. It takes a second for each 100 MB (measured
 * on a busy machine), and writers wait meanwhile; so of a large file only the tables are looked at that
 * decide what is there. A damaged page of the others stops the transaction that touches it.
 */
import { StepwellError } from "../../errors/stepwell-error.js";
import type { Connection } from "./connection.js";

const WHOLE_BYTES_MAX = 256 * 1024 * 1024;
const DECIDING = [
  "stepwell_cursors",
  "stepwell_homes",
  "runs",
  "experiments",
  "latest_metrics",
  "params",
  "tags",
];

/** Throws STEPWELL_DATABASE_DAMAGED with the first damage that was found. */
export function checkPages(connection: Connection, path: string, bytes: number): void {
  const [found] = bytes <= WHOLE_BYTES_MAX ? [checkOne(connection, "")] : faultsOf(connection);
  if (found !== undefined)
    throw new StepwellError("STEPWELL_DATABASE_DAMAGED", `${path} is damaged: ${found}.`);
}

function faultsOf(connection: Connection): string[] {
  return DECIDING.filter((name) => connection.row("SELECT 1 FROM sqlite_master WHERE name = ?", [name]))
    .map((name) => checkOne(connection, `'${name}'`))
    .filter((found) => found !== undefined);
}

function checkOne(connection: Connection, table: string): string | undefined {
  const argument = table === "" ? "1" : table;
  const [said] = connection.row(`PRAGMA quick_check(${argument})`) ?? [];
  return said === "ok" ? undefined : String(said).split("\n")[0];
}
