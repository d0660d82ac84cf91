/** Statements on a database of SQLite, each prepared once, with whole numbers of 64 bits. */
import type Database from "libsql";
import { isInt64 } from "../requests/python.js";
import { RequestFault } from "../requests/request-fault.js";
import { type Cell, LIST_ELSEWHERE, type Queries } from "./cells.js";

/** Statements of searches are as many as there are searches. */
const STATEMENTS_MAX = 200;

export abstract class PreparedQueries implements Queries {
  readonly #statements = new Map<string, Database.Statement>();

  /** Prepares a statement on the database that is open. */
  protected abstract prepare(sql: string): Database.Statement;

  rows(sql: string, values: readonly Cell[] = []): Cell[][] {
    checkIntegers(values);
    return this.#prepared(sql).raw().all(values) as Cell[][];
  }

  row(sql: string, values: readonly Cell[] = []): Cell[] | undefined {
    return this.rows(sql, values)[0];
  }

  run(sql: string, values: readonly Cell[] = []): number {
    checkIntegers(values);
    return this.#prepared(sql).run(values).changes;
  }

  /** What was prepared is for another database, or for other tables. */
  protected forgetStatements(): void {
    this.#statements.clear();
  }

  #prepared(sql: string): Database.Statement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      if (this.#statements.size >= STATEMENTS_MAX) this.#statements.clear();
      statement = this.prepare(sql).safeIntegers(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** As Python's binding of SQLite says it. */
function checkIntegers(values: readonly Cell[]): void {
  if (values.includes(LIST_ELSEWHERE))
    throw new RequestFault(
      "BAD_REQUEST",
      "(sqlite3.ProgrammingError) Error binding parameter 1: type 'tuple' is not supported",
    );
  if (values.every((value) => typeof value !== "bigint" || isInt64(value))) return;
  throw new RequestFault("INTERNAL_ERROR", "Python int too large to convert to SQLite INTEGER");
}
