/** How our transactions begin and end, and what is known of each connection between them. */
import { StepwellError, toStepwellError } from "../../errors/stepwell-error.js";
import type { Connection } from "./connection.js";
import { refuseStandby } from "./open-connection.js";
import { forgetRelayTables } from "./relay-tables.js";
import { createOwnTables, hasOwnTables } from "./schema.js";
import { REVISION, readShape, type Shape } from "./shape.js";

/** Whether a commit is on the disk of another server, too. */
export type Durability = "local" | "replicated";

/** A transaction that is open. */
export interface Begun {
  readonly shape: Shape;
  readonly durability: Durability;
}

/**
 * A transaction never waits for another one's locks longer than this, and its locks are given back when whoever has it
 * says nothing for so long: a process that was stopped keeps nobody waiting. Statements have no bound there: a
 * statement that is cancelled may be a commit's wait for its standby. Ours is the connection's deadline.
 */
const SETTINGS = `
SET LOCAL statement_timeout = 0;
SET LOCAL lock_timeout = '20s';
SET LOCAL idle_in_transaction_session_timeout = '60s';
SET LOCAL client_encoding = 'UTF8'`;

/**
 * All of MLflow's tables at once, before anything else is locked: a migration that wants one of them gets it soon, and
 * never waits for us in a circle. What can't be had now is asked for again later.
 */
function lockOf({ hasLoggedModels }: Shape): string {
  const tables = "experiments, runs, params, metrics, latest_metrics, tags";
  return `LOCK TABLE ${tables}${hasLoggedModels ? ", logged_model_metrics" : ""} IN ROW EXCLUSIVE MODE NOWAIT`;
}

const FACTS = `pg_is_in_recovery(), current_setting('transaction_read_only'), current_setting('synchronous_commit'),
  current_setting('synchronous_standby_names') <> ''`;

/** What synchronous_commit can be where a commit waits for standbys. */
const WAITING = ["on", "remote_write", "remote_apply"];

export class Sessions {
  readonly #database: string;
  /** The shape as it was read on each connection. */
  readonly #shapes = new WeakMap<Connection, Shape>();
  readonly #withOwnTables = new WeakSet<Connection>();

  constructor(database: string) {
    this.#database = database;
  }

  /**
   * Begins a transaction that writes. Throws STEPWELL_DATABASE_READ_ONLY on a standby, and what readShape says; the
   * tables' shape is read again wherever MLflow's revision is another one.
   */
  async begin(connection: Connection): Promise<Begun> {
    const known = this.#shapes.get(connection);
    const lock = known?.revision ? `${lockOf(known)};` : "";
    const revision = known?.revision ? REVISION : "''";
    const [facts] = await connection.exec(
      `BEGIN ISOLATION LEVEL READ COMMITTED; ${SETTINGS}; ${lock} SELECT ${FACTS}, ${revision}`,
    );
    const [isInRecovery, isReadOnly, commit = "", hasStandbys, found] = facts ?? [];
    refuseStandby(this.#database, isInRecovery === "t", isReadOnly === "on");
    // What is delivered is forgotten elsewhere: a commit is on the disk, whatever else uses the database.
    if (commit === "off") await connection.exec("SET LOCAL synchronous_commit = on");
    const waits = commit === "off" || WAITING.includes(commit ?? "");
    const shape = known?.revision && known.revision === found ? known : await this.#lockedShape(connection);
    return { shape, durability: waits && hasStandbys === "t" ? "replicated" : "local" };
  }

  /** The tables' shape, which stays so until the transaction ends. */
  async #lockedShape(connection: Connection): Promise<Shape> {
    const found = await readShape(connection, this.#database);
    await connection.exec(lockOf(found));
    // Between the two a migration may have been committed.
    const shape = await readShape(connection, this.#database);
    this.#shapes.set(connection, shape);
    return shape;
  }

  /** Whether our own tables are there. */
  async hasOwnTables(connection: Connection): Promise<boolean> {
    if (this.#withOwnTables.has(connection)) return true;
    if (!(await hasOwnTables(connection))) return false;
    this.#withOwnTables.add(connection);
    return true;
  }

  /** Makes our own tables where they are missing. */
  async ensureOwnTables(connection: Connection): Promise<void> {
    if (!(await this.hasOwnTables(connection))) await createOwnTables(connection);
  }

  /** Commits; answers how durable that is. Throws STEPWELL_NOT_REPLICATED where no standby is known to have it. */
  async commit(connection: Connection, { durability }: Begun): Promise<Durability> {
    const warnings = await this.#commit(connection, durability);
    if (warnings.length > 0) throw this.#notReplicated(warnings.join("; "));
    if (durability === "local") return durability;
    // Whoever took the standbys away meanwhile let the commit go without them.
    const [found] = await connection.exec("SELECT current_setting('synchronous_standby_names') <> ''");
    return found?.[0] === "t" ? "replicated" : "local";
  }

  /** What was known of the tables may be wrong. */
  forget(connection: Connection): void {
    this.#shapes.delete(connection);
    this.#withOwnTables.delete(connection);
    forgetRelayTables(connection);
  }

  async #commit(connection: Connection, durability: Durability): Promise<readonly string[]> {
    try {
      return (await connection.commit()).warnings;
    } catch (error) {
      const { code, message } = toStepwellError(error);
      if (durability === "local" || code !== "STEPWELL_SERVER_UNREACHABLE") throw error;
      throw this.#notReplicated(message);
    }
  }

  #notReplicated(why: string): StepwellError {
    const sentence = `${this.#database} did not confirm a commit by its standby: ${why}`;
    return new StepwellError("STEPWELL_NOT_REPLICATED", sentence);
  }
}
