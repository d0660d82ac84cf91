/** Makes a database a difficult one: somebody else holds its lock now and then, or MLflow-like reads and writes go on. */
import { setTimeout as sleep } from "node:timers/promises";
import Database from "libsql";
import type { Random } from "./random.js";

const HELD_MS_MAX = 1_800;
const FREE_MS_MAX = 4_000;

/** Troubles the databases until the signal comes. Resolves to how often a lock was held. */
export async function troubleDatabases(
  paths: readonly string[],
  random: Random,
  signal: AbortSignal,
): Promise<number> {
  let held = 0;
  while (!signal.aborted) {
    await sleep(random.between(0, FREE_MS_MAX), undefined, { signal }).catch(() => undefined);
    const database = new Database(random.pick(paths), { timeout: 0 });
    try {
      database.exec(random.chance(0.5) ? "BEGIN IMMEDIATE" : "BEGIN EXCLUSIVE");
      held += 1;
      await sleep(random.between(0, HELD_MS_MAX), undefined, { signal }).catch(() => undefined);
      database.exec("ROLLBACK");
    } catch {
      // The daemon has the lock: that is trouble for us, not for it.
    } finally {
      database.close();
    }
  }
  return held;
}
