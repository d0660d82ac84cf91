import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import test from "ava";
import { WorkerThread } from "../../../src/sinks/mlflow-sqlite/worker-thread.js";
import { cursorIn, query } from "./database.js";
import { HOME_ID, pack, RUN_ID, sinkFor, trainingPoints } from "./packs.js";

const workers: Worker[] = [];
process.on("worker", (worker) => workers.push(worker));

test.serial("the worker ends when there is nothing to do, and a next one takes over", async (t) => {
  workers.length = 0;
  const { sink, databasePath } = await sinkFor(t, { idleMs: 50 });
  await sink.send([pack(1, [["loss", 1n, 1n, 1]], { pointsThrough: 1 })]);
  t.is(workers.length, 1);
  const [first] = workers;
  // Neither an idle worker nor its end keeps a process alive.
  const alive = setInterval(() => undefined, 1_000);
  if (first) await once(first, "exit");
  clearInterval(alive);
  t.like((await sink.send([pack(2)]))[0], { kind: "delivered" });
  t.deepEqual(cursorIn(databasePath, RUN_ID, HOME_ID), { seq: 2, points: 0 });
  t.is(workers.length, 2);
});

test.serial("a worker that is gone is replaced at the next request", async (t) => {
  workers.length = 0;
  const { sink, databasePath } = await sinkFor(t);
  await sink.send([pack(1)]);
  // While it rests: ended in the middle of a call, the binding aborts the whole process.
  await workers[0]?.terminate();
  t.like((await sink.send([pack(2, trainingPoints(0, 500))]))[0], { kind: "delivered" });
  t.deepEqual(query(databasePath, "SELECT count(*) FROM metrics"), [["10000"]]);
});

test.serial("a worker that breaks off fails what it was asked", async (t) => {
  const options = { databasePath: "/nowhere/mlflow.db", artifactRoot: "/nowhere", homeId: "home" };
  const worker = new WorkerThread(options, new URL("./breaking-worker.js", import.meta.url));
  const asked = [worker.ask({ kind: "close" }), worker.ask({ kind: "close" })];
  await Promise.all(asked.map((answer) => t.throwsAsync(answer, { code: "STEPWELL_DATABASE_FAILED" })));
  t.false(worker.isAlive);
  await worker.close();
});

test.serial("close ends what is under way first, and what comes later is refused", async (t) => {
  const { sink, databasePath } = await sinkFor(t);
  const sending = sink.send([pack(1, trainingPoints(0, 500))]);
  await sink.close();
  t.like((await sending)[0], { kind: "delivered" });
  t.deepEqual(query(databasePath, "SELECT count(*) FROM metrics"), [["10000"]]);
  t.like((await sink.send([pack(2)]))[0], { kind: "retry", code: "STEPWELL_DAEMON_STOPPING" });
});

test.serial("writing never holds up the thread that asks", async (t) => {
  const { sink } = await sinkFor(t);
  let longestMs = 0;
  let lastMs = performance.now();
  const timer = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - lastMs);
    lastMs = performance.now();
  }, 1);
  const packs = Array.from({ length: 10 }, (_, index) => pack(index + 1, trainingPoints(index * 500, 500)));
  lastMs = performance.now();
  const beganMs = performance.now();
  for (const next of packs) await sink.send([next]);
  const tookMs = performance.now() - beganMs;
  clearInterval(timer);
  t.log(
    `100,000 points in ${tookMs.toFixed(0)} ms, the thread was held for ${longestMs.toFixed(1)} ms at most`,
  );
  t.true(longestMs < tookMs / 3);
});
