import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { scratchFolder } from "../../../test/support/folder.js";
import { runProgram } from "./support/child.js";
import { type RecordingOptions, RecordingServer } from "./support/recording-server.js";

async function runUnended(ending: string, options: RecordingOptions = {}, points = 1_000, more = {}) {
  const server = await RecordingServer.start(options);
  const args = [ending, String(points)];
  const result = await runProgram("unended", { STEPWELL_ENDPOINT: server.endpoint, ...more }, args);
  server.stop();
  const statuses = server.batches.flatMap(({ run_end }) => (run_end === null ? [] : [run_end.status]));
  return { server, result, statuses, points: server.points("k").length };
}

test.serial("a program that just ends loses nothing, prints nothing, and its run is FINISHED", async (t) => {
  const { server, result, statuses, points } = await runUnended("return");
  t.like(result, { code: 0, stdout: "", stderr: "" });
  t.deepEqual([points, statuses, server.closes], [1_000, ["RUN_STATUS_FINISHED"], 1]);
  t.log(`the process took ${Math.round(result.elapsedMs)} ms`);
  t.deepEqual(server.violations, []);
});

test.serial("process.exit() loses nothing", async (t) => {
  const { result, statuses, points } = await runUnended("exit");
  t.like(result, { code: 0, stderr: "" });
  t.deepEqual([points, statuses], [1_000, ["RUN_STATUS_FINISHED"]]);
});

test.serial("an uncaught error loses nothing, and its run is FAILED", async (t) => {
  const { result, statuses, points } = await runUnended("throw");
  t.is(result.code, 1);
  t.deepEqual([points, statuses], [1_000, ["RUN_STATUS_FAILED"]]);
});

test.serial("an exit code other than 0 makes the run FAILED", async (t) => {
  const { result, statuses, points } = await runUnended("code");
  t.like(result, { code: 3, stderr: "" });
  t.deepEqual([points, statuses], [1_000, ["RUN_STATUS_FAILED"]]);
});

test.serial("an open, idle stream does not keep the process alive", async (t) => {
  const { result, points } = await runUnended("idle");
  t.like(result, { code: 0, stderr: "" });
  t.is((JSON.parse(result.stdout) as { acknowledged: number }).acknowledged, 1_000);
  t.is(points, 1_000);
  t.true(result.elapsedMs < 60_000, `${result.elapsedMs} ms`);
});

for (const ending of ["return", "exit"]) {
  test.serial(
    `with no daemon a process ends within its bound and says what was lost: ${ending}`,
    async (t) => {
      const nowhere = { STEPWELL_ENDPOINT: "unix:/nowhere/stepwell.sock", STEPWELL_EXIT_TIMEOUT: "5" };
      const { code, stderr, elapsedMs } = await runProgram("unended", nowhere, [ending]);
      t.is(code, 0);
      t.regex(stderr, /STEPWELL_FLUSH_TIMEOUT.*1000 entries were not acknowledged/);
      t.is(stderr.trim().split("\n").length, 1);
      t.true(elapsedMs < 60_000, `${elapsedMs} ms`);
    },
  );
}

for (const ending of ["return", "exit"]) {
  test.serial(`an exit waits as long as acknowledgements go on arriving: ${ending}`, async (t) => {
    // One batch at a time, each well within the wait and all of them well beyond it.
    const exitMs = 5_000;
    const slow = { messageBytesMax: 131_072, windowBytes: 131_072, ackDelayMs: 1_000 };
    const { server, result, statuses, points } = await runUnended(ending, slow, 50_000, {
      STEPWELL_EXIT_TIMEOUT: String(exitMs / 1_000),
    });
    t.like(result, { code: 0, stderr: "" });
    t.true(server.batches.length * slow.ackDelayMs > exitMs, `${server.batches.length} batches`);
    t.deepEqual([points, statuses.at(-1)], [50_000, "RUN_STATUS_FINISHED"]);
  });
}

for (const hours of [-24, 24]) {
  test.serial(`a wall clock that is set by ${hours} h holds no entry back`, async (t) => {
    const server = await RecordingServer.start();
    t.teardown(() => server.stop());
    const args = [String(hours * 3_600_000)];
    const { stdout } = await runProgram("moved-clock", { STEPWELL_ENDPOINT: server.endpoint }, args);
    t.deepEqual(JSON.parse(stdout), { before: true, after: true });
  });
}

test.serial(
  "a loop that never yields streams nevertheless, and SIGKILL loses its last moment only",
  async (t) => {
    const server = await RecordingServer.start();
    const { signal, stdout } = await runProgram("busy", { STEPWELL_ENDPOINT: server.endpoint }, ["1500"]);
    server.stop();
    t.is(signal, "SIGKILL");
    const { logged, atMs } = JSON.parse(stdout) as { logged: number; atMs: number };
    const points = server.points("k");
    t.deepEqual(
      points.map(({ step }) => Number(step)),
      Array.from({ length: points.length }, (_, i) => i),
    );
    const lost = logged - points.length;
    const lostMs = atMs - Number(points.at(-1)?.timestampMs ?? 0n);
    t.log(`${lost} of ${logged} points lost: the last ${lostMs} ms`);
    // At most one point a millisecond: 20 on a machine of its own, more where other tests take the processors.
    t.true(points.length > 0 && lost <= 100, `${lost} points lost`);
  },
);

test.serial("each thread is a producer of its own, and each flushes when it ends", async (t) => {
  const server = await RecordingServer.start();
  const { code, stderr } = await runProgram("threads", { STEPWELL_ENDPOINT: server.endpoint });
  server.stop();
  t.is(code, 0);
  t.is(stderr, "");
  for (const key of ["main", "thread0", "thread1", "thread2"]) t.is(server.points(key).length, 500, key);
  t.is(new Set(server.hellos.map(({ producer_id }) => producer_id.toString("hex"))).size, 4);
  t.deepEqual(server.violations, []);
});

test.serial(
  "a daemon that can't be started is named with its own first sentence and what to do",
  async (t) => {
    const file = fileURLToPath(import.meta.url);
    const command = `${process.execPath} ${fileURLToPath(new URL("../../../stepwell.js", import.meta.url))}`;
    const env = { STEPWELL_HOME: join(file, "home"), STEPWELL_COMMAND: command, STEPWELL_ENDPOINT: "" };
    const { code, stderr } = await runProgram("unended", env, ["return"]);
    t.is(code, 0);
    t.regex(
      stderr,
      /daemon start" ended with exit code 1: The folder .* can't be used: .*STEPWELL_HOME_UNUSABLE\./,
    );
  },
);

test.serial("a command that is not there is named within a second, with what to set", async (t) => {
  const home = join(await scratchFolder(t), "home");
  const env = { STEPWELL_HOME: home, STEPWELL_COMMAND: "/nowhere/stepwell", STEPWELL_ENDPOINT: "" };
  const tookMs: number[] = [];
  // Others are at work: the quickest of three counts.
  for (let i = 0; i < 3; i++) {
    const { code, stdout, stderr } = await runProgram("named", { ...env, STEPWELL_EXIT_TIMEOUT: "0" });
    t.is(code, 0, stderr);
    t.regex(stderr, /\/nowhere\/stepwell can't be run: .*set STEPWELL_COMMAND/);
    tookMs.push(Number(stdout));
  }
  t.true(Math.min(...tookMs) < 1_000, `${tookMs} ms`);
});
