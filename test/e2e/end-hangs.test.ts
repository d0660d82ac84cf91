/** A daemon's end while a thread of it hangs in a system call, as in one for a disk that answers nothing. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import anyTest from "ava";
import { query } from "../sinks/mlflow-sqlite/database.js";
import { hangWhoOpens } from "../support/hanging-database.js";
import { ROOT, scratchHome } from "../support/home.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { until } from "../support/until.js";

const test = process.platform === "win32" ? anyTest.skip : anyTest;
const HANGS = /the daemon ends though a part of it hangs/g;

test("a SQLite thread that hangs holds neither `daemon stop` nor SIGTERM, and the next daemon delivers all, once", async (t) => {
  const home = await scratchHome(t);
  const first = await home.startDaemon();
  const database = `${home.paths.artifactStoreFolder}/mlflow.db`;
  const givenUp = () => readFileSync(home.paths.logFile, "utf8").match(HANGS)?.length ?? 0;
  await home.json(["experiment-tracker", "register", "local", "--flavor=mlflow"]);
  await home.json(["stack", "register", "local", "-e", "local", "--set"]);
  const runId = newRunId();
  const producer = new RawProducer(first.endpoint.endpoint);
  producer.hello();
  producer.batch(1, runId, { runStart: startOf(), metrics: pointsOf("before", 10) });
  await producer.acknowledged(1);
  t.is((await home.here(["flush"])).code, 0);
  hangWhoOpens(database);
  producer.batch(2, runId, { metrics: pointsOf("meanwhile", 20) });
  await producer.acknowledged(2);
  await laneIsUnderWay();

  const stopped = await home.here(["daemon", "stop", "--timeout=1"]);
  t.is(stopped.code, 0, stopped.stderr);
  t.regex(stopped.stderr, /has ended; left on disk for the next one: 20 points of 1 lane/);
  t.is(givenUp(), 1);

  hangWhoOpens(database);
  const second = await home.startDaemon();
  await laneIsUnderWay();
  t.is(await second.end("SIGTERM"), null, "its thread holds an exit");
  t.is(givenUp(), 2);

  await home.startDaemonOrFind();
  const flushed = await home.here(["flush"]);
  t.is(flushed.code, 0, flushed.stderr);
  const counts = query(database, "SELECT key, count(*) FROM metrics GROUP BY key ORDER BY key");
  t.deepEqual(counts, [
    ["before", "10"],
    ["meanwhile", "20"],
  ]);

  async function laneIsUnderWay(): Promise<void> {
    const look = async () => (await home.json(["status"])) as { lanes: readonly { state: string }[] };
    await until("the lane is under way", look, ({ lanes }) => lanes[0]?.state === "flushing");
  }
});

/** What a disk that hangs does to a write of the log: the main thread waits in it. */
const HANGING_LOG = `
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
const { writeSync } = fs;
fs.writeSync = (file, text) => {
  if (String(text).includes("the daemon ends")) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  return writeSync(file, text);
};
syncBuiltinESMExports();
`;

test("a log whose disk hangs holds the end of the daemon no longer than the limit", async (t) => {
  const home = await scratchHome(t);
  const entry = `${home.paths.home}.entry.mjs`;
  writeFileSync(
    entry,
    `${HANGING_LOG}await import(${JSON.stringify(`${ROOT}/build/src/daemon/main.js`)});\n`,
  );
  const daemon = await home.startDaemon({ entry });
  t.is(await daemon.end("SIGTERM"), null, "only a signal ends it");
  t.true(existsSync(home.paths.endpointFile), "it came no further than the line");
  const next = await home.startDaemon();
  t.is(await next.end("SIGTERM"), 0);
});

/** Tells the daemon to end at the moment when others can see it, and its start is not over. */
const ENDED_AT_ONCE = `
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
const { rename } = fs.promises;
fs.promises.rename = async (from, to) => {
  await rename(from, to);
  if (String(to).endsWith("endpoint.json")) process.emit("SIGTERM");
};
syncBuiltinESMExports();
`;

test("a daemon that is told to end while it begins to serve ends in order", async (t) => {
  const home = await scratchHome(t);
  const entry = `${home.paths.home}.entry.mjs`;
  const daemon = JSON.stringify(`${ROOT}/build/src/daemon/main.js`);
  writeFileSync(entry, `${ENDED_AT_ONCE}await import(${daemon});\n`);
  const log = openSync(`${home.paths.home}.said`, "a", 0o600);
  const child = spawn(process.execPath, [entry], { env: home.env, stdio: ["ignore", log, log] });
  t.deepEqual(await once(child, "exit"), [0, null], readFileSync(`${home.paths.home}.said`, "utf8"));
  t.false(existsSync(home.paths.endpointFile));
  t.regex(readFileSync(home.paths.logFile, "utf8"), /"the daemon ends"/);
});
