import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { status as grpcStatus } from "@grpc/grpc-js";
import test from "ava";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { StackBook } from "../../src/stacks/stack-book.js";
import { openStore } from "../../src/store/store.js";
import { holdLock, query } from "../sinks/mlflow-sqlite/database.js";
import { SetClock } from "../support/clock.js";
import { gatewayAddressIn } from "../support/gateway-address.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { until } from "../support/until.js";

interface StatusJson {
  readonly queued_points: number;
  readonly delivered_points: number;
  readonly journaled_points: number;
  readonly dead_letters: number;
  readonly lanes: readonly {
    readonly run_id: string;
    readonly tracker: string;
    readonly state: string;
    readonly last_error: string;
  }[];
}

const statusOf = async (home: ScratchHome) => (await home.json(["status"])) as StatusJson;

async function withTracker(home: ScratchHome, name = "tracker", ...settings: string[]): Promise<void> {
  await home.json(["experiment-tracker", "register", name, "--flavor=mlflow", ...settings]);
}

const databaseOf = (home: ScratchHome) => `${home.paths.artifactStoreFolder}/mlflow.db`;
const countOf = (path: string, runId: string) =>
  Number(query(path, "SELECT count(*) FROM metrics WHERE run_uuid = ?", runId)[0]?.[0]);

test("a run goes to the store with its params, points, tags and end, and flush says when it is there", async (t) => {
  const home = await scratchHome(t);
  const daemon = await home.startDaemonOrFind();
  const producer = new RawProducer(daemon);
  const runId = newRunId();
  producer.hello();
  producer.batch(1, runId, { runStart: startOf(), params: [{ key: "lr", value: "0.1" }] });
  for (let sequence = 2; sequence <= 11; sequence++) {
    producer.batch(sequence, runId, {
      metrics: pointsOf(`m${sequence}`, 3333),
      tags: [{ key: "at", value: `${sequence}` }],
    });
  }
  producer.batch(12, runId, { runEnd: { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 77n } });
  await producer.acknowledged(12);
  t.is((await home.here(["flush"])).code, 0);
  const path = databaseOf(home);
  t.is(countOf(path, runId), 33_330);
  t.deepEqual(query(path, "SELECT status, end_time FROM runs WHERE run_uuid = ?", runId), [
    ["FINISHED", "77"],
  ]);
  t.deepEqual(query(path, "SELECT key, value FROM params WHERE run_uuid = ?", runId), [["lr", "0.1"]]);
  t.deepEqual(query(path, "SELECT value FROM tags WHERE key = 'at' AND run_uuid = ?", runId), [["11"]]);
  const report = await statusOf(home);
  t.like(report, {
    queued_points: 0,
    delivered_points: 33_330,
    journaled_points: 33_330,
    dead_letters: 0,
    lanes: [],
  });
});

test("with nothing configured a program's run, a command's and the gateway's go to a local store", async (t) => {
  const home = await scratchHome(t);
  const script = "stepwell log loss=0.3 --step 4";
  t.is((await home.stepwell(["run", "--run-name=program", "--", "sh", "-c", script])).code, 0);
  const producer = new RawProducer(await home.startDaemonOrFind());
  producer.hello();
  producer.batch(1, newRunId(), {
    runStart: { ...startOf(), runName: "client" } as ReturnType<typeof startOf>,
    metrics: pointsOf("loss", 1),
  });
  await producer.acknowledged(1);
  const gateway = gatewayAddressIn((await home.here(["env"])).stdout);
  const made = await fetch(`${gateway}/api/2.0/mlflow/runs/create`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ experiment_id: "0", run_name: "gateway" }),
  });
  t.is(made.status, 200);
  t.is((await home.here(["flush"])).code, 0);
  t.deepEqual(query(databaseOf(home), "SELECT name FROM runs ORDER BY name"), [
    ["client"],
    ["gateway"],
    ["program"],
  ]);
  t.is((await home.here(["stack", "validate"])).code, 0);
});

test("a run that began before there was a tracker goes there once one is registered", async (t) => {
  const home = await scratchHome(t);
  const producer = new RawProducer(await home.startDaemonOrFind());
  const [named, unnamed] = [newRunId(), newRunId()];
  await home.json(["stack", "register", "bare", "--set"]);
  producer.hello();
  producer.batch(1, named, { runStart: startOf(["late"]), metrics: pointsOf("loss", 5) });
  producer.batch(2, unnamed, { runStart: startOf(), metrics: pointsOf("loss", 6) });
  await producer.acknowledged(2);
  t.deepEqual(
    (await statusOf(home)).lanes.map((lane) => lane.state),
    ["held", "held"],
  );
  t.is((await home.here(["flush", "--timeout=0.2"])).code, 4);
  await withTracker(home, "late");
  // The tracker is enough for the run that names it; the other one waits for a stack.
  const { lanes } = await until(
    "one lane waits",
    () => statusOf(home),
    (status) => status.lanes.length === 1,
  );
  t.like(lanes[0], { run_id: unnamed, state: "held" });
  t.is(countOf(databaseOf(home), named), 5);
  await home.json(["stack", "register", "local", "-e", "late", "--set"]);
  t.is((await home.here(["flush"])).code, 0);
  t.is(countOf(databaseOf(home), named), 5);
  t.is(countOf(databaseOf(home), unnamed), 6);
});

