/** The scale's short form: what `npm run scale` does with thousands, with a few; and that its reader would notice. */
import test from "ava";
import { newDatabase, postgresForAll } from "../support/mlflow-postgres.js";
import { lacking, WAYS } from "./balancers.js";
import { countAll, faultsOf } from "./count.js";
import { runLightFleet, tooMany } from "./light-fleet.js";
import { cpuMsOf, descriptorsMax, quantile, rssOf } from "./measures.js";
import { runDaemons, waveOf } from "./real-daemons.js";
import { spreadOf, withSection } from "./report.js";

const postgres = postgresForAll(test);
const FEW = { clients: 24, packs: 3, points: 20, pointsPerSecond: 5_000 };

// Envoy's wheel is 100 MB: the long form has it.
for (const way of WAYS.filter((each) => each !== "envoy" && lacking(each) === undefined))
  test(`light clients of two relays, ${way}, have each point in the database once, and spread`, async (t) => {
    const figures = await runLightFleet(t, postgres(), { ...FEW, way });
    t.deepEqual(figures.faults, []);
    // On a busy machine a client may just be changing its connection, and a balancer looks whether a relay is there.
    t.true(Math.min(...figures.streams) >= 12 && Math.max(...figures.streams) <= 18, `${figures.streams}`);
    t.true(figures.relayCpuUs > 0 && figures.databaseCpuUs > 0 && figures.clientCpuUs > 0);
    t.true((figures.p50Ms ?? 0) > 0 && (figures.p99Ms ?? 0) >= (figures.p50Ms ?? 0));
    t.is(way === "direct", figures.balancers === 0);
  });

test("whole daemons in waves have each point in the database once", async (t) => {
  const figures = await runDaemons(t, postgres(), { way: "direct", daemons: 2, points: 1_500 });
  t.deepEqual(figures.faults, []);
  t.true(figures.daemonRssMax > 0);
});

test("the reader finds a point that is missing, one that is there twice under another time, and a latest value that is old", async (t) => {
  const database = await newDatabase(postgres());
  const ask = (sql: string) => postgres().query(database, sql);
  const expected = { runs: 1, points: 2 };
  await ask(
    "INSERT INTO experiments (experiment_id, name, lifecycle_stage) VALUES (90, 'e', 'active') ON CONFLICT DO NOTHING",
  );
  await ask(
    "INSERT INTO runs (run_uuid, experiment_id, status, lifecycle_stage) VALUES ('r', 90, 'FINISHED', 'active')",
  );
  const point = (step: number, time: number) =>
    ask(
      `INSERT INTO metrics (run_uuid, key, step, timestamp, value, is_nan) VALUES ('r', 'k', ${step}, ${time}, 1, false)`,
    );
  const latest = (step: number) =>
    ask(
      `INSERT INTO latest_metrics (run_uuid, key, step, timestamp, value, is_nan) VALUES ('r', 'k', ${step}, 1, 1, false) ON CONFLICT (run_uuid, key) DO UPDATE SET step = ${step}`,
    );
  await point(0, 1);
  await latest(0);
  const faults = async () => faultsOf(await countAll(postgres(), database, expected), expected);
  t.regex((await faults()).join(), /1 points are there, 2 were acknowledged/);
  await point(0, 2);
  t.deepEqual(await faults(), ["1 runs have points too many or too few"]);
  await ask("DELETE FROM metrics WHERE timestamp = 2");
  await point(1, 1);
  t.deepEqual(await faults(), ["1 runs have another latest value than their last"]);
  await latest(1);
  t.deepEqual(await faults(), []);
  await ask("UPDATE runs SET status = 'RUNNING'");
  t.deepEqual(await faults(), ["0 runs have ended, of 1"]);
});

test("file descriptors are looked at first, and memory decides how many daemons there are at once", (t) => {
  t.true(descriptorsMax() > 0);
  t.is(tooMany(1_000, 20_000), undefined);
  t.regex(tooMany(20_000, 20_000) ?? "", /needs 20200 file descriptors; 20000 are allowed/);
  t.is(waveOf(200, 64 * 2 ** 30), 50);
  t.is(waveOf(200, 2 ** 30), 3);
  t.is(waveOf(200, 0), 1);
});

test("figures are told as they are, and a page takes them between its marks", (t) => {
  t.is(spreadOf([30, 20]), "1.50");
  t.is(spreadOf([20, 0]), "one has none");
  t.is(quantile([3, 1, 2], 0.5), 2);
  t.is(quantile([], 0.5), undefined);
  t.true(rssOf(process.pid) > 1_000_000 && cpuMsOf(process.pid) > 0);
  const marks = ["<b>", "<e>"] as const;
  t.is(withSection("one <b> old <e> two", marks, "new"), "one <b>\nnew\n<e> two");
  t.throws(() => withSection("one", marks, "new"), { message: /lacks <b>/ });
});
