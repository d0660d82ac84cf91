/** A daemon and a relay under Prometheus' eyes, while points go through, a backend is away and another one refuses. */
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import ava, { type ExecutionContext } from "ava";
import { DAEMON_METRICS } from "../../src/metrics/daemon-metrics.js";
import { prometheusLabel, prometheusName } from "../../src/metrics/metric.js";
import { RELAY_METRICS } from "../../src/metrics/relay-metrics.js";
import { change } from "../sinks/mlflow-sqlite/database.js";
import { freePort } from "../support/free-port.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { startRelay } from "../support/relay-process.js";
import { metricsUrlOf, type Samples, samplesOf, scrape, sumOf } from "../support/scraped.js";
import { ScriptedMlflow } from "../support/scripted-mlflow.js";
import { until } from "../support/until.js";

// One after the other: each starts processes, and two cores are all that some machines have.
const test = ava.serial;
const ANY_PORT = "127.0.0.1:0";

async function register(home: ScratchHome, name: string, uri: string): Promise<void> {
  await home.json(["experiment-tracker", "register", name, "--flavor=mlflow", `--tracking_uri=${uri}`]);
}

async function urlIn(log: () => string): Promise<string> {
  return (await until("an address for metrics in the log", () => metricsUrlOf(log()), Boolean)) ?? "";
}

/** received + retried = refused + what became of the rest, over all trackers; each point of the test has one. */
function holdsSums(t: ExecutionContext, now: Samples): void {
  const sum = (name: string) => sumOf(now, `stepwell_points_${name}_total`);
  t.is(sum("received"), sum("journaled") + sum("refused"));
  const waiting = sumOf(now, "stepwell_queue_points");
  t.is(sum("journaled") + sum("retried"), sum("delivered") + sum("parked") + waiting);
}

