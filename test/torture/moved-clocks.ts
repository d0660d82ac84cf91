/**
 * Wall clocks that jump by days while clients log and the backends are away for a moment: a wait that went
 * by them would take days. Nobody asks the daemon to try again: what was logged has to arrive by itself.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "libsql";
import { logSample } from "./clients/sample.js";
import { CLOCK_VARIABLE, ClockFile, WAITS_VARIABLE, type Way } from "./clock-file.js";
import { Fleet } from "./fleet.js";
import { type Random, randomOf } from "./random.js";
import { type Finding, type Letter, placeWitness, readBack } from "./reader.js";
import { type DaemonLife, Stage } from "./stage.js";

export interface MovedClocksOptions {
  readonly folder: string;
  readonly seed: number;
  /** An interpreter with the Python client's packages. */
  readonly python: string;
  /** Which way the clocks jump each time the backends are away. */
  readonly rounds: readonly Way[];
  /** How long all may take to arrive in the end. */
  readonly arrivalMsMax: number;
  /** A control: what waits in the daemon takes a clock that jumps. */
  readonly isBroken?: boolean;
}

export interface MovedClocksReport extends Finding {
  readonly jumps: number;
  /** Whether the last line of the daemon's log is of the day that the clocks show. */
  readonly isMoved: boolean;
  /** Whether all arrived within the bound. */
  readonly hasArrived: boolean;
  /** What went wrong beside the data. */
  readonly faults: readonly string[];
}

interface StatusJson {
  readonly queued_points: number;
  readonly lanes: readonly { readonly tracker: string; readonly state: string }[];
}

const PRELOAD = new URL("./moved-clock.js", import.meta.url).href;
const SAMPLE_POINTS = 500;
/** It is about waits, not about rates. */
const POINTS_PER_SECOND = 300;
/** How long clocks jump while lanes wait: several waits begin and end. */
const AWAY_MS = 3_000;
/** How long they go on to jump while packs go again. */
const BACK_MS = 1_000;
const TROUBLE_MS_MAX = 120_000;
const LOOK_EVERY_MS = 500;
const DATABASE_WAIT_MS = 30_000;

/** Rejects when it could not be run. */
export async function tortureMovedClocks(options: MovedClocksOptions): Promise<MovedClocksReport> {
  const torture = new MovedClocks(options);
  try {
    return await torture.run();
  } finally {
    torture.end();
  }
}

class MovedClocks {
  readonly #options: MovedClocksOptions;
  readonly #clock: ClockFile;
  readonly #stage: Stage;
  readonly #random: Random;
  readonly #ledgers: string;
  readonly #fleet: Fleet;
  #daemon: DaemonLife | undefined;

  constructor(options: MovedClocksOptions) {
    const { folder, seed, python } = options;
    this.#options = options;
    this.#clock = new ClockFile(join(folder, "clock"));
    const nodeOptions = `${process.env["NODE_OPTIONS"] ?? ""} --import ${PRELOAD}`;
    const moved = { [CLOCK_VARIABLE]: this.#clock.path, NODE_OPTIONS: nodeOptions };
    this.#stage = new Stage(join(folder, "home"), { ...process.env, ...moved });
    this.#random = randomOf(seed, "clocks");
    this.#ledgers = join(folder, "ledgers");
    mkdirSync(this.#ledgers);
    this.#fleet = new Fleet(this.#stage, this.#ledgers, python, randomOf(seed, "fleet"));
  }

  async run(): Promise<MovedClocksReport> {
    const { rounds, isBroken, python } = this.#options;
    await this.#setUp();
    this.#daemon = await this.#stage.startDaemon(isBroken ? { [WAITS_VARIABLE]: "1" } : {});
    for (const name of ["raw", "typescript", "python"] as const)
      this.#fleet.start({ name, pointsPerSecond: POINTS_PER_SECOND });
    for (const way of rounds) await this.#goAway(way);
    await this.#fleet.end();
    const hasArrived = await this.#isSo(
      ({ queued_points, lanes }) => queued_points === 0 && lanes.length === 0,
    );
    const letters = await this.#stage.command("dead-letter", "list", "-o", "json", "--limit=10000");
    // One that did not deliver by itself is not to do it at its end.
    if (!hasArrived) this.#daemon.kill();
    await this.#daemon.stop();
    const { databases } = this.#stage;
    const { faults, ledgers } = this.#fleet;
    const finding = await readBack(python, databases, ledgers, JSON.parse(letters) as Letter[]);
    return { ...finding, jumps: this.#clock.jumps, isMoved: this.#isMoved(), hasArrived, faults };
  }

  #isMoved(): boolean {
    const lines = readFileSync(this.#stage.paths.logFile, "utf8").split("\n");
    const { time } = JSON.parse(lines.findLast((line) => line.startsWith("{")) ?? "{}") as {
      readonly time: string;
    };
    return this.#clock.isToday(new Date(time));
  }

  /** Ends every process that is left. */
  end(): void {
    this.#fleet.kill();
    this.#daemon?.kill();
  }

  /** Trackers, their tables, and a witness in each database. */
  async #setUp(): Promise<void> {
    this.#daemon = await this.#stage.startDaemon();
    await this.#stage.registerTrackers();
    const ledger = join(this.#ledgers, "before");
    this.#fleet.ledgers.push(ledger);
    await logSample(this.#stage.paths, ledger, Object.keys(this.#stage.databases), SAMPLE_POINTS);
    await this.#stage.here("flush", "--timeout=120");
    await this.#daemon.stop();
    await placeWitness(this.#options.python, this.#stage.databases);
  }

  /** All backends are away; once lanes wait for each the clocks jump, until packs have gone again for a while. */
  async #goAway(way: Way): Promise<void> {
    const over = new AbortController();
    const databases = Object.values(this.#stage.databases).map(
      (path) => new Database(path, { timeout: DATABASE_WAIT_MS }),
    );
    try {
      for (const database of databases) database.exec("BEGIN EXCLUSIVE");
      const isAway = await this.#isSo(
        ({ lanes }) => waitingTrackers(lanes) === databases.length,
        TROUBLE_MS_MAX,
      );
      if (!isAway) throw new Error("the lanes do not wait though their databases are locked");
      const jumping = this.#clock.jumpUntil(way, this.#random, over.signal);
      await sleep(AWAY_MS);
      for (const database of databases) database.exec("ROLLBACK");
      await sleep(BACK_MS);
      over.abort();
      await jumping;
    } finally {
      over.abort();
      for (const database of databases) database.close();
    }
  }

  /** Looks at the status again and again; it does not touch the lanes, as a flush would. */
  async #isSo(holds: (status: StatusJson) => boolean, msMax = this.#options.arrivalMsMax): Promise<boolean> {
    const deadline = performance.now() + msMax;
    do {
      if (holds(JSON.parse(await this.#stage.here("status", "-o", "json")) as StatusJson)) return true;
      await sleep(LOOK_EVERY_MS);
    } while (performance.now() < deadline);
    return false;
  }
}

function waitingTrackers(lanes: StatusJson["lanes"]): number {
  return new Set(lanes.filter(({ state }) => state === "retrying").map(({ tracker }) => tracker)).size;
}
