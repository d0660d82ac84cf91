/**
 * Steps that keep no ledger of acknowledgements but of calls that returned, and are killed at any moment, while the
 * daemon is killed, stopped or not there: all that returned has to arrive, once, and with it the run's true status.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Random, randomOf } from "./random.js";
import { checkReturned, type ReturnedFinding, type ReturnedStep } from "./returned-check.js";
import { type DaemonLife, Stage } from "./stage.js";

export interface ReturnedOptions {
  readonly folder: string;
  readonly seed: number;
  readonly python: string;
  /** Steps that are killed. */
  readonly kills: number;
  /** A control: what is logged is in the step's own memory. */
  readonly isBroken?: boolean;
  readonly log: (line: string) => void;
}

export interface ReturnedReport extends ReturnedFinding {
  readonly kills: number;
  readonly daemonKills: number;
}

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const STEPS = join(ROOT, "test", "torture", "clients", "returned_steps.py");
const START_WAIT_MS = 60_000;
const LIFE_MS_MAX = 1_500;
const STOPPED_MS_MAX = 400;
const ABSENCE_MS_MAX = 600;

/** Rejects when a daemon does not start again, or the steps' process fails. */
export async function tortureReturned(options: ReturnedOptions): Promise<ReturnedReport> {
  const { folder, seed, python, kills, isBroken = false, log } = options;
  const stage = new Stage(join(folder, "home"));
  const first = await stage.startDaemon();
  await stage.registerTrackers();
  await first.stop();
  const task = JSON.stringify({ seed, kills, kept: !isBroken });
  const path = { PYTHONPATH: join(ROOT, "clients", "python", "src"), STEPWELL_QUIET: "1" };
  const child = spawn(python, [STEPS, task], {
    env: { ...stage.env, ...path },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const steps: ReturnedStep[] = [];
  createInterface(child.stdout).on("line", (line) => void steps.push(JSON.parse(line) as ReturnedStep));
  let end: string | undefined;
  child.once("close", (code, signal) => {
    end = String(signal ?? code);
  });
  let daemonKills = 0;
  const random = randomOf(seed, "returned");
  try {
    while (end === undefined) {
      await live(stage, random);
      daemonKills += 1;
      await sleep(random.between(0, ABSENCE_MS_MAX));
    }
    if (end !== "0") throw new Error(`the steps ended with ${end}`);
  } finally {
    child.kill("SIGKILL");
  }
  log(`${steps.length} steps killed, ${daemonKills} daemons`);
  const last = await stage.startDaemon();
  try {
    await stage.command("flush", "--timeout=250");
  } finally {
    await last.stop();
  }
  return { ...checkReturned(stage.databases["first"] ?? "", steps), kills: steps.length, daemonKills };
}

/** One life of a daemon, which stands still for a while or not. */
async function live(stage: Stage, random: Random): Promise<void> {
  const daemon: DaemonLife = stage.spawnDaemon();
  try {
    daemon.begin("");
    if (!(await daemon.serves(START_WAIT_MS))) throw new Error("a daemon did not start");
    await sleep(random.between(1, LIFE_MS_MAX));
    if (random.chance(0.3)) {
      await daemon.freeze();
      await sleep(random.between(1, STOPPED_MS_MAX));
      if (random.chance(0.5)) daemon.thaw();
    }
  } finally {
    daemon.kill();
    await daemon.ended;
  }
}
