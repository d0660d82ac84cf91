/** How much of what a step logged is gone when it is killed: the age of the oldest point that did not arrive. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "libsql";
import { root } from "../install.mjs";
import { withHome } from "./home.mjs";
import { percentile } from "./table.mjs";

/** SIGKILLs Python steps that log all the time, with the interpreter of the bench. */
export async function killedSteps(python, { scale }) {
  return await withHome(async (home) => {
    await home.addTracker();
    home.env.PYTHONPATH = join(root, "clients/python/src");
    const steps = [];
    for (let index = 0; index < Math.ceil(40 * scale); index++)
      steps.push(await killOne(home, python, index));
    await home.stepwell("flush");
    const database = new Database(home.database, { readonly: true });
    const lostMs = steps.map(({ key, step, atMs }) => {
      const query = 'SELECT max(step), max(value) FROM metrics WHERE "key" = ?';
      const [[arrivedStep, arrivedAtMs]] = database.prepare(query).raw().all(key);
      return arrivedStep >= step ? 0 : atMs - arrivedAtMs;
    });
    database.close();
    return [
      {
        name: "lost with a killed step that is connected: its last so many ms, p50",
        value: percentile(lostMs, 0.5),
        unit: "ms",
      },
      {
        name: "lost with a killed step that is connected, at most",
        value: Math.max(...lostMs),
        unit: "ms",
        atMost: 20,
      },
    ];
  });
}

async function killOne(home, python, index) {
  const file = join(home.folder, `killed-${index}`);
  const args = [join(root, "scripts/bench/killed_step.py"), `at ${index}`, file];
  const child = spawn(python, args, { env: home.env, stdio: "ignore" });
  while (loggedBy(file).step < 100) await sleep(20);
  await sleep(Math.random() * 500);
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
  return { key: `at ${index}`, ...loggedBy(file) };
}

/** The last point that was logged; the file is made by the step itself. */
function loggedBy(file) {
  const bytes = existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
  if (bytes.length < 16) return { step: -1, atMs: 0 };
  return { step: Number(bytes.readBigInt64LE(0)), atMs: bytes.readDoubleLE(8) };
}
