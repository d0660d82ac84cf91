/** The client against the real daemon, its journal and its embedded MLflow store. */
import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { runNameOf } from "../../../src/model/run-name.js";
import { type DaemonProcess, type ScratchHome, scratchHome } from "../../../test/support/home.js";
import { until } from "../../../test/support/until.js";
import { StepwellClient } from "../src/index.js";
import { runProgram } from "./support/child.js";
import { CuttingProxy, seededRandom } from "./support/cutting-proxy.js";
import { query, storedPoints, useLocalStore } from "./support/store.js";

/** More than the least quota of a journal holds. */
const FULL_POINTS = 600_000;

interface Status {
  readonly journaled_points: number;
  readonly delivered_points: number;
  readonly dead_letters: number;
  readonly rejected_entries: number;
  readonly producers_ended_without_closing: number;
}

async function delivered(t: ExecutionContext, home: ScratchHome): Promise<Status> {
  const { code, stderr } = await home.here(["flush", "--timeout", "50"]);
  t.is(code, 0, stderr);
  return (await home.json(["status"])) as Status;
}

function holdsEachOnce(t: ExecutionContext, home: ScratchHome, runId: string, points: number): void {
  const stored = storedPoints(home, runId, "k");
  t.is(stored.length, points);
  t.true(stored.every(({ step, value }, i) => step === i && value === i / 7));
}

test("a client that is cut off 50 times in mid-stream delivers every entry once", async (t) => {
  const seed = Number(process.env["STEPWELL_TEST_SEED"] ?? Math.floor(Math.random() * 2 ** 32));
  t.log(`STEPWELL_TEST_SEED=${seed}`);
  const home = await scratchHome(t);
  const daemon = await home.startDaemon();
  await useLocalStore(home);
  const random = seededRandom(seed);
  const proxy = CuttingProxy.start(daemon.endpoint.endpoint, { cutsMax: 50, bytesMax: 300_000, random });
  const client = new StepwellClient({ endpoint: proxy.endpoint });
  const run = client.startRun({ runName: "cut" });
  let points = 0;
  const deadlineMs = performance.now() + 300_000;
  while (proxy.cuts < 50 && performance.now() < deadlineMs) {
    const steps = Array.from({ length: 1 + Math.floor(random() * 50) }, () => points++);
    run.logSeries(
      "k",
      steps,
      steps.map((step) => step / 7),
    );
    // Long texts fill the stream; few points are left to compare.
    run.setTag("points", `${points} `.padEnd(4_000, "x"));
    await sleep(random() * 5);
  }
  run.end();
  await client.flush({ timeoutMs: 20_000 });
  await client.close();
  proxy.stop();
  t.is(proxy.cuts, 50);
  const stats = client.stats();
  t.log(`${points} points, ${stats.connects} streams`);
  t.is(stats.acknowledgedPoints, points);
  const status = await delivered(t, home);
  t.like(status, {
    journaled_points: points,
    delivered_points: points,
    dead_letters: 0,
    rejected_entries: 0,
  });
  holdsEachOnce(t, home, run.runId, points);
  const [tag] = query<{ value: string }>(home, "SELECT value FROM tags WHERE key = 'points'");
  t.true(tag?.value.startsWith(`${points} x`));
});

test("a daemon that is killed in mid-stream, and one that stops, lose and double nothing", async (t) => {
  const home = await scratchHome(t);
  let daemon: DaemonProcess = await home.startDaemon();
  await useLocalStore(home);
  const client = new StepwellClient({ home: home.paths.home, autostart: false });
  const run = client.startRun({ runName: "restarted" });
  let points = 0;
  const log = async (times: number) => {
    for (let i = 0; i < times; i++) {
      for (let j = 0; j < 50; j++) {
        run.logMetric("k", points / 7, { step: points });
        points++;
      }
      await sleep(2);
    }
  };
  for (const signal of ["SIGKILL", "SIGTERM", "SIGKILL"] as const) {
    await log(100);
    const ended = daemon.end(signal);
    await log(20);
    await ended;
    daemon = await home.startDaemon();
  }
  await log(20);
  run.end();
  await client.close();
  t.like(client.stats(), { acknowledgedPoints: points, dropped: 0 });
  t.like(await delivered(t, home), { journaled_points: points, delivered_points: points, dead_letters: 0 });
  holdsEachOnce(t, home, run.runId, points);
});

test("the client starts the daemon by STEPWELL_COMMAND when there is none, and again when it was killed", async (t) => {
  const home = await scratchHome(t);
  const command = `'${process.execPath}' build/stepwell.js`;
  const client = new StepwellClient({ home: home.paths.home, command });
  const run = client.startRun();
  run.logMetric("k", 0, { step: 0 });
  await client.flush();
  const first = (await home.json(["daemon", "status"])) as { pid: number };
  process.kill(first.pid, "SIGKILL");
  run.logMetric("k", 1 / 7, { step: 1 });
  await client.flush();
  const second = (await home.json(["daemon", "status"])) as { pid: number };
  t.not(second.pid, first.pid);
  await client.close();
  t.like(await home.json(["status"]), { journaled_points: 2, producers_ended_without_closing: 0 });
});

