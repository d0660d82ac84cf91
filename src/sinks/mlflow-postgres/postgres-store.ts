/**
 * MLflow's own PostgreSQL database as a store: packs of any runs and homes in one transaction with the runs' cursors,
 * so that a crash at any moment, of whichever side, doubles nothing. Its only yes is the database's commit.
 *
 * Five rules, each of which was broken to see that it is needed:
 *   a commit with a warning is none: a cancelled wait for a standby looks like a success;
 *   a cursor is told only by a transaction that wrote something and was committed, so that no failover loses it;
 *   a home's count of transactions that went back means that the database did, and nothing is written then;
 *   which database it is tells the place of its log, not its control file;
 *   nothing is asked of a standby.
 */
import { toStepwellError } from "../../errors/stepwell-error.js";
import type { Amounts, BudgetAsk } from "../../model/budget.js";
import type { Clock } from "../../model/clock.js";
import type { CursorAnswer, CursorQuestion } from "../../model/cursor.js";
import { ANSWER_MS_MAX, CONNECT_MS_MAX } from "../../model/limits.js";
import type { Pack } from "../../model/pack.js";
import type { PostgresAddress } from "../../model/postgres-address.js";
import type { Rights } from "../../model/rights.js";
import { takeBudgets } from "./budgets.js";
import type { Connection } from "./connection.js";
import { Connections } from "./connections.js";
import { readCursors } from "./cursors.js";
import { readFacts, type StoreFacts } from "./facts.js";
import { outcomeOf } from "./faults.js";
import { readWrites, touchHomes } from "./homes.js";
import { Identities } from "./identities.js";
import { openConnection, type PostgresCredentials } from "./open-connection.js";
import type { RightsOf } from "./place.js";
import { goneFault } from "./schema.js";
import { Sessions } from "./session.js";
import { nothingBut, type StoreWritten, Writer } from "./writer.js";

export interface PostgresStoreOptions {
  readonly address: PostgresAddress;
  /** The same database's address as it is when a connection is opened: its certificates may be in other files by then. */
  readonly addressNow?: () => PostgresAddress;
  /** Asked for each connection. */
  readonly credentials: () => Promise<PostgresCredentials>;
  readonly clock: Clock;
  /** As the --default-artifact-root of MLflow's server in front of the database, now; mlflow-artifacts:/ unless given. */
  readonly artifactRoot?: () => string | undefined;
  /** Connections at the same time; 4 unless given. */
  readonly connectionsMax?: number;
  /** How long one stays with nothing to do. */
  readonly idleMs?: number;
  /** How long the database may take for one answer, and for a connection. */
  readonly answerMsMax?: number;
  readonly connectMsMax?: number;
}

/** The tables of a database. */
export interface StoreTables {
  /** MLflow's; empty where it names none. */
  readonly revision: string;
  readonly hasOwnTables: boolean;
  readonly mayMakeTables: boolean;
}

const CONNECTIONS_MAX = 4;
const IDLE_MS = 20_000;
/** Of an `mlflow server` with no other: it serves artifacts itself. */
const ARTIFACT_ROOT = "mlflow-artifacts:/";

export class PostgresStore {
  readonly #connections: Connections;
  readonly #sessions: Sessions;
  readonly #identities: Identities;
  readonly #writer: Writer;
  readonly #database: string;

