/**
 * PostgreSQL and its standby, with a database of MLflow's tables for each campaign, and addresses that follow the primary.
 * The tables are MLflow's oldest that are written to, so that `mlflow db upgrade` has something to do, or today's.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { newDatabase, startMlflowPostgres } from "../../support/mlflow-postgres.js";
import type { Postgres } from "../../support/postgres.js";
import { newRunId } from "../../support/producer.js";
import { until } from "../../support/until.js";
import { runWarm } from "../../support/warm-mlflow.js";
import { type Target, Way } from "../../support/way.js";

/** Who relays write as, by a password. */
export const DATABASE_USER = "relay";
const EARLY_REVISION = "97727af70f4d";
const SCRIPTS = "test/sinks/mlflow-postgres";
/** Everybody on this machine is let in, but for whoever has a password. */
const HOST_RULES = `host all ${DATABASE_USER} 127.0.0.1/32 scram-sha-256
host all all 127.0.0.1/32 trust
host replication all 127.0.0.1/32 trust
local all all trust
`;
/** Notes each point that is written though it is there: the primary key would hide it. */
const WITNESS = `
CREATE TABLE torture_doubled (run_uuid text, step bigint);
CREATE FUNCTION torture_witness() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF EXISTS (SELECT 1 FROM metrics m WHERE m.run_uuid = NEW.run_uuid AND m.key = NEW.key AND m.timestamp = NEW.timestamp
    AND m.step = NEW.step AND m.value = NEW.value AND m.is_nan = NEW.is_nan)
  THEN INSERT INTO torture_doubled VALUES (NEW.run_uuid, NEW.step); END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER torture_witness BEFORE INSERT ON metrics FOR EACH ROW EXECUTE FUNCTION torture_witness()`;

export class DatabasePair {
  #primary: Postgres;
  /** Made once it is needed: that begins the primary anew, in good order, which relays have to bear as well. */
  #standby: Postgres | undefined;
  #name = "";
  readonly #ways: Way[] = [];

  private constructor(primary: Postgres) {
    this.#primary = primary;
  }

  static async start(): Promise<DatabasePair> {
    const primary = await startMlflowPostgres();
    writeFileSync(join(primary.data, "pg_hba.conf"), HOST_RULES);
    await primary.query("postgres", `CREATE ROLE ${DATABASE_USER} LOGIN SUPERUSER`);
    return new DatabasePair(primary);
  }

