/** A PostgreSQL database that is changed, killed, hung or replaced while packs are on their way. */
import ava, { type ExecutionContext } from "ava";
import {
  cutOff,
  newDatabase,
  postgresForAll,
  replaceDatabase,
  startMlflowPostgres,
} from "../../support/mlflow-postgres.js";
import type { Postgres } from "../../support/postgres.js";
import { MLFLOW_3, PYTHON_ENVIRONMENT_MS_MAX } from "../../support/python-environment.js";
import { testWith } from "../../support/test-with.js";
import { until } from "../../support/until.js";
import { runWarm } from "../../support/warm-mlflow.js";
import { AUTHOR, HOME_ID, type Point, pack, RUN_ID, trainingPoints } from "../mlflow-sqlite/packs.js";
import { RealMlflow } from "../mlflow-sqlite/real-mlflow.js";
import { addressOf, freshStore, lanesOn, storeOn } from "./store.js";

const test = testWith(MLFLOW_3);
const server = postgresForAll(ava);
const DELIVERED = { kind: "delivered", refused: [] } as const;
const NOTHING = new Map<string, number>();
const POINT: Point = ["loss", 1n, 1n, 1];
const SECOND = { after: { ...AUTHOR, seq: 1 } };
const HELD = { kind: "hold", scope: "backend", code: "STEPWELL_DATABASE_NOT_UNDERSTOOD" } as const;
const LOCKED = { kind: "retry", scope: "backend", code: "STEPWELL_DATABASE_LOCKED" } as const;

async function setUp(t: ExecutionContext) {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const { store, database } = await freshStore(t, server());
  return { store, database, query: (sql: string) => server().query(database, sql) };
}

async function outcomeOf({ write }: ReturnType<typeof lanesOn>, ...args: Parameters<typeof pack>) {
  const [outcome] = await write(pack(...args));
  return outcome;
}

test("a database without MLflow's tables is held, and says how it gets them", async (t) => {
  const database = `empty_${Date.now()}`;
  await server().query("postgres", `CREATE DATABASE ${database}`);
  const store = storeOn(t, addressOf(server(), database));
  const { outcomes } = await store.write([pack(1)], NOTHING);
  t.like(outcomes, [HELD]);
  t.regex(outcomes[0]?.kind === "hold" ? outcomes[0].reason : "", /mlflow db upgrade/);
  t.deepEqual(
    await server().query(database, "SELECT count(*)::int FROM pg_tables WHERE schemaname = 'public'"),
    [[0]],
  );
});

const CHANGES = {
  "a column that nobody knows how to fill":
    "ALTER TABLE metrics ADD COLUMN more integer NOT NULL DEFAULT 1; ALTER TABLE metrics ALTER COLUMN more DROP DEFAULT",
  "a column less": "ALTER TABLE runs DROP COLUMN entry_point_name",
  "another primary key":
    "ALTER TABLE latest_metrics DROP CONSTRAINT latest_metric_pk, ADD CONSTRAINT latest_metric_pk PRIMARY KEY (key, run_uuid, step)",
  "a table less": "DROP TABLE latest_metrics",
};
for (const [what, change] of Object.entries(CHANGES)) {
  for (const isNamed of [true, false]) {
    const how = isNamed ? "under a new revision" : "by somebody's hand";
    test(`tables that get ${what} ${how} are held, and nothing is refused for it`, async (t) => {
      const { store, query } = await setUp(t);
      const lanes = lanesOn(store);
      t.deepEqual(await outcomeOf(lanes, 1, [POINT]), DELIVERED);
      await query(change);
      if (isNamed) await query("UPDATE alembic_version SET version_num = 'later'");
      const next = () => outcomeOf(lanes, 2, [["loss", 2n, 2n, 2]], { runId: "5".repeat(32) });
      // It may be met by a statement that fails; the shape is read again for the next attempt.
      const first = await next();
      if (first?.kind !== "hold") t.like(first, LOCKED);
      t.like(await next(), HELD);
      t.deepEqual(await query("SELECT count(*)::int FROM metrics"), [[1]]);
    });
  }
}