  constructor(options: PostgresStoreOptions) {
    const { address, addressNow = () => address, credentials, clock } = options;
    const { connectionsMax = CONNECTIONS_MAX, idleMs = IDLE_MS } = options;
    const { answerMsMax = ANSWER_MS_MAX, connectMsMax = CONNECT_MS_MAX } = options;
    const database = `The database ${address.database}`;
    this.#database = database;
    this.#sessions = new Sessions(database);
    this.#identities = new Identities(clock);
    this.#writer = new Writer({
      ...{ sessions: this.#sessions, clock, database },
      artifactRoot: () => options.artifactRoot?.() ?? ARTIFACT_ROOT,
      identities: this.#identities,
    });
    this.#connections = new Connections({
      open: () => openConnection({ address: addressNow(), credentials, answerMsMax, connectMsMax }),
      ...{ connectionsMax, idleMs, waitMsMax: answerMsMax },
    });
  }

  /**
   * Writes packs of any homes, each of another (home, run), in one transaction, or in a few where one of them is refused
   * as a whole. `known`: by home id, the transactions that the home knows to have reached the database. Never throws
   * for what the database does.
   */
  async write(
    packs: readonly Pack[],
    known: ReadonlyMap<string, number>,
    rightsOf: RightsOf = () => undefined,
  ): Promise<StoreWritten> {
    if (packs.length === 0) return nothingBut([]);
    try {
      return await this.#connections.use((connection) =>
        this.#writer.write(connection, packs, { known, rightsOf }),
      );
    } catch (error) {
      const outcome = outcomeOf(toStepwellError(error));
      return nothingBut(packs.map(() => outcome));
    }
  }

  /**
   * The home's transactions that are in the database, by a commit that confirms them. Throws what would hold or stop a
   * pack, and STEPWELL_STORE_GONE where nothing of ours is there and the home knows of something.
   */
  async writesOf(homeId: string, known = 0, rights?: Rights): Promise<number> {
    return await this.#read([homeId], known > 0, 0, async (connection) => {
      await this.#identities.refuseOther(connection, homeId, rights);
      const writes = await readWrites(connection, [homeId]);
      return writes.get(homeId) ?? 0;
    });
  }

  /** Where runs stand, in the questions' order. Throws as writesOf. */
  async standing(questions: readonly CursorQuestion[], rights?: Rights): Promise<CursorAnswer[]> {
    const homeIds = [...new Set(questions.map(({ author }) => author.homeId))];
    const isKnown = questions.some(({ after }) => after !== undefined);
    const none = questions.map(({ author }) => ({ homeId: author.homeId, cursor: undefined }));
    return await this.#read(homeIds, isKnown, none, async (connection) => {
      for (const homeId of homeIds) await this.#identities.refuseOther(connection, homeId, rights);
      return await readCursors(connection, questions, "free");
    });
  }

  /** What tenants may bring here next, by their names. Throws what would hold or stop a pack. */
  async takeBudgets(asks: readonly BudgetAsk[]): Promise<Map<string, Amounts>> {
    return await this.#transact(async (connection) => {
      const begun = await this.#sessions.begin(connection);
      const budgets = await takeBudgets(connection, asks);
      // What is lost of it with a power cut is given again: nobody waits for a disk or a standby.
      await connection.exec("SET LOCAL synchronous_commit = off");
      await this.#sessions.commit(connection, { ...begun, durability: "local" });
      return budgets;
    });
  }

  /** Which database it is. Throws as writesOf. */
  async facts(): Promise<StoreFacts> {
    return await this.#connections.use((connection) => readFacts(connection, this.#database));
  }

  /** Looks at the tables without a change to them. Throws what would hold or stop a pack. */
  async inspect(): Promise<StoreTables> {
    return await this.#transact(async (connection) => {
      const { shape } = await this.#sessions.begin(connection);
      const hasOwnTables = await this.#sessions.hasOwnTables(connection);
      const [found] = await connection.rows("SELECT has_schema_privilege(current_schema(), 'CREATE')");
      await connection.rollback();
      return { revision: shape.revision, hasOwnTables, mayMakeTables: found?.[0] === "t" };
    });
  }

  /** Ends what is under way and closes the connections. */
  async close(): Promise<void> {
    await this.#connections.close();
  }

  /** Reads what is told, in a transaction that writes: a cursor that no standby has yet would be one that may go back. */
  async #read<Value>(
    homeIds: readonly string[],
    isKnown: boolean,
    nothing: Value,
    read: (connection: Connection) => Promise<Value>,
  ): Promise<Value> {
    return await this.#transact(async (connection) => {
      const begun = await this.#sessions.begin(connection);
      if (!(await this.#sessions.hasOwnTables(connection))) {
        if (isKnown) throw goneFault(this.#database);
        await connection.rollback();
        return nothing;
      }
      const value = await read(connection);
      await touchHomes(connection, homeIds);
      await this.#sessions.commit(connection, begun);
      return value;
    });
  }

  async #transact<Value>(work: (connection: Connection) => Promise<Value>): Promise<Value> {
    return await this.#connections.use(async (connection) => {
      try {
        return await work(connection);
      } catch (error) {
        this.#sessions.forget(connection);
        await connection.rollback();
        if (toStepwellError(error).code === "STEPWELL_DATABASE_READ_ONLY") connection.destroy();
        throw error;
      }
    });
  }
}
