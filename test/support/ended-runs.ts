/** What tests of ends that the daemon is not told at once look at. */
import { existsSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { ExecutionContext } from "ava";
import { query } from "../sinks/mlflow-sqlite/database.js";
import { type ScratchHome, scratchHome } from "./home.js";
import { PYTHON_ENVIRONMENT_MS_MAX } from "./python-environment.js";

/** A home with a tracker in its active stack, and no daemon. */
export async function setUp(t: ExecutionContext): Promise<ScratchHome> {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const home = await scratchHome(t);
  await home.json(["experiment-tracker", "register", "tracker", "--flavor=mlflow"]);
  await home.json(["stack", "register", "local", "-e", "tracker", "--set"]);
  await home.stepwell(["daemon", "stop"]);
  return home;
}

/** Experiment, status, points and reason tags of each run, once the daemon has delivered all. */
export async function runsIn(home: ScratchHome): Promise<unknown[][]> {
  const flushed = await home.stepwell(["flush"]);
  if (flushed.code !== 0) throw new Error(flushed.stderr);
  const path = `${home.paths.artifactStoreFolder}/mlflow.db`;
  if (!existsSync(path)) return [];
  const count = (table: string, where = "") =>
    `(SELECT count(*) FROM ${table} WHERE run_uuid = r.run_uuid ${where})`;
  return query(
    path,
    `SELECT e.name, r.status, ${count("metrics")}, ${count("tags", "AND key = 'stepwell.end_reason'")}
     FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id ORDER BY 1`,
  );
}

/** The same, once they fit or half a minute later. */
export async function untilRuns(
  home: ScratchHome,
  fits: (runs: unknown[][]) => boolean,
): Promise<unknown[][]> {
  for (const end = performance.now() + 30_000; performance.now() < end; await sleep(200)) {
    const runs = await runsIn(home);
    if (fits(runs)) return runs;
  }
  return await runsIn(home);
}

/** Files in the folder of notes, drafts included. */
export const notesIn = ({ paths }: ScratchHome) =>
  existsSync(paths.stepEndsFolder) ? readdirSync(paths.stepEndsFolder) : [];
/** Whether all runs have ended. */
export const noneRuns = (runs: unknown[][]) => runs.every(([, status]) => status !== "RUNNING");

/** Resolves once there are so many notes. */
export async function untilNotes(home: ScratchHome, count: number): Promise<void> {
  for (const end = performance.now() + 30_000; performance.now() < end; await sleep(50))
    if (notesIn(home).filter((name) => name.endsWith(".json")).length === count) return;
  throw new Error(`there are not ${count} notes`);
}
