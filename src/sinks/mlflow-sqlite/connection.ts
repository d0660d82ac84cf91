/**
 * One connection to a SQLite file, on the package libsql (docs/decisions/0002-sqlite-binding.md).
 *
 * The journal mode is whatever the file has: MLflow owns the file too. Commits are synced
 * with EXTRA, because in MLflow's rollback mode a commit is the unlinking of a file, and
 * only EXTRA syncs the folder after it: what is reported as delivered is forgotten elsewhere.
 */

import { closeSync, openSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import Database from "libsql";
import { isCode } from "../../errors/system-code.js";
import { faultOf } from "./faults.js";
import { makeFolder } from "./folder.js";

/** What SQLite stores and gives. */
export type SqlValue = string | number | bigint | null;

/** How long a statement waits for somebody's lock. Short: the lane asks again, and no other work waits behind it. */
const BUSY_TIMEOUT_MS = 1_000;
/** Holds the pages of one transaction, so that SQLite need not lock readers out before the commit. */
const CACHE_KIB = 16_384;

/** Throws a StepwellError for all that SQLite reports. */
export class Connection {
  readonly #database: Database.Database;
  readonly #path: string;
  readonly #identity: string;
  readonly #statements = new Map<string, Database.Statement>();

  private constructor(path: string) {
    this.#path = path;
    this.#database = new Database(path, { timeout: BUSY_TIMEOUT_MS });
    this.#identity = identityOf(statSync(path));
    // Foreign keys are checked once for a pack, not once for a row.
    this.#database.exec(
      `PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = MEMORY`,
    );
  }

  /** Opens the file; makes an empty one (mode 0600, in folders of mode 0700 but the home) where there is none. */
  static open(path: string, home?: string): Connection {
    return faulted(path, () => {
      makeFolder(dirname(path), home);
      makeFile(path);
      return new Connection(path);
    });
  }

  /** Whether the path still names the file that was opened. */
  isCurrent(): boolean {
    const stats = statSync(this.#path, { throwIfNoEntry: false });
    return stats !== undefined && identityOf(stats) === this.#identity;
  }

  /** Runs statements without parameters. */
  exec(sql: string): void {
    faulted(this.#path, () => this.#database.exec(sql));
  }

  /** Runs one statement; answers how many rows it changed. */
  run(sql: string, values: readonly SqlValue[] = []): number {
    return faulted(this.#path, () => this.#prepared(sql).run(values).changes);
  }

  /** The statement's rows, each an array of its columns; integers as numbers. */
  rows(sql: string, values: readonly SqlValue[] = []): SqlValue[][] {
    return faulted(this.#path, () => this.#prepared(sql).raw().all(values) as SqlValue[][]);
  }

  /** The first row, or undefined. */
  row(sql: string, values: readonly SqlValue[] = []): SqlValue[] | undefined {
    return this.rows(sql, values)[0];
  }

  /** A pragma's or query's only number; 0 without one. */
  number(sql: string, values: readonly SqlValue[] = []): number {
    return Number(this.row(sql, values)?.[0] ?? 0);
  }

  /** Undoes an open transaction, if there is one. */
  rollback(): void {
    if (this.#database.inTransaction) this.exec("ROLLBACK");
  }

  /** Forgets prepared statements: the tables changed. */
  forgetStatements(): void {
    this.#statements.clear();
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #prepared(sql: string): Database.Statement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** Only where it is missing: closing a file that is there would drop the locks that this process has on it. */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, "ax", 0o600));
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
  }
}

function identityOf(stats: Stats): string {
  return `${stats.dev}:${stats.ino}`;
}

function faulted<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw faultOf(error, path);
  }
}