test("what is unknown and has a default disturbs nobody", async (t) => {
  const { store, query } = await setUp(t);
  const lanes = lanesOn(store);
  await outcomeOf(lanes, 1, [POINT]);
  await query(
    "ALTER TABLE runs ADD COLUMN more integer NOT NULL DEFAULT 1; UPDATE alembic_version SET version_num = 'later'",
  );
  t.deepEqual(await outcomeOf(lanes, 2, [POINT]), DELIVERED);
});

test("MLflow's oldest tables that know KILLED are written to, and upgraded by MLflow under load with nothing lost", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const database = `early_${Date.now()}`;
  await server().query("postgres", `CREATE DATABASE ${database}`);
  const uri = server().uriOf(database);
  const ended = async (argv: readonly [string, ...string[]]) => {
    const { stream } = await runWarm(argv, process.env, process.cwd());
    let said = "";
    for await (const bytes of stream) said = (said + String(bytes)).slice(-4_000);
    return said;
  };
  const made = await ended(["test/sinks/mlflow-postgres/early_schema.py", uri, "97727af70f4d"]);
  t.is(await revisionIn(server(), database), "97727af70f4d", made);
  const lanes = lanesOn(storeOn(t, addressOf(server(), database)));
  let isUpgraded = false;
  const upgrading = ended(["test/sinks/mlflow-postgres/upgrade.py", uri]).finally(() => {
    isUpgraded = true;
  });
  let seq = 0;
  let tries = 0;
  do {
    seq += 1;
    for (;;) {
      const outcome = await outcomeOf(lanes, seq, trainingPoints(seq, 5), {
        tags: [{ key: "seq", value: String(seq) }],
      });
      if (outcome?.kind === "delivered") break;
      tries += 1;
      t.like(outcome, { kind: "retry", scope: "backend" });
    }
  } while (!isUpgraded || seq < 20);
  t.log(`${seq} packs, ${tries} times asked again`);
  t.is(await revisionIn(server(), database), "dc11669786a5", await upgrading);
  t.deepEqual(await server().query(database, "SELECT count(*)::int FROM metrics"), [[seq * 100]]);
  const end = { status: "KILLED", endTimeMs: 9 } as const;
  t.deepEqual(await outcomeOf(lanes, seq + 1, [], { end }), DELIVERED);
  const shown = await (await RealMlflow.at(t, MLFLOW_3, uri)).read(RUN_ID);
  t.like(shown, { status: "KILLED", tags: { seq: String(seq) } });
});

async function revisionIn(postgres: Postgres, database: string) {
  const [row] = await postgres.query(database, "SELECT version_num FROM alembic_version");
  return row?.[0];
}

test("a server that is killed in the midst of a COPY has all or nothing of it, and gets it again", async (t) => {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const postgres = await startMlflowPostgres();
  t.teardown(() => postgres.remove());
  const database = await newDatabase(postgres);
  const lanes = lanesOn(storeOn(t, addressOf(postgres, database)));
  t.deepEqual(await outcomeOf(lanes, 1, trainingPoints(0, 1)), DELIVERED);
  // The COPY stops at a point that somebody else is writing.
  await postgres.hold(
    database,
    `INSERT INTO metrics (key, value, timestamp, run_uuid, step) VALUES ('stop', 1, 1, '${RUN_ID}', 1)`,
  );
  const points: Point[] = [...trainingPoints(1, 100), ["stop", 1n, 1n, 1], ...trainingPoints(101, 100)];
  const copying = outcomeOf(lanes, 2, points);
  const waits =
    "SELECT count(*)::int FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'COPY metrics%'";
  await until(
    "the COPY waits",
    () => postgres.query("postgres", waits),
    ([row]) => row?.[0] === 1,
  );
  await postgres.kill();
  t.like(await copying, { kind: "retry", scope: "backend", code: "STEPWELL_SERVER_UNREACHABLE" });
  t.like(await outcomeOf(lanes, 2, points), { kind: "retry", code: "STEPWELL_SERVER_UNREACHABLE" });
  await postgres.begin();
  t.deepEqual(await postgres.query(database, "SELECT count(*)::int FROM metrics"), [[20]]);
  t.deepEqual(await outcomeOf(lanes, 2, points), DELIVERED);
  t.deepEqual(await postgres.query(database, "SELECT count(*)::int FROM metrics"), [[20 + points.length]]);
});

