/** What `deploy stop` waits for, with a supervisor of a few lines. */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import test from "ava";
import { endSupervisor, standingOf } from "../../src/deploy/control.js";
import { pathsOfDeployment } from "../../src/deploy/deployment.js";
import { isAlive } from "../../src/home/processes.js";
import { scratchHome } from "../support/home.js";
import { until } from "../support/until.js";

/** Gives its lock back at SIGTERM, and lives on for a while as a process that ends under load. */
const SUPERVISOR = `
const { trySpawnLock } = await import(process.argv[1]);
const lock = trySpawnLock(process.argv[2]);
const life = setInterval(() => {}, 1000);
process.on("SIGTERM", () => {
  lock.release();
  setTimeout(() => clearInterval(life), 1000);
});
`;

test("a supervisor has ended once its process has, though its lock is free before", async (t) => {
  const { paths } = await scratchHome(t);
  const { folder, supervisorLock } = pathsOfDeployment(paths, "mlf");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const locks = new URL("../../src/home/spawn-lock.js", import.meta.url).href;
  const args = ["--input-type=module", "-e", SUPERVISOR, locks, supervisorLock];
  const child = spawn(process.execPath, args, { stdio: "ignore" });
  t.teardown(() => child.kill("SIGKILL"));
  const pid = await until(
    "it has its lock",
    async () => standingOf(paths, "mlf").pid,
    (seen) => seen === child.pid,
  );
  t.true(await endSupervisor(paths, "mlf"));
  t.false(isAlive(pid ?? 0));
  t.false(await endSupervisor(paths, "mlf"));
});
