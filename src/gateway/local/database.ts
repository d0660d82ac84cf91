/**
 * The tracker's MLflow file, as its answers read and write it: one connection, one transaction a request. It is
 * MLflow's and the sink's file too, so that it may be busy, replaced or migrated between two requests.
 *
 * Answers name tables without a schema and see what an older file lacks as empty (older-files.ts). What is written
 * goes to the tables of the schema `main`.
 */
import { statSync } from "node:fs";
import Database from "libsql";
import { StepwellError } from "../../errors/stepwell-error.js";
import { systemClock } from "../../home/clock.js";
import { Connection } from "../../sinks/mlflow-sqlite/connection.js";
import { goneFault } from "../../sinks/mlflow-sqlite/homes.js";
import { refuseOddFiles } from "../../sinks/mlflow-sqlite/odd-files.js";
import { createTables } from "../../sinks/mlflow-sqlite/schema.js";
import { RequestFault } from "../requests/request-fault.js";
import type { ArtifactPlace } from "./artifact-location.js";
import type { Cell, Queries } from "./cells.js";
import { type Lacks, standIn } from "./older-files.js";
import { PreparedQueries } from "./prepared-queries.js";

/** Where the file is, and where artifacts of its new experiments go. */
export interface Place extends ArtifactPlace {
  readonly databasePath: string;
  /** How long a request waits for somebody's lock. */
  readonly busyTimeoutMs: number;
  /** The daemon's home, which is not made where it is missing. */
  readonly home?: string | undefined;
}

/** Tables that a search reads. */
export interface ReadTables extends Queries {
  readonly place: ArtifactPlace;
  /** Runs what only reads, on one state of them. */
  read<Value>(action: () => Value): Value;
}

/** SQLite's own 2 MiB hold too little of a large store's indexes: a search reads them page by page. */
const CACHE_KIB = 32_768;

/** The file may be back in a moment: it is as a server that is away. */
const AWAY: readonly string[] = ["STEPWELL_DATABASE_LOCKED", "STEPWELL_STORE_GONE"];

/** SQLite's primary result codes (sqlite.org/rescode.html). */
const BUSY_CODES = [5, 6];
const CONSTRAINT_CODE = 19;

export class LocalDatabase extends PreparedQueries implements ReadTables {
  readonly place: Place;
  /** Whether the file, and its tables, are made where there are none: not where runs were delivered to it before. */
  mayMake = true;
  /** MLflow's release whose tables the last write made: an older one can't open the file any more. */
  upgradedTo: string | undefined;
  #open: { readonly database: Database.Database; readonly identity: string } | undefined;
  #schemaVersion: bigint | undefined;
  #lacks: Lacks = { inputs: false, models: false };

  constructor(place: Place) {
    super();
    this.place = place;
  }

  /** What the file's tables are too old for; known within a transaction. */
  get lacks(): Lacks {
    return this.#lacks;
  }

  /** Runs what only reads, on one state of the file. */
  read<Value>(action: () => Value): Value {
    return this.#transact("BEGIN", action);
  }

  /** Runs what writes, as one change of the file or none. */
  write<Value>(action: () => Value): Value {
    return this.#transact("BEGIN IMMEDIATE", action);
  }

  close(): void {
    this.forgetStatements();
    this.#open?.database.close();
    this.#open = undefined;
    this.#schemaVersion = undefined;
  }

  #transact<Value>(begin: string, action: () => Value): Value {
    try {
      const database = this.#connect();
      database.exec(begin);
      this.#understand(database, begin);
      const value = action();
      database.exec("COMMIT");
      return value;
    } catch (error) {
      this.#rollback();
      throw faultOf(error);
    }
  }

  #connect(): Database.Database {
    const { databasePath } = this.place;
    refuseOddFiles(databasePath);
    if (this.#open && this.#open.identity !== identityOf(databasePath)) this.close();
    if (!this.#open) {
      // The sink's own way: with its folders, and for this user alone.
      if (identityOf(databasePath) === undefined) {
        if (!this.mayMake) throw goneFault(databasePath, "is gone");
        Connection.open(databasePath, this.place.home).close();
      }
      const database = new Database(databasePath, { timeout: this.place.busyTimeoutMs });
      // As MLflow has it for each of its sessions; synced like the sink's, since an answer is a promise.
      database.exec(
        `PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = ON; PRAGMA case_sensitive_like = true; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = MEMORY`,
      );
      this.#open = { database, identity: identityOf(databasePath) ?? "" };
    }
    return this.#open.database;
  }

  /** Looks at the tables again whenever somebody changed them; makes them in a file that has none. */
  #understand(database: Database.Database, begin: string): void {
    const [version] = this.row("PRAGMA main.schema_version") ?? [];
    if (typeof version === "bigint" && version === this.#schemaVersion) return;
    if (this.#isEmpty()) {
      if (!this.mayMake) throw goneFault(this.place.databasePath, "is empty");
      if (begin === "BEGIN") database.exec("ROLLBACK; BEGIN IMMEDIATE");
      const tables = {
        exec: (sql: string) => void database.exec(sql),
        run: (sql: string, values: readonly Cell[] = []) => this.run(sql, values),
      };
      if (this.#isEmpty()) createTables(tables, this.place.artifactRoot, systemClock.nowMs());
    }
    this.lookAgain();
  }

  /** Looks at the tables, which somebody has changed. */
  lookAgain(): void {
    this.forgetStatements();
    this.#lacks = standIn(this, this.place.databasePath);
    const [now] = this.row("PRAGMA main.schema_version") ?? [];
    this.#schemaVersion = typeof now === "bigint" ? now : undefined;
  }

  #isEmpty(): boolean {
    return this.row("SELECT 1 FROM main.sqlite_master") === undefined;
  }

  #rollback(): void {
    if (!this.#open?.database.inTransaction) return;
    try {
      this.#open.database.exec("ROLLBACK");
    } catch {
      this.close();
    }
    this.#schemaVersion = undefined;
  }

  protected prepare(sql: string): Database.Statement {
    if (!this.#open) throw new Error("no transaction is open");
    return this.#open.database.prepare(sql);
  }
}

function identityOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}`;
}

/** What SQLite said, as MLflow's server says it. */
export function faultOf(error: unknown): RequestFault {
  if (error instanceof RequestFault) return error;
  if (error instanceof StepwellError) {
    const code = AWAY.includes(error.code) ? "TEMPORARILY_UNAVAILABLE" : "INTERNAL_ERROR";
    return new RequestFault(code, `${error.message} ${error.row.remedy} (${error.code})`);
  }
  const message = error instanceof Error ? error.message : String(error);
  const code = Number((error as { rawCode?: unknown }).rawCode ?? 0) & 0xff;
  if (BUSY_CODES.includes(code))
    return new RequestFault("TEMPORARILY_UNAVAILABLE", `(sqlite3.OperationalError) ${message}`);
  if (code === CONSTRAINT_CODE) return new RequestFault("BAD_REQUEST", `(sqlite3.IntegrityError) ${message}`);
  return new RequestFault("INTERNAL_ERROR", message);
}
