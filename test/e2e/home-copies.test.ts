import { cpSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import test, { type ExecutionContext } from "ava";
import { query } from "../sinks/mlflow-sqlite/database.js";
import { scratchFolder } from "../support/folder.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { newRunId, RawProducer, startOf } from "../support/producer.js";

interface StatusJson {
  readonly dead_letters: number;
  readonly notices: readonly string[];
}

/** A home whose tracker writes to a store outside of it. */
async function homeWithStore(t: ExecutionContext) {
  const home = await scratchHome(t);
  const store = `${await scratchFolder(t)}/mlflow.db`;
  await home.json([
    "experiment-tracker",
    "register",
    "out",
    "--flavor=mlflow",
    `--tracking_uri=sqlite:///${store}`,
  ]);
  await home.json(["stack", "register", "local", "-e", "out", "--set"]);
  t.is((await home.stepwell(["daemon", "stop"])).code, 0);
  return { home, store };
}

/** Logs the points of a run with steps from one on, and waits until they are acknowledged. */
async function log(endpoint: string, runId: string, fromStep: number, count: number): Promise<void> {
  const producer = new RawProducer(endpoint);
  producer.hello();
  const numbers = Array.from({ length: count }, (_, index) => BigInt(fromStep + index));
  const values = numbers.map(Number);
  const metrics = [{ key: "loss", modelId: "", steps: numbers, timestampsMs: numbers, values }];
  producer.batch(1, runId, { runStart: startOf(), metrics });
  await producer.acknowledged(1);
  producer.close();
}

async function flush(t: ExecutionContext, home: ScratchHome): Promise<void> {
  const { code, stderr } = await home.stepwell(["flush"]);
  t.is(code, 0, stderr);
}

const stepsIn = (store: string, runId: string) =>
  query(store, "SELECT step FROM metrics WHERE run_uuid = ? ORDER BY step", runId).map(([step]) =>
    Number(step),
  );
const steps = (...ranges: [number, number][]) =>
  ranges.flatMap(([from, count]) => Array.from({ length: count }, (_, index) => from + index));
const idOf = (home: ScratchHome) => readFileSync(home.paths.homeIdFile, "utf8").trim();
const newIds = (home: ScratchHome) =>
  readFileSync(home.paths.logFile, "utf8").split("has taken a new id").length - 1;

test("a home that was put back to an earlier state, while its store went on, delivers what it logs then", async (t) => {
  t.timeout(180_000);
  const { home, store } = await homeWithStore(t);
  const runId = newRunId();
  const first = await home.startDaemon();
  await log(first.endpoint.endpoint, runId, 0, 50);
  await flush(t, home);
  await first.end("SIGTERM");
  const snapshot = `${home.paths.home}.snapshot`;
  cpSync(home.paths.home, snapshot, { recursive: true });
  const second = await home.startDaemon();
  await log(second.endpoint.endpoint, runId, 50, 200);
  await flush(t, home);
  await second.end("SIGTERM");
  const id = idOf(home);
  rmSync(home.paths.home, { recursive: true });
  renameSync(snapshot, home.paths.home);
  const third = await home.startDaemon();
  await log(third.endpoint.endpoint, runId, 1_000, 150);
  await flush(t, home);
  t.deepEqual(stepsIn(store, runId), steps([0, 250], [1_000, 150]));
  t.not(idOf(home), id);
  t.is(newIds(home), 1);
  const status = (await home.json(["status"])) as StatusJson;
  t.is(status.notices.length, 1);
  t.regex(status.notices[0] ?? "", /new id/);
  await third.end("SIGTERM");
  const fourth = await home.startDaemon();
  await log(fourth.endpoint.endpoint, runId, 2_000, 10);
  await flush(t, home);
  t.deepEqual(stepsIn(store, runId), steps([0, 250], [1_000, 150], [2_000, 10]));
  t.is(newIds(home), 1, "told once");
  t.deepEqual(((await home.json(["status"])) as StatusJson).notices, []);
  await fourth.end("SIGTERM");
  t.regex((await home.stepwell(["doctor"])).stdout, /new id/);
});

test("a home whose running state was copied, and that was put back to that copy, loses nothing", async (t) => {
  t.timeout(180_000);
  const { home, store } = await homeWithStore(t);
  const runId = newRunId();
  const first = await home.startDaemon();
  await log(first.endpoint.endpoint, runId, 0, 50);
  await flush(t, home);
  const snapshot = `${home.paths.home}.snapshot`;
  cpSync(home.paths.home, snapshot, { recursive: true, filter: (path) => !path.endsWith(".sock") });
  await log(first.endpoint.endpoint, runId, 50, 200);
  await flush(t, home);
  await first.end("SIGKILL");
  rmSync(home.paths.home, { recursive: true });
  renameSync(snapshot, home.paths.home);
  const second = await home.startDaemon();
  await log(second.endpoint.endpoint, runId, 1_000, 150);
  await flush(t, home);
  t.deepEqual(stepsIn(store, runId), steps([0, 250], [1_000, 150]));
  t.is(newIds(home), 1);
});

test("two live copies of one home on one run: all points of both arrive", async (t) => {
  t.timeout(180_000);
  const { home, store } = await homeWithStore(t);
  const runId = newRunId();
  const first = await home.startDaemon();
  await log(first.endpoint.endpoint, runId, 0, 10);
  await flush(t, home);
  const copy = await scratchHome(t);
  const options = { recursive: true, filter: (path: string) => !path.endsWith(".sock") };
  cpSync(home.paths.home, copy.paths.home, options);
  const second = await copy.startDaemon();
  for (let round = 0; round < 8; round++) {
    await log(first.endpoint.endpoint, runId, 1_000 + round * 10, 10);
    await log(second.endpoint.endpoint, runId, 2_000 + round * 10, 10);
    if (round % 2 === 0) continue;
    await flush(t, home);
    await flush(t, copy);
  }
  const stored = stepsIn(store, runId);
  const lost = steps([0, 10], [1_000, 80], [2_000, 80]).filter((step) => !stored.includes(step));
  t.deepEqual(lost, [], [home, copy].map(({ paths }) => readFileSync(paths.logFile, "utf8")).join("\n"));
  t.is(stored.length, 170);
  t.not(idOf(home), idOf(copy));
  t.is(newIds(home) + newIds(copy), 1, "whoever came second took a new id");
  t.is(((await home.json(["status"])) as StatusJson).dead_letters, 0);
  t.is(((await copy.json(["status"])) as StatusJson).dead_letters, 0);
  t.true(dirname(copy.paths.home) !== dirname(home.paths.home));
});
