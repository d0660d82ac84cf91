import Database from "libsql";

/** The rows that a query gives on a database file, each an array; integers as text, so that none is rounded. */
export function query(databasePath: string, sql: string, ...values: string[]): unknown[][] {
  const database = new Database(databasePath, { timeout: 5_000 });
  try {
    const statement = database.prepare(sql).raw();
    statement.safeIntegers(true);
    const rows = statement.all(...values) as unknown[][];
    return rows.map((row) => row.map((value) => (typeof value === "bigint" ? String(value) : value)));
  } finally {
    database.close();
  }
}

/** Where a run of a home stands in a database; undefined where it doesn't know the run. */
export function cursorIn(databasePath: string, runId: string, homeId: string) {
  const sql = "SELECT seq, points FROM stepwell_cursors WHERE run_uuid = ? AND home_id = ?";
  const [row] = query(databasePath, sql, runId, homeId);
  return row && { seq: Number(row[0]), points: Number(row[1]) };
}

/** Runs statements on a database file, as somebody else's program would. */
export function change(databasePath: string, sql: string): void {
  const database = new Database(databasePath, { timeout: 5_000 });
  try {
    database.exec(`PRAGMA foreign_keys = OFF; ${sql}`);
  } finally {
    database.close();
  }
}

/** Takes the database's lock as a writer does; the answer gives it back. */
export function holdLock(databasePath: string): () => void {
  const database = new Database(databasePath, { timeout: 5_000 });
  database.exec("BEGIN EXCLUSIVE");
  return () => {
    database.exec("ROLLBACK");
    database.close();
  };
}