  /** Another database, with MLflow's oldest tables or today's; what was before is left alone. */
  async begin(password: string, tables: "oldest" | "today's"): Promise<void> {
    if (tables === "oldest") {
      this.#name = `mlflow_${newRunId()}`;
      await this.#primary.query("postgres", `CREATE DATABASE ${this.#name}`);
      await runToItsEnd([`${SCRIPTS}/early_schema.py`, this.#primary.uriOf(this.#name), EARLY_REVISION]);
    } else this.#name = await newDatabase(this.#primary);
    await this.query(`ALTER ROLE ${DATABASE_USER} PASSWORD '${password}'`);
    await this.query(WITNESS);
  }

  /** Its addresses lead nowhere any more. */
  leave(): void {
    for (const way of this.#ways.splice(0)) way.close();
  }

  /** The database that relays write to. */
  get name(): string {
    return this.#name;
  }

  /** An address at one of this machine's own, which leads to the primary, whichever that is. */
  async wayFrom(host: string): Promise<Way> {
    const way = await Way.start([placeOf(this.#primary)], host);
    this.#ways.push(way);
    return way;
  }

  async remove(): Promise<void> {
    this.leave();
    await this.#standby?.remove();
    await this.#primary.remove();
  }

  async query(sql: string, values: readonly unknown[] = []): Promise<unknown[][]> {
    return await ask(this.#primary, this.#name, sql, values);
  }

  /** Commits wait for the standby from now on, or do not any more. */
  async setSynchronous(isSynchronous: boolean): Promise<void> {
    await this.#follows();
    await this.#primary.settle([`synchronous_standby_names=${isSynchronous ? "standby" : ""}`]);
  }

  /** From now on the standby gets nothing. */
  async holdStandby(): Promise<void> {
    const standby = await this.#follows();
    await standby.stop();
  }

  /** It follows again. */
  async releaseStandby(): Promise<void> {
    await this.#standby?.begin();
    await this.#follows();
  }

  /** Commits that wait for the standby. */
  async waiting(): Promise<number> {
    const sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    return Number((await this.query(sql))[0]?.[0]);
  }

  /** The primary is gone at once, and its standby, which runs again where it was held, takes its place. */
  async failOver(isStandbyHeld: boolean): Promise<void> {
    const [lost, standby] = [this.#primary, this.#standby];
    if (!standby) throw new Error("there is no standby");
    await lost.end();
    if (isStandbyHeld) await standby.begin();
    const sql = "SELECT CASE WHEN pg_is_in_recovery() THEN pg_promote() ELSE true END";
    await until(
      "the standby is a primary",
      () => ask(standby, "postgres", sql),
      ([row]) => row?.[0] === true,
    );
    this.#primary = standby;
    this.#standby = undefined;
    for (const way of this.#ways) {
      way.aim([placeOf(this.#primary)]);
      way.cut();
    }
    await lost.remove();
  }

  /** It is gone at once, and begins again. */
  async stopAtOnce(awayMs: number): Promise<void> {
    await this.#primary.end();
    await new Promise((resolve) => setTimeout(resolve, awayMs));
    await this.#primary.begin();
  }

  /** What `mlflow db upgrade` does; throws what it says where it fails. */
  async upgrade(): Promise<void> {
    const before = await this.revision();
    await runToItsEnd([`${SCRIPTS}/upgrade.py`, this.#primary.uriOf(this.#name)]);
    const now = await this.revision();
    if (now === before) throw new Error(`MLflow's tables are at ${now} as before`);
  }

  async revision(): Promise<string> {
    return String((await this.query("SELECT version_num FROM alembic_version"))[0]?.[0]);
  }

  async setPassword(password: string): Promise<void> {
    await this.query(`ALTER ROLE ${DATABASE_USER} PASSWORD '${password}'`);
    await this.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", [
      DATABASE_USER,
    ]);
  }

  /** Points that are there, as all homes' cursors count them. */
  async delivered(): Promise<number> {
    const sql = "SELECT to_regclass('stepwell_cursors') IS NOT NULL";
    if (!(await this.query(sql))[0]?.[0]) return 0;
    return Number((await this.query("SELECT coalesce(sum(points), 0) FROM stepwell_cursors"))[0]?.[0]);
  }

  /** The standby, once it has all that the primary has now. */
  async #follows(): Promise<Postgres> {
    this.#standby ??= await this.#primary.startStandby();
    const [row] = await ask(this.#primary, "postgres", "SELECT pg_current_wal_lsn()::text");
    const here = row?.[0];
    const sql = "SELECT count(*) FROM pg_stat_replication WHERE flush_lsn >= $1::pg_lsn";
    await until(
      "the standby follows",
      () => ask(this.#primary, "postgres", sql, [here]),
      ([found]) => Number(found?.[0]) > 0,
      { everyMs: 200 },
    );
    return this.#standby;
  }
}

/** What a server on a busy machine answers, once it takes a connection. What is asked may be asked again. */
async function ask(
  server: Postgres,
  database: string,
  sql: string,
  values: readonly unknown[] = [],
): Promise<unknown[][]> {
  const answer = async () =>
    await server.query(database, sql, values).catch((error: Error & { readonly severity?: string }) => {
      // The server says so itself.
      if (error.severity !== undefined) throw new Error(`${sql}: ${error.message}`, { cause: error });
      return error;
    });
  const answered = (found: unknown[][] | Error): found is unknown[][] => !(found instanceof Error);
  const found = await until(`an answer to ${sql}`, answer, answered, { everyMs: 200 });
  return answered(found) ? found : [];
}

function placeOf({ port }: Postgres): Target {
  return { host: "127.0.0.1", port };
}

async function runToItsEnd(argv: readonly [string, ...string[]]): Promise<void> {
  const { stream } = await runWarm(argv, process.env, process.cwd());
  let said = "";
  for await (const bytes of stream) said = (said + String(bytes)).slice(-4_000);
  if (/Traceback/.test(said)) throw new Error(`${argv[0]} failed: ${said}`);
}
