import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { canBeAlive, isAlive, startTicksOf } from "../../src/home/processes.js";
import { trySpawnLock } from "../../src/home/spawn-lock.js";
import { scratchFolder } from "../support/folder.js";

test("one caller at a time has the lock, and nothing is left when it is given back", async (t) => {
  const folder = await scratchFolder(t);
  const file = join(folder, "spawn.lock");
  const lock = trySpawnLock(file);
  t.truthy(lock);
  t.is(trySpawnLock(file), undefined);
  lock?.release();
  t.deepEqual(await readdir(folder), []);
  t.truthy(trySpawnLock(file));
});

test("a lock whose folder was taken away is held no more, and another one's there is not given back", async (t) => {
  const folder = await scratchFolder(t);
  const place = join(folder, "of-it");
  await mkdir(place);
  const lock = trySpawnLock(join(place, "a.lock"));
  t.true(lock?.isHeld());
  await rename(place, join(folder, "gone"));
  await mkdir(place);
  const other = trySpawnLock(join(place, "a.lock"));
  t.deepEqual([lock?.isHeld(), other?.isHeld()], [false, true]);
  lock?.release();
  t.true(other?.isHeld());
});

test("the lock of a process that has ended is taken over, and the dead one's release harms nobody", async (t) => {
  const file = join(await scratchFolder(t), "spawn.lock");
  const ended = spawnSync(process.execPath, ["--version"]);
  await writeFile(file, JSON.stringify({ pid: ended.pid, token: "a" }));
  t.truthy(trySpawnLock(file));
  t.is(trySpawnLock(file), undefined);
});

test("the lock of an earlier process with the same pid is taken over", async (t) => {
  const file = join(await scratchFolder(t), "spawn.lock");
  const ticks = startTicksOf(process.pid);
  if (ticks === undefined) {
    t.pass("this system does not say when a process began");
    return;
  }
  await writeFile(
    file,
    JSON.stringify({ pid: process.pid, start_ticks: `${Number(ticks) - 1}`, token: "a" }),
  );
  t.truthy(trySpawnLock(file));
});

test("a lock file that holds nothing readable is taken over", async (t) => {
  const file = join(await scratchFolder(t), "spawn.lock");
  await writeFile(file, "{");
  t.truthy(trySpawnLock(file));
});

test("a process is alive until it ends", async (t) => {
  const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"]);
  const pid = child.pid ?? 0;
  const ticks = startTicksOf(pid);
  t.true(isAlive(pid, ticks));
  child.kill("SIGKILL");
  await once(child, "exit");
  t.false(isAlive(pid, ticks));
});

test("a process that began long after the time in question is another one", (t) => {
  const now = performance.timeOrigin + performance.now();
  t.true(canBeAlive(process.pid, now));
  if (startTicksOf(process.pid) !== undefined) t.false(canBeAlive(process.pid, now - 3_600_000));
});