/** One run that waits for the tracker "late", acknowledged. */
async function waitingRun(home: ScratchHome): Promise<string> {
  const producer = new RawProducer(await home.startDaemonOrFind());
  const runId = newRunId();
  producer.hello();
  producer.batch(1, runId, { runStart: startOf(["late"]), metrics: pointsOf("loss", 5) });
  await producer.acknowledged(1);
  producer.close();
  return runId;
}

test("a run that waits for a tracker goes there once a stack with it is imported, and not for a dry run", async (t) => {
  const [source, home] = [await scratchHome(t), await scratchHome(t)];
  await withTracker(source, "late");
  await source.json(["stack", "register", "local", "-e", "late"]);
  const file = `${source.paths.home}/stack.yaml`;
  t.is((await source.here(["stack", "export", "local", file])).code, 0);
  const runId = await waitingRun(home);
  t.is((await home.here(["stack", "import", "-f", file, "--dry-run"])).code, 0);
  t.is((await home.here(["flush", "--timeout=0.5"])).code, 4);
  t.is((await home.here(["stack", "import", "-f", file])).code, 0);
  t.is((await home.here(["flush"])).code, 0);
  t.is(countOf(databaseOf(home), runId), 5);
});

test("a daemon that died right after a tracker was written goes on with the runs that waited for it", async (t) => {
  const home = await scratchHome(t);
  const runId = await waitingRun(home);
  t.is((await home.here(["daemon", "stop"])).code, 0);
  // As it is between the write of the tracker and the look at who waits for one.
  const store = await openStore(home.paths.stateFolder);
  const stacks = await StackBook.open(store, new SetClock());
  await stacks.registerComponent({
    ...{ type: "experiment_tracker", name: "late", flavor: "mlflow" },
    ...{ configuration: {}, labels: {} },
  });
  await store.close();
  await home.startDaemonOrFind();
  t.is((await home.here(["flush"])).code, 0);
  t.is(countOf(databaseOf(home), runId), 5);
});

test("a database that somebody holds costs its own lane only, and nothing once it is free", async (t) => {
  const home = await scratchHome(t);
  const other = `${home.paths.home}/other.db`;
  await withTracker(home, "free");
  await withTracker(home, "busy", `--tracking_uri=sqlite:///${other}`);
  const producer = new RawProducer(await home.startDaemonOrFind());
  const [free, busy] = [newRunId(), newRunId()];
  producer.hello();
  producer.batch(1, busy, { runStart: startOf(["busy"]), metrics: pointsOf("loss", 1) });
  await producer.acknowledged(1);
  t.is((await home.here(["flush"])).code, 0);
  const release = holdLock(other);
  producer.batch(2, busy, { metrics: pointsOf("acc", 4) });
  producer.batch(3, free, { runStart: startOf(["free"]), metrics: pointsOf("loss", 9) });
  await producer.acknowledged(3);
  const report = await until(
    "one lane is left and tries again",
    () => statusOf(home),
    ({ lanes }) => lanes.length === 1 && lanes[0]?.state === "retrying",
  );
  t.is(countOf(databaseOf(home), free), 9);
  t.like(report.lanes, [{ run_id: busy, tracker: "busy" }]);
  t.regex(report.lanes[0]?.last_error ?? "", /^STEPWELL_DATABASE_LOCKED: /);
  release();
  t.is((await home.here(["flush"])).code, 0);
  t.is(countOf(other, busy), 5);
});

test("a daemon that is killed again and again in mid-drain delivers every point once", async (t) => {
  const home = await scratchHome(t);
  const runId = newRunId();
  let daemon = await home.startDaemon();
  const producer = new RawProducer(daemon.endpoint.endpoint);
  producer.hello();
  producer.batch(1, runId, { runStart: startOf() });
  for (let sequence = 2; sequence <= 101; sequence++) {
    producer.batch(sequence, runId, { metrics: pointsOf(`m${sequence}`, 2000) });
  }
  await producer.acknowledged(101);
  for (let kill = 0; kill < 5; kill++) {
    await daemon.end("SIGKILL");
    daemon = await home.startDaemon();
    await sleep(250 + 50 * kill);
  }
  t.is((await home.here(["flush"])).code, 0);
  t.is(countOf(databaseOf(home), runId), 200_000);
  t.deepEqual(query(databaseOf(home), "SELECT count(DISTINCT key) FROM metrics"), [["100"]]);
  t.like(await statusOf(home), { queued_points: 0, delivered_points: 200_000, journaled_points: 200_000 });
});

