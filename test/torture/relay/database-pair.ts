/**
 * MLflow's PostgreSQL and its standby, behind addresses that follow the primary, one for each relay. A database begins with MLflow's
 * oldest tables that are written to, so that `mlflow db upgrade` has something to do.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startMlflowPostgres } from "../../support/mlflow-postgres.js";
import type { Postgres } from "../../support/postgres.js";
import { until } from "../../support/until.js";
import { runWarm } from "../../support/warm-mlflow.js";
import { Way } from "../../support/way.js";

/** The database that relays write to. */
export const DATABASE = "torture";
/** Who they write as, by a password. */
export const WRITER = "relay";
const EARLY_REVISION = "97727af70f4d";
const SCRIPTS = "test/sinks/mlflow-postgres";
/** Everybody on this machine is let in, but for whoever has a password. */
const HOST_RULES = `host all ${WRITER} 127.0.0.1/32 scram-sha-256
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
  #standby: Postgres;
  /** One for each relay. */
  readonly ways: readonly [Way, Way];

  private constructor(primary: Postgres, standby: Postgres, ways: readonly [Way, Way]) {
    this.#primary = primary;
    this.#standby = standby;
    this.ways = ways;
  }

  static async start(password: string): Promise<DatabasePair> {
    const primary = await startMlflowPostgres();
    writeFileSync(join(primary.data, "pg_hba.conf"), HOST_RULES);
    await primary.query("postgres", `CREATE ROLE ${WRITER} LOGIN SUPERUSER PASSWORD '${password}'`);
    await primary.query("postgres", `CREATE DATABASE ${DATABASE}`);
    await runToItsEnd([`${SCRIPTS}/early_schema.py`, primary.uriOf(DATABASE), EARLY_REVISION]);
    await primary.query(DATABASE, WITNESS);
    const standby = await primary.startStandby();
    const ways = [await Way.start([primary.port]), await Way.start([primary.port])] as const;
    const pair = new DatabasePair(primary, standby, ways);
    await pair.#follows();
    return pair;
  }

  get primary(): Postgres {
    return this.#primary;
  }

  async remove(): Promise<void> {
    for (const way of this.ways) way.close();
    await this.#standby.remove();
    await this.#primary.remove();
  }

  async query(sql: string, values: readonly unknown[] = []): Promise<unknown[][]> {
    return await this.#primary.query(DATABASE, sql, values);
  }

  /** Commits wait for the standby from now on, or do not any more. */
  async setSynchronous(isSynchronous: boolean): Promise<void> {
    await this.#follows();
    await this.#primary.settle([`synchronous_standby_names=${isSynchronous ? "standby" : ""}`]);
  }

  /** From now on the standby gets nothing. */
  async holdStandby(): Promise<void> {
    await this.#follows();
    await this.#standby.stop();
  }

  /** The primary is gone at once, and its standby, which runs again where it was held, takes its place; resolves with a new one. */
  async failOver(isStandbyHeld: boolean): Promise<void> {
    await this.#primary.end();
    if (isStandbyHeld) await this.#standby.begin();
    await this.#standby.query("postgres", "SELECT pg_promote()");
    const lost = this.#primary;
    this.#primary = this.#standby;
    for (const way of this.ways) {
      way.aim([this.#primary.port]);
      way.cut();
    }
    await lost.remove();
    // Which begins the new primary anew, in good order: one more thing that relays have to bear.
    this.#standby = await this.#primary.startStandby();
    await this.#follows();
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
    await runToItsEnd([`${SCRIPTS}/upgrade.py`, this.#primary.uriOf(DATABASE)]);
    const now = await this.revision();
    if (now === before) throw new Error(`MLflow's tables are at ${now} as before`);
  }

  async revision(): Promise<string> {
    return String((await this.query("SELECT version_num FROM alembic_version"))[0]?.[0]);
  }

  async setPassword(password: string): Promise<void> {
    await this.query(`ALTER ROLE ${WRITER} PASSWORD '${password}'`);
    await this.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1", [WRITER]);
  }

  /** Points that are there, as all homes' cursors count them. */
  async delivered(): Promise<number> {
    const sql = "SELECT to_regclass('stepwell_cursors') IS NOT NULL";
    if (!(await this.query(sql))[0]?.[0]) return 0;
    return Number((await this.query("SELECT coalesce(sum(points), 0) FROM stepwell_cursors"))[0]?.[0]);
  }

  /** The standby has all that the primary has now. */
  async #follows(): Promise<void> {
    const [row] = await this.#primary.query("postgres", "SELECT pg_current_wal_lsn()::text");
    const here = row?.[0];
    const sql = "SELECT count(*) FROM pg_stat_replication WHERE flush_lsn >= $1::pg_lsn";
    await until(
      "the standby follows",
      () => this.#primary.query("postgres", sql, [here]),
      ([found]) => Number(found?.[0]) > 0,
    );
  }
}

async function runToItsEnd(argv: readonly [string, ...string[]]): Promise<void> {
  const { stream } = await runWarm(argv, process.env, process.cwd());
  let said = "";
  for await (const bytes of stream) said = (said + String(bytes)).slice(-4_000);
  if (/Traceback/.test(said)) throw new Error(`${argv[0]} failed: ${said}`);
}
