import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import { Connection } from "./connection.js";
import { faultOf } from "./faults.js";
import { refuseOddFiles } from "./odd-files.js";
import { isEmpty, readShape } from "./shape.js";

/** What a database is, without a change to it. */
export type DatabaseFinding =
  /** It is made with the first delivery. */
  | { readonly kind: "missing" }
  | { readonly kind: "empty" }
  /** MLflow's, of a shape that can be written to. */
  | { readonly kind: "understood"; readonly revision: string };

/**
 * Looks at a tracker's database. Throws what would hold its lanes or make them wait:
 * STEPWELL_DATABASE_NOT_UNDERSTOOD, STEPWELL_DATABASE_LOCKED or STEPWELL_DATABASE_FAILED.
 */
export function inspectDatabase(path: string): DatabaseFinding {
  if (!existsSync(path)) {
    checkPlace(path);
    return { kind: "missing" };
  }
  refuseOddFiles(path);
  const connection = Connection.open(path);
  try {
    if (isEmpty(connection)) return { kind: "empty" };
    readShape(connection, path);
    const hasRevision = connection.row("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'");
    const [revision] = (hasRevision && connection.row("SELECT version_num FROM alembic_version")) ?? [];
    return { kind: "understood", revision: String(revision ?? "none") };
  } finally {
    connection.close();
  }
}

/** Whether the file, and the folders that are missing, can be made. */
function checkPlace(path: string): void {
  let folder = dirname(path);
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw faultOf(error, path);
  }
}
