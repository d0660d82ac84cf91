/** A real daemon at a real relay that asks who it is: a token that is rotated, and limits and settings that change. */
import { writeFileSync } from "node:fs";
import test from "ava";
import { scratchHome } from "../support/home.js";
import { newDatabase, postgresForAll } from "../support/mlflow-postgres.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { startRelay } from "../support/relay-process.js";
import { until } from "../support/until.js";

const postgres = postgresForAll(test);

const SETTINGS = (experiments: string) => `version: 1
tenants:
  vision:
    identities: {token: nodes}
    experiments: ${experiments}
    points_per_second: 1000000
`;

test("a token is rotated, and settings change, without a restart of the daemon or the relay; no log has a token", async (t) => {
  const database = await newDatabase(postgres());
  const home = await scratchHome(t);
  const [tokenFile, settings] = [`${home.paths.home}.tokens`, `${home.paths.home}.yaml`];
  const made = async () => {
    const { code, stdout, stderr } = await home.here([
      "relay",
      "token",
      "nodes",
      `--token-file=${tokenFile}`,
    ]);
    t.is(code, 0, stderr);
    return stdout.trim();
  };
  const first = await made();
  writeFileSync(settings, SETTINGS("other"));
  const relay = await startRelay(t, [
    `--database=postgresql://postgres@127.0.0.1:${postgres().port}/${database}`,
    ...[`--token-file=${tokenFile}`, `--access=${settings}`],
  ]);
  const daemon = await home.startDaemonOrFind();
  await home.json(["secret", "create", "relay", `--token=${first}`]);
  const track = [
    "experiment-tracker",
    "register",
    "relay",
    "--flavor=mlflow",
    `--tracking_uri=grpc://${relay.address}`,
  ];
  await home.json([...track, "--tracking_token={{relay.token}}"]);
  const producer = new RawProducer(daemon);
  const runId = newRunId();
  producer.hello();
  producer.batch(1, runId, { runStart: startOf(), metrics: pointsOf("loss", 100) });
  await producer.acknowledged(1);
  const held = await until(
    "the run is held",
    async () => (await home.json(["status"])) as { lanes: { state: string; last_error: string }[] },
    ({ lanes }) => lanes[0]?.state === "held",
  );
  t.regex(held.lanes[0]?.last_error ?? "", /STEPWELL_NOT_PERMITTED.*vision may not write/);
  writeFileSync(settings, SETTINGS('"*"'));
  relay.child.kill("SIGHUP");
  t.is((await home.here(["flush", "--timeout=120"])).code, 0);
  const second = await made();
  await home.json(["secret", "update", "relay", `--token=${second}`]);
  writeFileSync(tokenFile, `nodes ${second}\n`);
  relay.child.kill("SIGHUP");
  producer.batch(2, runId, { metrics: pointsOf("acc", 100) });
  await producer.acknowledged(2);
  const flushed = await home.here(["flush", "--timeout=120"]);
  t.is(flushed.code, 0, flushed.stderr);
  const rows = async (sql: string) => await postgres().query(database, sql);
  t.deepEqual(await rows("SELECT count(*)::int FROM metrics"), [[200]]);
  t.deepEqual(await rows("SELECT identity FROM stepwell_identities"), [["token:nodes"]]);
  t.deepEqual(await rows("SELECT tenant FROM stepwell_tenants"), [["vision"]]);
  await home.json(["secret", "update", "relay", `--token=${first}`]);
  writeFileSync(tokenFile, `nodes ${second}\nwrong line of words\n`);
  relay.child.kill("SIGHUP");
  await until("the file's fault is logged", relay.log, (log) => log.includes("Line 2"));
  t.is(relay.log().includes(first) || relay.log().includes(second), false);
  const logs = await home.here(["daemon", "logs"]);
  t.is(logs.stdout.includes(first) || logs.stdout.includes(second), false);
  t.is(await relay.end("SIGTERM"), 0);
});

test("a relay beyond loopback without TLS, before another relay, or with settings that mean nothing, does not start, and says what to mend", async (t) => {
  const home = await scratchHome(t);
  const settings = `${home.paths.home}.yaml`;
  writeFileSync(settings, "version: 1\ntenants:\n  a: {}\n");
  const serve = ["relay", "serve", "--database=postgresql://postgres@127.0.0.1:1/none"];
  const open = await home.stepwell([...serve, "--listen=0.0.0.0:0", `--access=${settings}`]);
  t.is(open.code, 2);
  t.regex(open.stderr, /without TLS/);
  const wrong = await home.stepwell([...serve, "--listen=127.0.0.1:0", `--access=${settings}`]);
  t.not(wrong.code, 0);
  t.regex(wrong.stderr, /yaml, line 3: a has no identities/);
  t.regex(wrong.stderr, /STEPWELL_CONFIG_INVALID/);
  for (const upstream of ["grpcs://relay.example:7443", "GRPC://127.0.0.1:7443"]) {
    const behind = ["relay", "serve", "--listen=127.0.0.1:0", `--upstream=${upstream}`];
    const { code, stderr } = await home.stepwell(behind);
    t.is(code, 2);
    t.regex(stderr, /not before another relay.*forward its port as TCP.*STEPWELL_USAGE/s);
  }
});
