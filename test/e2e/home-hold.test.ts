/** A daemon and its home: one for each, found by its files, whatever is removed, and gone when its home is. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { homeOf, readEndpoint } from "../../src/home/endpoint.js";
import { HOME_GONE_MS, HOME_LOOK_MS } from "../../src/model/limits.js";
import { query } from "../sinks/mlflow-sqlite/database.js";
import { ROOT, type ScratchHome, scratchHome } from "../support/home.js";
import { homeAtServer } from "../support/home-at-server.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { ScriptedMlflow } from "../support/scripted-mlflow.js";
import { until } from "../support/until.js";

/** A daemon whose stderr is not in the home. */
function startApart(home: ScratchHome, env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [join(ROOT, "build/stepwell-daemon.cjs")], {
    env: { ...home.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = Promise.all([text(child.stderr), once(child, "exit")]).then(([said]) => {
    const lines = said.trimEnd().split("\n");
    return { lastLine: lines.at(-1) ?? "", said };
  });
  return { child, ended, isServing: () => readEndpoint(home.paths)?.pid === child.pid };
}

/** So that what comes has somewhere to go. */
async function withTracker(home: ScratchHome): Promise<void> {
  await home.json(["experiment-tracker", "register", "tracker", "--flavor=mlflow"]);
  await home.json(["stack", "register", "local", "-e", "tracker", "--set"]);
}

async function served(home: ScratchHome, env: Readonly<Record<string, string>> = {}) {
  const daemon = startApart(home, env);
  await until("the daemon serves", daemon.isServing, (isServing) => isServing);
  return daemon;
}

const lockOf = (home: ScratchHome) => join(home.paths.stateFolder, "LOCK");
const findable = (home: ScratchHome) => [home.paths.endpointFile, home.paths.socketPath, lockOf(home)];

/** Points that are acknowledged, by the daemon that the endpoint file names. */
async function log(t: ExecutionContext, home: ScratchHome, runId: string, points: number): Promise<void> {
  const producer = new RawProducer(readEndpoint(home.paths)?.endpoint ?? "");
  producer.hello();
  producer.batch(1, runId, { runStart: startOf(), metrics: pointsOf(`m${points}`, points) });
  await producer.acknowledged(1);
  producer.close();
  t.pass();
}

test("with LOCK, the endpoint file and the socket removed a second daemon finds the home taken, and the first is found again", async (t) => {
  const home = await scratchHome(t);
  const first = await served(home);
  await withTracker(home);
  const runId = newRunId();
  await log(t, home, runId, 100);
  for (const round of [1, 2]) {
    for (const path of findable(home)) rmSync(path, { force: true });
    const second = startApart(home);
    t.regex((await second.ended).lastLine, /\[STEPWELL_HOME_LOCKED\]$/, `round ${round}`);
    // The doctor opens the state store where no daemon answers, and a command would start one.
    for (const path of findable(home)) rmSync(path, { force: true });
    const checks = JSON.parse((await home.stepwell(["doctor", "-o", "json"])).stdout) as {
      finding: string;
    }[];
    t.true(checks.length > 0);
    const started = (await home.json(["daemon", "start"])) as { pid: number };
    t.is(started.pid, first.child.pid ?? 0);
  }
  await log(t, home, runId, 200);
  t.is((await home.here(["flush"])).code, 0);
  t.like(await home.json(["status"]), { delivered_points: 300, dead_letters: 0 });
  first.child.kill("SIGTERM");
  await first.ended;
});

test("a stream that is open goes on while the socket is made anew, and new ones are taken", async (t) => {
  const home = await scratchHome(t);
  const { endpoint } = await home.startDaemon();
  const producer = new RawProducer(endpoint.endpoint);
  producer.hello();
  producer.batch(1, newRunId(), { runStart: startOf() });
  await producer.acknowledged(1);
  // With the folder that it is in; and something else in its place.
  rmSync(join(home.paths.home, "run"), { recursive: true });
  mkdirSync(home.paths.socketPath, { recursive: true });
  await until(
    "the socket is there",
    () => statSync(home.paths.socketPath, { throwIfNoEntry: false })?.isSocket() ?? false,
    (isSocket) => isSocket,
  );
  producer.batch(2, newRunId(), { runStart: startOf() });
  await producer.acknowledged(2);
  await log(t, home, newRunId(), 10);
});

test("without a lock on the folder the daemon ends once LevelDB's is gone, before another one can have the home for long", async (t) => {
  const home = await scratchHome(t);
  // Where no flock(1) is to be found.
  const daemon = await served(home, { PATH: "/none" });
  rmSync(lockOf(home));
  t.regex((await daemon.ended).lastLine, /second daemon may have it.*\[STEPWELL_HOME_LOCKED\]$/);
  await home.startDaemonOrFind();
});

test("a home that is removed ends its daemon, which does not make it again", async (t) => {
  const home = await scratchHome(t);
  const daemon = await served(home);
  await log(t, home, newRunId(), 100);
  // What is made while the folder is removed may stay.
  t.is((await home.here(["flush"])).code, 0);
  rmSync(home.paths.home, { recursive: true });
  const { lastLine } = await daemon.ended;
  t.regex(lastLine, /was moved or removed.*\[STEPWELL_HOME_GONE\]$/);
  t.true(lastLine.includes(home.paths.home));
  t.false(existsSync(home.paths.home));
});

test("a home that is moved ends its daemon in order; another goes on where it is now", async (t) => {
  const home = await scratchHome(t);
  const daemon = await served(home);
  await withTracker(home);
  const runId = newRunId();
  await log(t, home, runId, 100);
  const moved = `${home.paths.home}-moved`;
  renameSync(home.paths.home, moved);
  t.regex((await daemon.ended).lastLine, /\[STEPWELL_HOME_GONE\]$/);
  t.false(existsSync(home.paths.home));
  renameSync(moved, home.paths.home);
  t.is((await home.here(["flush"])).code, 0);
  t.like(await home.json(["status"]), { delivered_points: 100, dead_letters: 0 });
});

test("a stopped home that is moved delivers there what waited; runs of its own store wait for its old path", async (t) => {
  const server = await ScriptedMlflow.start(t);
  const { home } = await homeAtServer(t, server.url);
  const [atServer, inHome] = [newRunId(), newRunId()];
  const logBoth = async (endpoint: string, key: string) => {
    const producer = new RawProducer(endpoint);
    producer.hello();
    const start = (...trackers: string[]) => (key === "before" ? { runStart: startOf(trackers) } : {});
    producer.batch(1, atServer, { ...start(), metrics: pointsOf(key, 10) });
    producer.batch(2, inHome, { ...start("default"), metrics: pointsOf(key, 10) });
    await producer.acknowledged(2);
    producer.close();
  };
  await logBoth(await home.startDaemonOrFind(), "before");
  t.is((await home.here(["flush"])).code, 0);
  let isAway = true;
  server.rule(() => (isAway ? "break-before" : undefined));
  await logBoth(await home.startDaemonOrFind(), "waits");
  t.is((await home.here(["daemon", "stop", "--timeout=0"])).code, 0);
  const moved = { STEPWELL_HOME: `${home.paths.home}-moved` };
  renameSync(home.paths.home, moved.STEPWELL_HOME);
  isAway = false;
  t.teardown(() => home.here(["daemon", "stop", "--timeout=0"], moved));
  t.is((await home.here(["daemon", "start"], moved)).code, 0);
  await logBoth(readEndpoint(homeOf(moved))?.endpoint ?? "", "after");
  const { lanes } = await until(
    "one lane is left",
    async () => JSON.parse((await home.here(["status", "-o", "json"], moved)).stdout) as { lanes: Lane[] },
    (status) => status.lanes.length === 1 && status.lanes[0]?.state === "held",
  );
  t.like(lanes[0], { run_id: inHome, tracker: "default" });
  t.regex(lanes[0]?.last_error ?? "", /^STEPWELL_STORE_GONE/);
  t.is(new Set(server.store.run(atServer).points).size, 30);
  t.false(existsSync(home.paths.home));
  t.is((await home.here(["daemon", "stop", "--timeout=0"], moved)).code, 0);
  renameSync(moved.STEPWELL_HOME, home.paths.home);
  t.is((await home.here(["daemon", "start"])).code, 0);
  t.is((await home.here(["flush"])).code, 0);
  const counted = "SELECT key, count(*) FROM metrics WHERE run_uuid = ? GROUP BY key ORDER BY key";
  t.deepEqual(query(`${home.paths.artifactStoreFolder}/mlflow.db`, counted, inHome), [
    ["after", "10"],
    ["before", "10"],
    ["waits", "10"],
  ]);
});

interface Lane {
  readonly run_id: string;
  readonly tracker: string;
  readonly state: string;
  readonly last_error: string;
}

test("a home that is away for a moment, as on a volume that comes back, costs nothing", async (t) => {
  const home = await scratchHome(t);
  const daemon = await served(home);
  await withTracker(home);
  const away = `${home.paths.home}-away`;
  for (const before of ["nothing", "another folder"]) {
    renameSync(home.paths.home, away);
    if (before === "another folder") mkdirSync(home.paths.home);
    await sleep(Math.min(2 * HOME_LOOK_MS, HOME_GONE_MS / 2));
    if (before === "another folder") rmSync(home.paths.home, { recursive: true });
    renameSync(away, home.paths.home);
    await sleep(HOME_LOOK_MS);
  }
  await log(t, home, newRunId(), 100);
  t.is((await home.here(["flush"])).code, 0);
  t.true(daemon.isServing());
  t.is(daemon.child.exitCode, null);
});

test("a home that another one replaced is not touched by the daemon that it had", async (t) => {
  const home = await scratchHome(t);
  const daemon = await served(home);
  renameSync(home.paths.home, `${home.paths.home}-old`);
  mkdirSync(home.paths.home, { mode: 0o700 });
  writeFileSync(home.paths.endpointFile, "theirs");
  t.regex((await daemon.ended).lastLine, /\[STEPWELL_HOME_GONE\]$/);
  t.is(statSync(home.paths.endpointFile).size, "theirs".length);
});
