/** A real daemon, real relay processes and a real PostgreSQL with MLflow's tables. */
import { writeFileSync } from "node:fs";
import test from "ava";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { newDatabase, postgresForAll } from "../support/mlflow-postgres.js";
import type { Postgres } from "../support/postgres.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { startRelay } from "../support/relay-process.js";
import { until } from "../support/until.js";
import { Way } from "../support/way.js";

const postgres = postgresForAll(test);

const databaseUri = (server: Postgres, database: string) =>
  `postgresql://postgres@127.0.0.1:${server.port}/${database}`;

async function trackRelay(home: ScratchHome, uri: string, ...settings: string[]): Promise<void> {
  const words = ["experiment-tracker", "register", "relay", "--flavor=mlflow", `--tracking_uri=${uri}`];
  await home.json([...words, ...settings]);
}

test("a run gets to the database through a relay, whole, and the tracker's test says that it would", async (t) => {
  const database = await newDatabase(postgres());
  const relay = await startRelay(t, [`--database=${databaseUri(postgres(), database)}`]);
  const home = await scratchHome(t);
  const daemon = await home.startDaemonOrFind();
  await trackRelay(home, `grpc://${relay.address}`);
  const tested = await home.here(["experiment-tracker", "test", "relay"]);
  t.is(tested.code, 0, tested.stdout + tested.stderr);
  const producer = new RawProducer(daemon);
  const runId = newRunId();
  producer.hello();
  producer.batch(1, runId, { runStart: startOf(), params: [{ key: "lr", value: "0.1" }] });
  for (let sequence = 2; sequence <= 11; sequence++)
    producer.batch(sequence, runId, {
      metrics: pointsOf(`m${sequence}`, 3333),
      tags: [{ key: "at", value: `${sequence}` }],
    });
  producer.batch(12, runId, { runEnd: { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 77n } });
  await producer.acknowledged(12);
  const flushed = await home.here(["flush"]);
  t.is(flushed.code, 0, flushed.stderr);
  const ask = async (sql: string) => await postgres().query(database, sql, [runId]);
  t.deepEqual(await ask("SELECT count(*)::int FROM metrics WHERE run_uuid = $1"), [[33_330]]);
  t.deepEqual(await ask("SELECT count(*)::int FROM latest_metrics WHERE run_uuid = $1"), [[10]]);
  t.deepEqual(await ask("SELECT key, value FROM params WHERE run_uuid = $1"), [["lr", "0.1"]]);
  t.deepEqual(await ask("SELECT value FROM tags WHERE key = 'at' AND run_uuid = $1"), [["11"]]);
  t.deepEqual(await ask("SELECT status, end_time::text FROM runs WHERE run_uuid = $1"), [["FINISHED", "77"]]);
  const shown = (await home.json(["runs", "show", runId])) as { deliveries?: unknown };
  t.regex(JSON.stringify(shown), new RegExp(`grpc://${relay.address}`));
  const doctor = await home.here(["doctor", "-o", "json"]);
  t.regex(doctor.stdout, /tracker relay: database/);
  t.is(await relay.end("SIGTERM"), 0);
});

test("a token that the relay does not know holds the lane; once it is right all is delivered", async (t) => {
  const database = await newDatabase(postgres());
  const home = await scratchHome(t);
  const tokens = `${home.paths.home}.tokens`;
  writeFileSync(tokens, "right-token\n");
  const relay = await startRelay(t, [
    `--database=${databaseUri(postgres(), database)}`,
    `--token-file=${tokens}`,
  ]);
  const daemon = await home.startDaemonOrFind();
  await trackRelay(home, `grpc://${relay.address}`, "--tracking_token=wrong-token");
  const producer = new RawProducer(daemon);
  const runId = newRunId();
  producer.hello();
  producer.batch(1, runId, { runStart: startOf(), metrics: pointsOf("loss", 100) });
  await producer.acknowledged(1);
  const held = await until(
    "the lane is held",
    async () => (await home.json(["status"])) as { lanes: { state: string; last_error: string }[] },
    ({ lanes }) => lanes[0]?.state === "held",
  );
  t.regex(held.lanes[0]?.last_error ?? "", /STEPWELL_NOT_AUTHENTICATED/);
  await home.json(["experiment-tracker", "update", "relay", "--tracking_token=right-token"]);
  t.is((await home.here(["flush"])).code, 0);
  t.deepEqual(
    await postgres().query(database, "SELECT count(*)::int FROM metrics WHERE run_uuid = $1", [runId]),
    [[100]],
  );
  t.notRegex(relay.log(), /right-token|wrong-token/);
});

test("relays behind one address that are killed, stopped and started again lose and double nothing", async (t) => {
  const database = await newDatabase(postgres());
  const args = [`--database=${databaseUri(postgres(), database)}`];
  const relays = [await startRelay(t, args), await startRelay(t, args)];
  const targetOf = ({ port }: { readonly port: number }) => ({ host: "127.0.0.1", port });
  const way = await Way.start(relays.map(targetOf));
  t.teardown(() => way.close());
  const home = await scratchHome(t);
  const daemon = await home.startDaemonOrFind();
  await trackRelay(home, `grpc://127.0.0.1:${way.port}`);
  const producer = new RawProducer(daemon);
  const runIds = Array.from({ length: 5 }, newRunId);
  producer.hello();
  let sequence = 0;
  for (const runId of runIds) producer.batch(++sequence, runId, { runStart: startOf() });
  const counts = new Map(runIds.map((runId) => [runId, 0]));
  const log = async (rounds: number) => {
    for (let round = 0; round < rounds; round++)
      for (const runId of runIds) {
        producer.batch(++sequence, runId, { metrics: pointsOf(`k${sequence}`, 200) });
        counts.set(runId, (counts.get(runId) ?? 0) + 200);
      }
    await producer.acknowledged(sequence);
  };
  const delivered = async () =>
    Number((await postgres().query(database, "SELECT count(*) FROM metrics"))[0]?.[0]);
  await log(20);
  await until("something is there", delivered, (count) => count > 0);
  for (const index of [0, 1, 0]) {
    const victim = relays[index];
    if (!victim) throw new Error("no relay");
    const before = await delivered();
    await log(20);
    await victim.end("SIGKILL");
    await log(5);
    await until("the other one goes on", delivered, (count) => count > before);
    relays[index] = await startRelay(t, args, { listen: victim.address });
  }
  // A zombie: its streams go elsewhere, and what it does once it lives again is nothing.
  relays[0]?.child.kill("SIGSTOP");
  relays[1]?.child.kill("SIGSTOP");
  await log(20);
  const third = await startRelay(t, args);
  way.aim([targetOf(third)]);
  const before = await delivered();
  await until("another relay takes over", delivered, (count) => count > before);
  for (const { child } of relays) child.kill("SIGCONT");
  await log(5);
  const flushed = await home.here(["flush", "--timeout=120"]);
  t.is(flushed.code, 0, flushed.stderr);
  const rows = await postgres().query(
    database,
    "SELECT run_uuid, count(*)::int FROM metrics GROUP BY run_uuid",
  );
  t.deepEqual(Object.fromEntries(rows as [string, number][]), Object.fromEntries(counts));
});