test("a server that answers no more is left after a while, and what it may have done is looked at", async (t) => {
  const { database } = await setUp(t);
  const store = storeOn(t, addressOf(server(), database), { answerMsMax: 10_000 });
  const lanes = lanesOn(store);
  t.deepEqual(await outcomeOf(lanes, 1, [POINT]), DELIVERED);
  const mine = `SELECT pid FROM pg_stat_activity WHERE application_name = 'stepwell' AND datname = '${database}'`;
  const [[pid]] = (await server().query("postgres", mine)) as [[number]];
  process.kill(pid, "SIGSTOP");
  t.like(await outcomeOf(lanes, 2, [["loss", 2n, 2n, 2]]), {
    kind: "retry",
    code: "STEPWELL_SERVER_UNREACHABLE",
  });
  process.kill(pid, "SIGCONT");
  t.deepEqual(await outcomeOf(lanes, 2, [["loss", 2n, 2n, 2]]), DELIVERED);
  t.deepEqual(await server().query(database, "SELECT count(*)::int FROM metrics"), [[2]]);
});

test("another database in its place is held where something was delivered, and begun where nothing was", async (t) => {
  const { store, database } = await setUp(t);
  const lanes = lanesOn(store);
  await outcomeOf(lanes, 1, [POINT]);
  await replaceDatabase(server(), database, "mlflow_empty");
  const gone = { kind: "hold", scope: "backend", code: "STEPWELL_STORE_GONE" };
  t.like(await outcomeOf(lanes, 2, [POINT]), gone);
  await t.throwsAsync(store.writesOf(HOME_ID, 1), { code: "STEPWELL_STORE_GONE" });
  const question = { author: AUTHOR, runId: RUN_ID, ...SECOND };
  await t.throwsAsync(store.standing([question]), { code: "STEPWELL_STORE_GONE" });
  t.is(await store.writesOf("c".repeat(32)), 0);
  const other = { homeId: "c".repeat(32), incarnation: "c".repeat(32) };
  const both = await store.write([pack(2, [], SECOND), pack(1, [], { author: other })], lanes.known);
  t.like(both.outcomes, [gone, DELIVERED]);
  t.deepEqual((await store.write([pack(1, [POINT])], NOTHING)).outcomes, [DELIVERED]);
});

test("a database that takes no writes for a while is asked again, on other connections", async (t) => {
  const { store, database, query } = await setUp(t);
  const lanes = lanesOn(store);
  await outcomeOf(lanes, 1, [POINT]);
  const isReadOnly = async (value: "on" | "off") => {
    await server().query(
      "postgres",
      `ALTER DATABASE ${database} SET default_transaction_read_only = ${value}`,
    );
    await cutOff(server(), database);
  };
  await isReadOnly("on");
  const refused = { kind: "retry", scope: "backend", code: "STEPWELL_DATABASE_READ_ONLY" } as const;
  const outcome = await until(
    "the cut is noticed",
    () => outcomeOf(lanes, 2, [["loss", 2n, 2n, 2]]),
    (seen) => seen?.kind === "retry" && seen.code !== "STEPWELL_SERVER_UNREACHABLE",
  );
  t.like(outcome, refused);
  await isReadOnly("off");
  await until(
    "it is there",
    () => outcomeOf(lanes, 2, [["loss", 2n, 2n, 2]]),
    (seen) => seen?.kind === "delivered",
  );
  t.deepEqual(await query("SELECT count(*)::int FROM metrics"), [[2]]);
});

test("connections are few, however many ask", async (t) => {
  const { database } = await setUp(t);
  const store = storeOn(t, addressOf(server(), database), { connectionsMax: 2 });
  const runs = Array.from({ length: 20 }, (_, index) => String(index).padStart(32, "0"));
  const writing = runs.map((runId) => store.write([pack(1, trainingPoints(0, 20), { runId })], NOTHING));
  let most = 0;
  let isOver = false;
  const all = Promise.all(writing).finally(() => {
    isOver = true;
  });
  const mine = `SELECT count(*)::int FROM pg_stat_activity WHERE application_name = 'stepwell' AND datname = '${database}'`;
  while (!isOver) most = Math.max(most, Number((await server().query("postgres", mine))[0]?.[0]));
  for (const { outcomes } of await all) t.deepEqual(outcomes, [DELIVERED]);
  t.is(most, 2);
});
