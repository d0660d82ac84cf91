import { mkdir, readFile, truncate, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { lockHolder } from "../../src/home/daemon-process.js";
import type { HomePaths } from "../../src/home/endpoint.js";
import { LOG_FILE_BYTES_MAX } from "../../src/model/limits.js";
import { openStore } from "../../src/store/store.js";
import { TABLES } from "../../src/store/tables.js";
import { scratchHome } from "../support/home.js";
import { until } from "../support/until.js";

// Only there is seen who holds a lock.
const testOnLinux = process.platform === "linux" ? test : test.skip;

testOnLinux(
  "a daemon that others kill while it starts is started again: nothing is said of it",
  async (t) => {
    const home = await scratchHome(t);
    const starting = home.stepwell(["daemon", "start", "-o", "json"]);
    const killed = await killWhileItStarts(home.paths);
    const { code, stdout, stderr } = await starting;
    t.is(code, 0, stderr);
    t.not((JSON.parse(stdout) as { pid: number }).pid, killed);
    t.regex(stderr, /^(?:Waiting for the daemon to start...\n)*$/);
  },
);

testOnLinux("one that others kill each time is given up, and it is said that it was killed", async (t) => {
  const home = await scratchHome(t);
  const starting = home.stepwell(["daemon", "start"]);
  for (let last: number | undefined, each = 0; each < 3; each++)
    last = await killWhileItStarts(home.paths, last);
  const { code, stderr } = await starting;
  t.is(code, 3, stderr);
  t.regex(stderr, /error: The daemon was killed by SIGKILL before it answered; /);
});

test("a daemon whose home takes a new id in that moment is found, and one of other files is not", async (t) => {
  const home = await scratchHome(t);
  await home.startDaemonOrFind();
  const id = await readFile(home.paths.homeIdFile, "utf8");
  await writeFile(home.paths.homeIdFile, `${"0".repeat(32)}\n`);
  t.is((await home.here(["daemon", "status"])).code, 3);
  const [found] = await Promise.all([
    home.here(["daemon", "status"]),
    sleep(100).then(() => writeFile(home.paths.homeIdFile, id)),
  ]);
  t.is(found.code, 0, found.stderr);
});

test("why a daemon did not start is told also when its log was set aside in that moment", async (t) => {
  const home = await scratchHome(t);
  const store = await openStore(home.paths.stateFolder);
  await store.write([{ table: TABLES.meta, key: "schema", value: 999 }], { sync: true });
  await store.close();
  await mkdir(dirname(home.paths.logFile), { recursive: true, mode: 0o700 });
  await writeFile(home.paths.logFile, "", { mode: 0o600 });
  await truncate(home.paths.logFile, LOG_FILE_BYTES_MAX + 1);
  const { code, stderr } = await home.stepwell(["daemon", "start"]);
  t.is(code, 7, stderr);
  t.regex(stderr, /STEPWELL_STORE_NEWER\n$/);
});

/** Kills a daemon, another than the last, between the lock that it takes and the moment at which it is found. */
async function killWhileItStarts(paths: HomePaths, last?: number): Promise<number> {
  const isNew = (pid: number | undefined) => pid !== undefined && pid !== last;
  const pid = (await until("a daemon that starts", () => lockHolder(paths), isNew, { everyMs: 2 })) ?? 0;
  process.kill(pid, "SIGKILL");
  return pid;
}