test("the first SIGTERM drains, the second one ends at once and loses nothing", async (t) => {
  const home = await scratchHome(t);
  const first = await home.startDaemon();
  const producer = new RawProducer(first.endpoint.endpoint);
  const runId = newRunId();
  producer.hello();
  producer.batch(1, runId, { runStart: startOf(), metrics: pointsOf("loss", 7) });
  await producer.acknowledged(1);
  t.is(await first.end("SIGTERM"), 0);
  t.is((await producer.ended).code, "STEPWELL_DAEMON_STOPPING");
  t.is(countOf(databaseOf(home), runId), 7);
  const second = await home.startDaemon();
  const release = holdLock(databaseOf(home));
  const again = new RawProducer(second.endpoint.endpoint, producer.producerId);
  again.hello({ epoch: 2n });
  again.batch(2, runId, { metrics: pointsOf("acc", 8) });
  await again.acknowledged(2);
  const ended = second.end("SIGTERM");
  await sleep(300);
  second.child.kill("SIGTERM");
  t.is(await ended, null, "it ends by a signal, without a word to the database");
  release();
  await home.startDaemon();
  t.is((await home.here(["flush"])).code, 0);
  t.is(countOf(databaseOf(home), runId), 15);
});

test("a daemon that ends before all is delivered says what is left, in its log and to who ended it", async (t) => {
  const home = await scratchHome(t);
  const daemon = await home.startDaemon();
  const producer = new RawProducer(daemon.endpoint.endpoint);
  producer.hello();
  producer.batch(1, newRunId(), { runStart: startOf(["nowhere"]), metrics: pointsOf("loss", 7) });
  await producer.acknowledged(1);
  const stopped = await home.here(["daemon", "stop", "--timeout=0"]);
  t.is(stopped.code, 0);
  t.regex(stopped.stderr, /has ended; left on disk for the next one: 7 points of 1 lane\.\n$/);
  const log = await readFile(home.paths.logFile, "utf8");
  t.regex(log, /"the daemon ends"[^\n]*"drained":false,"lanes":1,"queuedPoints":7/);
});

test("a full journal refuses batches with the numbers, and takes them again once lanes have drained", async (t) => {
  const home = await scratchHome(t);
  const quota = 8 * 1024 * 1024;
  const { endpoint } = await home.startDaemon({ env: { STEPWELL_JOURNAL_QUOTA_BYTES: `${quota}` } });
  const producer = new RawProducer(endpoint.endpoint);
  const runId = newRunId();
  producer.hello();
  producer.batch(1, runId, { runStart: startOf(["tracker"]) });
  const points = pointsOf("loss", 1000);
  let isOver = false;
  const end = producer.ended.then((ended) => {
    isOver = true;
    return ended;
  });
  let sequence = 1;
  while (!isOver && sequence < 2_000) {
    for (let count = 0; count < 20; count++) producer.batch(++sequence, runId, { metrics: points });
    await sleep(20);
  }
  t.deepEqual(await end, { status: grpcStatus.RESOURCE_EXHAUSTED, code: "STEPWELL_JOURNAL_FULL" });
  const report = (await home.json(["status"])) as StatusJson & { readonly journal_error: string };
  t.regex(report.journal_error, /STEPWELL_JOURNAL_FULL: The journal holds \d+ bytes; its quota is 8388608/);
  await withTracker(home);
  t.is((await home.here(["flush"])).code, 0);
  // Room comes back when the delivered segment is gone; a client tries again until then.
  let again = new RawProducer(endpoint.endpoint, producer.producerId);
  for (let epoch = 2n; ; epoch++) {
    again.hello({ epoch });
    const refused = await Promise.race([again.answer("welcome").then(() => undefined), again.ended]);
    if (!refused) break;
    t.is(refused.code, "STEPWELL_JOURNAL_FULL");
    t.true(epoch < 100n);
    await sleep(100);
    again = new RawProducer(endpoint.endpoint, producer.producerId);
  }
  const { journaledSequence } = await again.answer("welcome");
  again.batch(Number(journaledSequence) + 1, runId, { metrics: pointsOf("last", 1) });
  await again.acknowledged(Number(journaledSequence) + 1);
  t.is((await home.here(["flush"])).code, 0);
  t.is(countOf(databaseOf(home), runId), 1001);
});