test("what is received is delivered, waits, is refused or parked, by tracker, and all of it is counted", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const relay = await startRelay(t, [`--upstream=${server.url}`, `--metrics-listen=${ANY_PORT}`]);
  const relayUrl = await urlIn(relay.log);
  const home = await scratchHome(t);
  await home.startDaemon({ env: { STEPWELL_METRICS_LISTEN: ANY_PORT } });
  const url = await urlIn(() => readFileSync(home.paths.logFile, "utf8"));
  const database = `${home.paths.home}/refusing.db`;
  await register(home, "up", `grpc://${relay.address}`);
  await register(home, "down", `grpc://127.0.0.1:${await freePort()}`);
  await register(home, "refusing", `sqlite:///${database}`);

  const producer = new RawProducer(await home.startDaemonOrFind());
  producer.hello();
  const [up, down, refusing] = [newRunId(), newRunId(), newRunId()];
  const bad = pointsOf("x".repeat(300), 7);
  producer.batch(1, up, { runStart: startOf(["up"]), metrics: [...pointsOf("secret-key", 1_234), ...bad] });
  producer.batch(2, down, { runStart: startOf(["down"]), metrics: pointsOf("loss", 55) });
  producer.batch(3, refusing, { runStart: startOf(["refusing"]), metrics: pointsOf("loss", 3) });
  await producer.acknowledged(3);
  producer.batch(3, refusing, { metrics: pointsOf("loss", 3) });
  await until(
    "delivered",
    () => scrape(url),
    (now) => sumOf(now, "stepwell_points_delivered_total") === 1_237,
  );
  change(database, "UPDATE runs SET lifecycle_stage = 'deleted'");
  producer.batch(4, refusing, { metrics: pointsOf("late", 4) });
  await producer.acknowledged(4);
  const now = await until(
    "parked",
    () => scrape(url),
    (seen) => sumOf(seen, "stepwell_points_parked_total") > 0 && sumOf(seen, "stepwell_queue_points") === 55,
  );

  holdsSums(t, now);
  const told = (name: string, labels = {}) => sumOf(now, `stepwell_${name}`, labels);
  const at = (tracker: string, more = {}) => ({ stepwell_tracker: tracker, ...more });
  t.is(told("points_received_total"), 1_234 + 7 + 55 + 3 + 4);
  t.is(told("points_refused_total"), 7);
  t.is(told("entries_refused_total", { error_type: "STEPWELL_KEY_INVALID" }), 7, "7 by their reason");
  t.is(told("batches_duplicate_total"), 1);
  t.is(told("points_delivered_total", at("up")), 1_234);
  t.is(told("points_delivered_total", at("down")), 0);
  t.is(told("points_delivered_total", at("refusing")), 3);
  t.is(told("points_parked_total", at("refusing")), 4);
  t.is(told("dead_letters_entries"), 4);
  t.is(told("queue_points", at("down")), 55);
  t.true(told("queue_size_bytes", at("down")) > 55 * 8);
  t.true(told("queue_oldest_age_seconds", at("down")) > 0);
  t.is(told("queue_points", at("up")), 0);
  t.is(told("queue_lanes", at("down", { stepwell_lane_state: "retrying" })), 1);
  t.true(told("backend_packs_total", at("down", { stepwell_outcome: "retry" })) > 0);
  t.is(told("backend_packs_total", at("up", { stepwell_outcome: "delivered" })) > 0, true);
  t.true(told("backend_request_duration_seconds_count", at("up")) > 0);
  t.is(told("batch_ack_duration_seconds_count"), 4);
  t.true(told("journal_fsync_duration_seconds_count") > 0);
  t.is(told("producer_connected"), 1);

  const there = await scrape(relayUrl);
  t.is(sumOf(there, "stepwell_relay_points_delivered_total"), 1_234);
  t.is(sumOf(there, "stepwell_relay_streams"), 1);
  const delivered = sumOf(there, "stepwell_relay_packs_total", { stepwell_outcome: "delivered" });
  t.is(delivered, sumOf(now, "stepwell_backend_packs_total", at("up", { stepwell_outcome: "delivered" })));
  t.is(
    sumOf(there, "stepwell_relay_commit_duration_seconds_count"),
    sumOf(there, "stepwell_relay_groups_total"),
  );

  // Nothing in either answer names a run or a key; each metric of the tables is there, and no other label.
  for (const [address, metrics] of [
    [url, DAEMON_METRICS],
    [relayUrl, RELAY_METRICS],
  ] as const) {
    const text = await (await fetch(address)).text();
    t.deepEqual(
      [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name),
      ["target_info", ...metrics.map(prometheusName)],
    );
    const labels = new Set(metrics.flatMap(({ attributes }) => attributes.map(prometheusLabel)));
    for (const [name, samples] of samplesOf(text))
      for (const label of samples.flatMap((sample) => Object.keys(sample.labels)))
        t.true(name === "target_info" || label === "le" || labels.has(label), `${label} of ${name}`);
    for (const hidden of [up, down, refusing, "secret-key", "loss", "x".repeat(300)])
      t.false(text.includes(hidden), hidden);
  }

  // Who looks at the daemon is told where they are.
  t.like(await home.json(["status"]), { metrics_url: url, metrics_are_pushed: false });
  t.true((await home.here(["status"])).stdout.includes(`Metrics are at ${url}.`));
  const { stdout } = await home.here(["doctor", "--output=json"]);
  const checks = JSON.parse(stdout) as { check: string; finding: string }[];
  t.like(
    checks.find(({ check }) => check === "metrics"),
    { finding: `Metrics are at ${url}.` },
  );

  change(database, "UPDATE runs SET lifecycle_stage = 'active'");
  t.is((await home.here(["dead-letter", "retry", "--all"])).code, 0);
  const after = await until(
    "sent again",
    () => scrape(url),
    (seen) => sumOf(seen, "stepwell_points_delivered_total", at("refusing")) === 7,
  );
  t.is(sumOf(after, "stepwell_points_retried_total"), 4);
  holdsSums(t, after);
  producer.close();
});

test("a port that somebody else has is in the status and the doctor's words, until it is free", async (t) => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", () => resolve()));
  t.teardown(() => holder.close());
  const { port } = holder.address() as AddressInfo;
  const home = await scratchHome(t);
  await home.startDaemon({ env: { STEPWELL_METRICS_LISTEN: `127.0.0.1:${port}` } });
  const inWords = `Metrics can't be read at 127.0.0.1:${port}: another process has it.`;
  await until(
    "the status",
    async () => (await home.here(["status"])).stdout,
    (said) => said.includes(inWords),
  );
  t.true((await home.here(["doctor"])).stdout.replace(/\s+/g, " ").includes(inWords));
  holder.close();
  await until(
    "the address",
    async () => (await home.here(["status"])).stdout,
    (said) => said.includes(`Metrics are at http://127.0.0.1:${port}/metrics.`) && !said.includes(inWords),
  );
});
