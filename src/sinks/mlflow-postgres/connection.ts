/**
 * One connection to a PostgreSQL database, on the package pg.
 *
 * Every call has a deadline of ours, whatever the server does. When it passes, the socket is destroyed and nothing
 * is cancelled: a cancelled wait for a standby would make a commit that no standby has (docs/decisions/0019-postgres-store.md).
 */
import { setTimeout } from "node:timers";
import { Client, type ClientConfig } from "pg";
import { StepwellError } from "../../errors/stepwell-error.js";
import { CopyIn } from "./copy-in.js";
import { faultOf } from "./faults.js";

/** A column of a row, as the server writes it; null where there is none. */
export type SqlText = string | null;
/** What a statement takes for a parameter. */
export type SqlValue = string | number | bigint | boolean | null | readonly SqlValue[];

/** What the server said with a commit, beside that it is done. */
export interface Committed {
  /** Warnings: a commit with one is no success. */
  readonly warnings: readonly string[];
}

export interface ConnectionOptions {
  readonly config: ClientConfig;
  /** How the database is named in errors. */
  readonly database: string;
  /** How long the server may take for one answer. */
  readonly answerMsMax: number;
}

/** How long a server may take to let a connection go that nothing happens on. */
const CLOSE_MS_MAX = 2_000;

/** A commit without a transaction, as behind something that changed the server's session meanwhile. */
const NO_TRANSACTION = "25P01";

interface Rows {
  readonly rows: SqlText[][];
}

/** Columns come as text: a bigint is no number. */
const AS_TEXT = { getTypeParser: () => (text: string) => text };

/** Throws a StepwellError for all that the server and the network report. */
export class Connection {
  readonly #client: Client;
  readonly #options: ConnectionOptions;
  readonly #warnings: string[] = [];
  #isBroken = false;

  private constructor(client: Client, options: ConnectionOptions) {
    this.#client = client;
    this.#options = options;
    client.on("error", () => {
      this.#isBroken = true;
    });
    client.on("end", () => {
      this.#isBroken = true;
    });
    client.on("notice", ({ code, message }) => {
      if (code === "01000" || code === NO_TRANSACTION) this.#warnings.push(message ?? "");
    });
  }

  static async open(options: ConnectionOptions): Promise<Connection> {
    const client = new Client({ ...options.config, types: AS_TEXT });
    // Before it is connected, too: what nobody listens for ends the process.
    const connection = new Connection(client, options);
    try {
      await client.connect();
      return connection;
    } catch (error) {
      connection.destroy();
      throw faultOf(error, options.database);
    }
  }

  /** Whether it can't be used any more. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** The statement's rows, each an array of its columns. */
  async rows(sql: string, values: readonly SqlValue[] = []): Promise<SqlText[][]> {
    const found = await this.#within(
      this.#client.query<SqlText[]>({ text: sql, values: [...values], rowMode: "array" }),
    );
    return found.rows;
  }

  /** Runs statements without parameters in one round trip; answers the rows of the last. */
  async exec(sql: string): Promise<SqlText[][]> {
    // Of several statements there are several answers, whatever pg's types say.
    const found: readonly Rows[] = [
      await this.#within(this.#client.query<SqlText[]>({ text: sql, rowMode: "array" })),
    ].flat();
    return found.at(-1)?.rows ?? [];
  }

  /** COPY ... FROM STDIN with all the chunks. */
  async copy(sql: string, chunks: Iterable<Buffer>): Promise<void> {
    const copying = this.#client.query(new CopyIn(sql, chunks));
    await this.#within(copying.done);
  }

  /**
   * Commits. What the server warns of meanwhile is told: node-postgres calls such a commit a success, and so it does
   * where the server undid a transaction in which something had failed.
   */
  async commit(): Promise<Committed> {
    this.#warnings.length = 0;
    const { command } = await this.#within(this.#client.query("COMMIT"));
    if (command !== "COMMIT") {
      const sentence = `${this.#options.database} undid a transaction in place of committing it.`;
      throw new StepwellError("STEPWELL_SERVER_FAILED", sentence);
    }
    return { warnings: [...this.#warnings] };
  }

  /** Undoes an open transaction. A connection that can't even do that is given up. */
  async rollback(): Promise<void> {
    if (this.#isBroken) return;
    try {
      await this.exec("ROLLBACK");
    } catch {
      this.destroy();
    }
  }

  /** Ends it in good order, or at once where the server does not answer. */
  async close(): Promise<void> {
    if (this.#isBroken) return;
    const timer = setTimeout(() => this.destroy(), CLOSE_MS_MAX);
    await this.#client.end().catch(() => undefined);
    clearTimeout(timer);
  }

  /** Cuts it off. */
  destroy(): void {
    this.#isBroken = true;
    streamOf(this.#client).destroy();
  }

  async #within<Value>(work: Promise<Value>): Promise<Value> {
    const { answerMsMax, database } = this.#options;
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.destroy();
    }, answerMsMax);
    try {
      return await work;
    } catch (error) {
      if (!isLate) throw faultOf(error, database);
      const sentence = `${database} gave no answer in ${answerMsMax / 1_000} s.`;
      throw new StepwellError("STEPWELL_SERVER_UNREACHABLE", sentence, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The socket, which pg's types do not name. */
function streamOf(client: Client): { destroy(): void } {
  return (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream;
}
