/** What tests of ends that the daemon is not told at once look at. */
import { existsSync, readdirSync } from "node:fs";
import type { ExecutionContext } from "ava";
import { query } from "../sinks/mlflow-sqlite/database.js";
import { type DaemonOptions, type DaemonProcess, type ScratchHome, scratchHome } from "./home.js";
import { PYTHON_ENVIRONMENT_MS_MAX } from "./python-environment.js";
import { until } from "./until.js";

/** A home with a tracker in its active stack, and a daemon. */
export async function setUp(
  t: ExecutionContext,
  options: DaemonOptions = {},
): Promise<{ home: ScratchHome; daemon: DaemonProcess }> {
  t.timeout(PYTHON_ENVIRONMENT_MS_MAX);
  const home = await scratchHome(t);
  const daemon = await home.startDaemon(options);
  await registerTracker(home);
  return { home, daemon };
}

/** The tracker and the stack. */
export async function registerTracker(home: ScratchHome): Promise<void> {
  await home.json(["experiment-tracker", "register", "tracker", "--flavor=mlflow"]);
  await home.json(["stack", "register", "local", "-e", "tracker", "--set"]);
}

/** Experiment, status, points and reason tags of each run, once the daemon has delivered all. */
export async function runsIn(home: ScratchHome): Promise<unknown[][]> {
  const flushed = await home.here(["flush"]);
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

/** The same, once they fit. */
export const untilRuns = (home: ScratchHome, fits: (runs: unknown[][]) => boolean) =>
  until("the runs are as they should be", () => runsIn(home), fits, { everyMs: 200 });

/** Files in the folder of notes, drafts included. */
export const notesIn = ({ paths }: ScratchHome) =>
  existsSync(paths.stepEndsFolder) ? readdirSync(paths.stepEndsFolder) : [];
/** Files in the folder of clients' spools. */
export const spoolsIn = ({ paths }: ScratchHome) =>
  existsSync(paths.clientSpoolsFolder) ? readdirSync(paths.clientSpoolsFolder) : [];
/** Whether all runs have ended. */
export const noneRuns = (runs: unknown[][]) => runs.every(([, status]) => status !== "RUNNING");

/** Resolves once there are so many notes. */
export async function untilNotes(home: ScratchHome, count: number): Promise<void> {
  const isThere = (names: string[]) => names.filter((name) => name.endsWith(".json")).length === count;
  await until(`${count} notes`, () => notesIn(home), isThere);
}

/** Resolves once the daemon has journaled so many points: what else was logged before them is there, too. */
export async function untilJournaled(home: ScratchHome, points: number): Promise<void> {
  const status = async () => (await home.json(["status"])) as { journaled_points: number };
  await until(
    `${points} points are journaled`,
    status,
    ({ journaled_points }) => journaled_points === points,
  );
}
