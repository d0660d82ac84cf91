/** A spool's folder that is full, read-only, unmounted or emptied, that two nodes and two importers share, and what stays in it. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import test from "ava";
import { SPOOL_KEPT_MS } from "../../src/model/bundle-limits.js";
import { scratchFolder } from "../support/folder.js";
import { type ScratchHome, scratchHome } from "../support/home.js";
import { flushed, homeWithStore, logSteps, steps, stepsIn } from "../support/outside-store.js";
import { newRunId } from "../support/producer.js";
import { until } from "../support/until.js";
import { fill, makeReadOnly, testWithVolumes, volume } from "../support/volume.js";

const volumeTest = testWithVolumes();

async function register(home: ScratchHome, folder: string): Promise<void> {
  const uri = `--tracking_uri=spool+file://${folder}`;
  await home.json(["experiment-tracker", "register", "far", "--flavor=mlflow", uri]);
  await home.json(["stack", "register", "far", "-e", "far", "--set"]);
}

const bundlesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".bundle"));

volumeTest(
  "a folder that is full, read-only or unmounted is said in the status, and nothing is lost",
  async (t) => {
    const folder = await volume(t, 256);
    const [{ home: login, store }, node] = await Promise.all([homeWithStore(t), scratchHome(t)]);
    const daemon = await node.startDaemonOrFind();
    await register(node, folder);
    const runId = newRunId();
    const said = async (code: RegExp) =>
      await until(
        `the status says ${code}`,
        async () => {
          // Asks what waits after a failure.
          await node.here(["flush", "--timeout=1"]);
          return ((await node.json(["status"])) as { lanes: readonly { last_error: string }[] }).lanes;
        },
        ([lane]) => code.test(lane?.last_error ?? ""),
      );
    const delivered = async (count: number) => {
      await said(/STEPWELL_BUNDLE_WAITS/);
      t.is((await login.here(["bundle", "import", folder, "--to", "out"])).code, 0);
      await flushed(t, node);
      t.deepEqual(stepsIn(store, runId), steps([1, count]));
    };
    fill(folder);
    await logSteps(daemon, runId, 1, 2_000);
    await said(/STEPWELL_DISK_FULL.*no room/);
    t.deepEqual(bundlesIn(folder), []);
    rmSync(`${folder}/fill`);
    await delivered(2_000);
    makeReadOnly(folder);
    await logSteps(daemon, runId, 2_001, 100, true);
    await said(/STEPWELL_BUNDLE_FILE.*EROFS/);
    execFileSync("mount", ["-o", "remount,rw", folder]);
    await delivered(2_100);
    await logSteps(daemon, runId, 2_101, 100, true);
    await said(/STEPWELL_BUNDLE_WAITS/);
    execFileSync("umount", ["-l", folder]);
    await said(/STEPWELL_BUNDLE_FILE.*ENOENT/);
    t.deepEqual(readdirSync(folder), [], "nothing is written beside the volume");
    // Another volume, as after a file system that was lost: the bundle is written once more.
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", folder]);
    const { pid } = (await node.json(["daemon", "status"])) as { readonly pid: number };
    process.kill(pid, "SIGKILL");
    await until(
      "the daemon is gone",
      () => node.here(["daemon", "status"]),
      ({ code }) => code === 3,
    );
    await node.startDaemonOrFind();
    await delivered(2_200);
  },
);

test("two nodes and two importers share a folder: each point is there once, and pairs of a home that is gone go after a week", async (t) => {
  const folder = await scratchFolder(t);
  const [{ home: login, store }, second, ...nodes] = await Promise.all([
    homeWithStore(t),
    scratchHome(t),
    scratchHome(t),
    scratchHome(t),
  ]);
  await second.json([
    "experiment-tracker",
    "register",
    "out",
    "--flavor=mlflow",
    `--tracking_uri=sqlite:///${store}`,
  ]);
  for (const node of nodes) await register(node, folder);
  // One run of both, and one of each.
  const runIds = [newRunId(), newRunId(), newRunId()];
  const daemons = await Promise.all(nodes.map((node) => node.startDaemonOrFind()));
  for (const [index, daemon] of daemons.entries()) {
    await logSteps(daemon, runIds[0] ?? "", 1 + index * 500, 500, index > 0);
    await logSteps(daemon, runIds[index + 1] ?? "", 1, 300);
  }
  const gone = `${folder}/${"a".repeat(32)}`;
  mkdirSync(gone);
  const [old, young] = [`${gone}/1-old.bundle`, `${gone}/2-young.bundle`];
  for (const path of [old, young, `${old}.receipt`, `${young}.receipt`]) writeFileSync(path, "");
  const weekAgo = Date.now() / 1_000 - SPOOL_KEPT_MS / 1_000;
  utimesSync(`${old}.receipt`, weekAgo - 60, weekAgo - 60);
  utimesSync(`${young}.receipt`, weekAgo + 600, weekAgo + 600);
  await until(
    "all of it reached the store",
    async () => {
      await Promise.all(
        [login, second].map((home) => home.here(["bundle", "import", folder, "--to", "out"])),
      );
      return await Promise.all(nodes.map((node) => node.here(["flush", "--timeout=1"])));
    },
    (ended) => ended.every(({ code }) => code === 0),
  );
  t.deepEqual(stepsIn(store, runIds[0] ?? ""), steps([1, 1_000]));
  for (const runId of runIds.slice(1)) t.deepEqual(stepsIn(store, runId), steps([1, 300]));
  t.deepEqual([old, `${old}.receipt`].map(existsSync), [false, false]);
  t.deepEqual([young, `${young}.receipt`].map(existsSync), [true, true]);
});
