/** A home whose daemon dies now and then, whose tracker writes to a store outside of it, and that can be copied as it stands. */
import { cpSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ForgottenLetter } from "./branches-check.js";
import {
  BREAK_VARIABLE,
  type Broken,
  HITS_VARIABLE,
  type KillPoint,
  VERSION_VARIABLE,
} from "./kill-point-names.js";
import type { Random } from "./random.js";
import { type DaemonLife, Stage } from "./stage.js";

/** The tracker outside of the home. */
export const TRACKER = "outside";
const START_WAIT_MS = 120_000;
const FLUSH_SECONDS = 250;
const LIFE_MS_MAX = 1_500;
const HITS_MAX = 12;
/** Where what is journaled, delivered and remembered may part. */
const POINTS: readonly KillPoint[] = [
  "append: written, not synced",
  "append: synced, not acknowledged",
  "ack: before it is written",
  "commit: before",
  "commit: after",
  "pack: answered, not settled",
  "cursor: before the daemon's own",
  "cursor: the daemon's own is written",
  "rotation: after",
  "archive: after",
];

/** What daemons of a home are started with. */
export interface MortalOptions {
  readonly home: string;
  readonly random: Random;
  readonly broken?: Broken | undefined;
}

export class MortalHome {
  readonly stage: Stage;
  readonly #options: MortalOptions;
  /** More environment of the daemons from the next start on. */
  environment: Readonly<Record<string, string>> = {};
  /** What they speak with relays, as VERSION_VARIABLE has it; empty: what this version does. */
  version = "";
  /** Every daemon that there was. */
  readonly pids: number[] = [];
  kills = 0;
  /** New ids of states that were given up, without those that the log of another state tells of. */
  #newIdsBefore = 0;
  #life: DaemonLife | undefined;

  constructor(options: MortalOptions) {
    this.#options = options;
    this.stage = new Stage(options.home);
  }

  get life(): DaemonLife {
    if (!this.#life) throw new Error("no daemon was started");
    return this.#life;
  }

  /** Starts a daemon that lives on, and registers the tracker. */
  async setUp(trackingUri: string, ...settings: readonly string[]): Promise<void> {
    await this.start();
    const uri = `--tracking_uri=${trackingUri}`;
    await this.stage.here("experiment-tracker", "register", TRACKER, "--flavor=mlflow", uri, ...settings);
  }

  /** A daemon that lives on. */
  async start(): Promise<void> {
    this.#spawn("");
    if (await this.life.serves(START_WAIT_MS)) return;
    throw new Error(
      `a daemon did not start: it ended with ${this.life.end}; see ${this.stage.paths.logFile}`,
    );
  }

  /** Kills the daemon, and so many more after it at a named moment or at any; then one lives on. */
  async dieAndLiveOn(deaths: number): Promise<void> {
    const { random } = this.#options;
    await this.die();
    for (let left = deaths; left > 1; left--) {
      const point = random.chance(0.7) ? random.pick(POINTS) : undefined;
      this.#spawn(point ? `${random.between(1, HITS_MAX)} ${point}` : "");
      if (!(await this.life.serves(START_WAIT_MS)) && !this.life.hasEnded)
        throw new Error(`a daemon did not start; see ${this.stage.paths.logFile}`);
      await this.life.endsWithin(random.between(LIFE_MS_MAX / 5, LIFE_MS_MAX));
      await this.die();
    }
    await this.start();
  }

  async die(): Promise<void> {
    this.life.kill();
    await this.life.ended;
    if (this.life.end !== "SIGKILL") throw new Error(`a daemon ended with ${this.life.end}`);
    this.kills += 1;
  }

  /** Copies the home at one moment: as a volume's snapshot is, with a daemon that runs, or without one. */
  async copyTo(folder: string, onCopied: () => void = () => undefined): Promise<"running" | "stopped"> {
    const isRunning = this.#options.random.chance(0.6);
    if (isRunning) await this.life.freeze();
    else if (this.#options.random.chance(0.5)) await this.life.stop();
    else await this.die();
    const filter = (path: string) => !path.endsWith(".sock");
    cpSync(this.stage.paths.home, folder, { recursive: true, preserveTimestamps: true, filter });
    onCopied();
    if (isRunning) this.life.thaw();
    else await this.start();
    return isRunning ? "running" : "stopped";
  }

  /** Puts a copy in the home's place; no daemon may run. */
  replaceBy(copy: string): void {
    const { home } = this.stage.paths;
    const before = this.newIds;
    rmSync(home, { recursive: true });
    renameSync(copy, home);
    this.#newIdsBefore += before - this.newIds;
  }

  /** Waits until all is delivered that was journaled; letters are for whoever reads them. */
  async flush(): Promise<void> {
    try {
      await this.stage.here("flush", `--timeout=${FLUSH_SECONDS}`);
    } catch (error) {
      if (!String(error).includes("STEPWELL_DEAD_LETTERS")) throw error;
    }
  }

  async letters(): Promise<ForgottenLetter[]> {
    return JSON.parse(
      await this.stage.here("dead-letter", "list", "-o", "json", "--limit=10000"),
    ) as ForgottenLetter[];
  }

  /** How often its daemons' log says so. */
  logged(words: string): number {
    return readFileSync(this.stage.paths.logFile, "utf8").split(words).length - 1;
  }

  /** It is a copy: what its log says so far is the original's. */
  isCopied(): void {
    this.#newIdsBefore = -this.newIds;
  }

  /** How often it took a new id. */
  get newIds(): number {
    return this.#newIdsBefore + this.logged("has taken a new id");
  }

  /** Ends what is left. */
  end(): void {
    // One that stands still can be killed all the same.
    this.#life?.kill();
  }

  #spawn(armed: string): void {
    const { broken, home } = this.#options;
    const hits = { [HITS_VARIABLE]: join(home, "..", "hits") };
    this.#life = this.stage.spawnDaemon({
      ...this.environment,
      ...(this.version === "" ? {} : { [VERSION_VARIABLE]: this.version }),
      ...hits,
      ...(broken ? { [BREAK_VARIABLE]: broken } : {}),
    });
    this.pids.push(this.#life.pid);
    this.#life.begin(armed);
  }
}