test("what the daemon itself refuses is counted, and the rest of the batch arrives", async (t) => {
  const home = await scratchHome(t);
  await home.startDaemon();
  await useLocalStore(home);
  const client = new StepwellClient({ home: home.paths.home });
  const run = client.startRun();
  run.logParam("p", 1);
  // Another object for the same run does not know the param's value; the daemon does.
  const again = client.startRun({ runId: run.runId });
  again.logParam("p", 2);
  again.logMetric("k", 0, { step: 0 });
  again.end();
  await client.close();
  t.is((await delivered(t, home)).delivered_points, 1);
  t.deepEqual(query(home, "SELECT key, value FROM params"), [{ key: "p", value: "1" }]);
  t.is(client.stats().rejected, 1);
});

test("a client whose daemon's journal is full logs on, and delivers all by itself once there is room", async (t) => {
  const home = await scratchHome(t);
  await home.startDaemon({ env: { STEPWELL_JOURNAL_QUOTA_BYTES: `${8 * 1024 * 1024}` } });
  const client = new StepwellClient({ home: home.paths.home, autostart: false });
  const run = client.startRun({ runName: "full" });
  let slowestMs = 0;
  for (let from = 0; from < FULL_POINTS; from += 1_000) {
    const steps = Array.from({ length: 1_000 }, (_, index) => from + index);
    const begin = performance.now();
    run.logSeries(
      "k",
      steps,
      steps.map((step) => step / 7),
    );
    slowestMs = Math.max(slowestMs, performance.now() - begin);
    // As a training does, which also lets the client's thread speak.
    await sleep(1);
  }
  run.end();
  await until(
    "the journal is full",
    async () => (await home.json(["status"])) as { journal_error: string },
    ({ journal_error }) => journal_error.startsWith("STEPWELL_JOURNAL_FULL"),
  );
  t.true(
    client.stats().acknowledgedPoints < FULL_POINTS,
    "what the journal did not take waits in the client",
  );
  t.true(slowestMs < 5_000, `${slowestMs} ms for a call`);
  await useLocalStore(home);
  await client.flush({ timeoutMs: 120_000 });
  await client.close();
  t.like(client.stats(), { acknowledgedPoints: FULL_POINTS, dropped: 0 });
  t.like(await delivered(t, home), { journaled_points: FULL_POINTS, dead_letters: 0 });
  holdsEachOnce(t, home, run.runId, FULL_POINTS);
});

test("while the daemon is stopped log calls go on, the buffer stays bounded, and what it took arrives", async (t) => {
  const home = await scratchHome(t);
  const daemon = await home.startDaemon();
  await useLocalStore(home);
  const client = new StepwellClient({ endpoint: daemon.endpoint.endpoint, bufferBytesMax: 2_000_000 });
  const run = client.startRun({ runName: "stopped" });
  run.logMetric("k", 0, { step: 0 });
  await client.flush();
  daemon.child.kill("SIGSTOP");
  const points = 400_000;
  // A call that waited for the daemon would wait for ever: nobody lets it go on before the last one.
  for (let step = 1; step < points; step++) run.logMetric("k", step / 7, { step });
  await t.throwsAsync(client.flush({ timeoutMs: 500 }), { code: "STEPWELL_FLUSH_TIMEOUT" });
  const { dropped } = client.stats();
  t.true(dropped > 0 && dropped < points, `${dropped} of ${points} were dropped`);
  daemon.child.kill("SIGCONT");
  run.end();
  await client.flush({ timeoutMs: 30_000 });
  await client.close();
  t.like(await delivered(t, home), { delivered_points: points - dropped, rejected_entries: 0 });
  t.true(storedPoints(home, run.runId, "k").every(({ step, value }) => value === step / 7));
});

test("a program says that its run begins and what became of it, whichever way it ends; quiet it says nothing", async (t) => {
  const home = await scratchHome(t);
  await home.startDaemon();
  const run = (ending: string, more: Readonly<Record<string, string>>) =>
    runProgram("unended", { ...home.env, STEPWELL_QUIET: "", ...more }, [ending]);
  const name = runNameOf("c".repeat(32));
  const begins = `stepwell: run ${name} goes on\\. Look: stepwell runs show c{32}\n`;
  t.regex(
    (await run("return", {})).stderr,
    new RegExp(`^${begins}stepwell: run ${name} FINISHED\\. .* default\\.\n$`),
  );
  t.regex(
    (await run("exit", {})).stderr,
    new RegExp(`^${begins}stepwell: run ${name} FINISHED\\. It is on disk.*\n$`),
  );
  for (const silent of [{ STEPWELL_QUIET: "1" }, { RANK: "1" }])
    t.is((await run("return", silent)).stderr, "");
  t.is((await home.here(["flush"])).code, 0);
  const stored = query<{ name: string }>(home, "SELECT name FROM runs");
  t.deepEqual(
    stored.map((each) => each.name),
    [name],
  );
});
