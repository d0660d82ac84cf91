import { readFileSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import test from "ava";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { copyHome, flushed, homeWithStore, logSteps, steps, stepsIn } from "../support/outside-store.js";
import { newRunId } from "../support/producer.js";

interface StatusJson {
  readonly dead_letters: number;
  readonly notices: readonly string[];
}

const idOf = (home: ScratchHome) => readFileSync(home.paths.homeIdFile, "utf8").trim();
const newIds = (home: ScratchHome) =>
  readFileSync(home.paths.logFile, "utf8").split("has taken a new id").length - 1;

test("a home that was put back to an earlier state, while its store went on, delivers what it logs then", async (t) => {
  t.timeout(180_000);
  const { home, store, daemon: first } = await homeWithStore(t);
  const runId = newRunId();
  await logSteps(first.endpoint.endpoint, runId, 0, 50);
  await flushed(t, home);
  await first.end("SIGTERM");
  const snapshot = `${home.paths.home}.snapshot`;
  copyHome(home.paths.home, snapshot);
  const second = await home.startDaemon();
  await logSteps(second.endpoint.endpoint, runId, 50, 200);
  await flushed(t, home);
  await second.end("SIGTERM");
  const id = idOf(home);
  rmSync(home.paths.home, { recursive: true });
  renameSync(snapshot, home.paths.home);
  const third = await home.startDaemon();
  await logSteps(third.endpoint.endpoint, runId, 1_000, 150);
  await flushed(t, home);
  t.deepEqual(stepsIn(store, runId), steps([0, 250], [1_000, 150]));
  t.not(idOf(home), id);
  t.is(newIds(home), 1);
  const status = (await home.json(["status"])) as StatusJson;
  t.is(status.notices.length, 1);
  t.regex(status.notices[0] ?? "", /new id/);
  await third.end("SIGTERM");
  const fourth = await home.startDaemon();
  await logSteps(fourth.endpoint.endpoint, runId, 2_000, 10);
  await flushed(t, home);
  t.deepEqual(stepsIn(store, runId), steps([0, 250], [1_000, 150], [2_000, 10]));
  t.is(newIds(home), 1, "told once");
  t.deepEqual(((await home.json(["status"])) as StatusJson).notices, []);
  await fourth.end("SIGTERM");
  t.regex((await home.stepwell(["doctor"])).stdout, /new id/);
});

test("a home whose running state was copied, and that was put back to that copy, loses nothing", async (t) => {
  t.timeout(180_000);
  const { home, store, daemon: first } = await homeWithStore(t);
  const runId = newRunId();
  await logSteps(first.endpoint.endpoint, runId, 0, 50);
  await flushed(t, home);
  const snapshot = `${home.paths.home}.snapshot`;
  copyHome(home.paths.home, snapshot);
  await logSteps(first.endpoint.endpoint, runId, 50, 200);
  await flushed(t, home);
  await first.end("SIGKILL");
  rmSync(home.paths.home, { recursive: true });
  renameSync(snapshot, home.paths.home);
  const second = await home.startDaemon();
  await logSteps(second.endpoint.endpoint, runId, 1_000, 150);
  await flushed(t, home);
  t.deepEqual(stepsIn(store, runId), steps([0, 250], [1_000, 150]));
  t.is(newIds(home), 1);
});

test("two live copies of one home on one run: all points of both arrive", async (t) => {
  t.timeout(180_000);
  const { home, store, daemon: first } = await homeWithStore(t);
  const runId = newRunId();
  await logSteps(first.endpoint.endpoint, runId, 0, 10);
  await flushed(t, home);
  const copy = await scratchHome(t);
  copyHome(home.paths.home, copy.paths.home);
  const second = await copy.startDaemon();
  for (let round = 0; round < 8; round++) {
    await logSteps(first.endpoint.endpoint, runId, 1_000 + round * 10, 10);
    await logSteps(second.endpoint.endpoint, runId, 2_000 + round * 10, 10);
    if (round % 2 === 0) continue;
    await flushed(t, home);
    await flushed(t, copy);
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
