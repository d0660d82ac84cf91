/**
 * A store that is put back to an earlier copy of itself, again and again, while clients log and daemons die:
 * in place by SQLite's own backup, by a rename, or while no daemon runs.
 *
 * Where all that the store forgets is within the replay window, all has to be there again. Where there is
 * nearly no window, what left it is missing; then the dead letters say, run by run, exactly how many points
 * that is, and `status` counts the same. No client dies here, so that what was logged was acknowledged.
 */
import { execFile } from "node:child_process";
import { copyFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import Database from "libsql";
import { until } from "../support/until.js";
import { type BranchClient, BranchCrew } from "./branch-crew.js";
import {
  type ForgottenLetter,
  type Missing,
  missingByRun,
  pointsIn,
  pointsTold,
  readStore,
} from "./branches-check.js";
import { MortalHome, TRACKER } from "./mortal-home.js";
import { type Random, randomOf } from "./random.js";
import { FINDINGS_MAX } from "./rolled-back.js";

/** What the replay window is to hold of what a store forgets. */
export type Window = "all of it" | "nearly nothing";

export interface RestoredStoreOptions {
  readonly folder: string;
  readonly seed: number;
  /** The window of each round. */
  readonly rounds: readonly Window[];
  /** An interpreter. */
  readonly python: string;
  /** A control: nobody looks where the store stands. */
  readonly isBroken?: boolean;
  readonly log: (line: string) => void;
}

export interface RestoredStoreReport {
  readonly rounds: number;
  readonly daemonKills: number;
  readonly acknowledged: number;
  /** Points that are missing, and told to be. */
  readonly told: number;
  /** Points told to be missing in rounds whose window held all. */
  readonly toldInside: number;
  /** Points that are missing and not told, or told and not missing. */
  readonly lost: number;
  readonly doubled: number;
  readonly invented: number;
  readonly findings: readonly string[];
}

const run = promisify(execFile);
const RESTORE = join(fileURLToPath(new URL("../../../", import.meta.url)), "test/torture/restore.py");
/** How often it is put back to the same copy once more. */
const AGAIN = 0.4;
/** How often it is put back until something was below a small window. */
const SMALL_WINDOW_TIMES = 6;
const SMALL_WINDOWS = ["0", "20000"] as const;
/** How long a daemon may take to look through what a store has. */
const SETTLED_MS_MAX = 240_000;
const CONTROL_SETTLED_MS_MAX = 3_000;

/** Rejects when it could not be run. */
export async function tortureRestoredStore(options: RestoredStoreOptions): Promise<RestoredStoreReport> {
  const torture = new RestoredStore(options);
  try {
    return await torture.run();
  } finally {
    torture.end();
  }
}

class RestoredStore {
  readonly #options: RestoredStoreOptions;
  readonly #random: Random;
  readonly #store: string;
  readonly #home: MortalHome;
  readonly #crew: BranchCrew;
  #clients: BranchClient[] = [];
  #toldInside = 0;

  constructor(options: RestoredStoreOptions) {
    const { folder, seed, isBroken } = options;
    this.#options = options;
    this.#random = randomOf(seed, "restored");
    this.#store = join(folder, "mlflow.db");
    const broken = isBroken ? "stores" : undefined;
    this.#home = new MortalHome({ home: join(folder, "home"), random: randomOf(seed, "home"), broken });
    this.#crew = new BranchCrew(folder, randomOf(seed, "crew"), TRACKER);
  }

  async run(): Promise<RestoredStoreReport> {
    const { rounds, log } = this.#options;
    await this.#home.setUp(`sqlite:///${this.#store}`);
    for (const [index, window] of rounds.entries()) {
      // What went back may have been in a small window, too: then the store goes back once more.
      const times = window === "all of it" ? 1 : SMALL_WINDOW_TIMES;
      for (let time = 1, told = 0; time <= times && told === 0; time++) {
        told = await this.#round(window, join(this.#options.folder, `backup-${index}-${time}.db`));
        log(
          `round ${index + 1} of ${rounds.length}, ${window} in the window: ${told} points told to be missing`,
        );
      }
    }
    const letters = await this.#home.letters();
    const status = JSON.parse(await this.#home.stage.here("status", "-o", "json")) as StatusJson;
    await this.#home.life.stop();
    return this.#check(letters, status);
  }

  end(): void {
    this.#crew.killAll();
    this.#home.end();
  }

  /** Answers how many points are told to be missing by it. */
  async #round(window: Window, backup: string): Promise<number> {
    const before = toldIn(await this.#home.letters());
    await this.#goBack(window, backup);
    const told = toldIn(await this.#home.letters()) - before;
    if (window === "all of it") this.#toldInside += told;
    return told;
  }

  async #goBack(window: Window, backup: string): Promise<void> {
    const bytes = this.#random.pick(SMALL_WINDOWS);
    this.#home.environment = window === "all of it" ? {} : { STEPWELL_REPLAY_WINDOW_BYTES: bytes };
    await this.#home.dieAndLiveOn(1);
    const { stage } = this.#home;
    this.#clients = [this.#crew.start(stage, false), this.#crew.start(stage, true)];
    await this.#crew.grow(this.#clients, 200);
    // Every run that goes on has a cursor behind all that is told already: nothing is told twice.
    await this.#home.flush();
    await this.#backUp(backup);
    await this.#crew.grow(this.#clients, 200);
    await this.#home.flush();
    // A start begins another segment: what was delivered leaves a small window.
    await this.#home.dieAndLiveOn(this.#random.between(1, 3));
    await this.#crew.grow(this.#clients, 100);
    if (this.#random.chance(0.5)) await this.#home.flush();
    await this.#restore(backup);
    await this.#crew.grow(this.#clients, 100);
    if (this.#random.chance(AGAIN)) {
      // What was told by then is missing once more, and more with it.
      await this.#home.flush();
      await this.#home.dieAndLiveOn(1);
      await this.#crew.grow(this.#clients, 100);
      await this.#restore(backup);
      await this.#crew.grow(this.#clients, 100);
    }
    if (this.#random.chance(0.5)) await this.#home.dieAndLiveOn(this.#random.between(1, 2));
    await this.#crew.end(this.#clients);
    await this.#settle();
  }

  /** As SQLite itself copies a database that is written to, or as a file while no daemon runs. */
  async #backUp(backup: string): Promise<void> {
    if (this.#random.chance(0.5)) {
      const database = new Database(this.#store, { timeout: 60_000 });
      database.exec(`VACUUM INTO '${backup}'`);
      database.close();
      return;
    }
    await this.#home.life.stop();
    copyFileSync(this.#store, backup);
    await this.#home.start();
  }

  async #restore(backup: string): Promise<void> {
    const copy = `${backup}.again`;
    copyFileSync(backup, copy);
    const way = this.#random.pick(["in place", "by rename", "while no daemon runs"] as const);
    this.#options.log(`the store goes back ${way}`);
    if (way === "in place") await run(this.#options.python, [RESTORE, copy, this.#store]);
    if (way === "by rename") {
      // Whoever is in the midst of a transaction would leave its journal to the wrong file.
      const database = new Database(this.#store, { timeout: 60_000 });
      database.exec("BEGIN EXCLUSIVE");
      renameSync(copy, this.#store);
      database.exec("ROLLBACK");
      database.close();
    }
    if (way !== "while no daemon runs") return;
    if (this.#random.chance(0.5)) await this.#home.life.stop();
    else await this.#home.die();
    rmSync(`${this.#store}-journal`, { force: true });
    renameSync(copy, this.#store);
    await this.#home.start();
  }

  /** All is delivered, and what is missing is told; what was delivered before is looked through, too. */
  async #settle(): Promise<void> {
    await this.#home.flush();
    const withinMs = this.#options.isBroken ? CONTROL_SETTLED_MS_MAX : SETTLED_MS_MAX;
    const differences = async () => this.#differences(await this.#home.letters());
    // What does not come to be is found at the end, and named.
    const isSettled = (each: readonly Missing[]) => each.length === 0;
    await until("what is missing is told", differences, isSettled, { withinMs, everyMs: 500 }).catch(
      () => undefined,
    );
  }

  /** Runs that miss more, or less, than is told. */
  #differences(letters: readonly ForgottenLetter[]): Missing[] {
    const batches = this.#crew.batches();
    return missingByRun(readStore(this.#store, batches), batches, letters).filter(
      ({ points, told, isStatusWrong, isTold }) => points !== told || (isStatusWrong && !isTold),
    );
  }

  #check(letters: readonly ForgottenLetter[], status: StatusJson): RestoredStoreReport {
    const batches = this.#crew.batches();
    const stored = readStore(this.#store, batches);
    const differences = this.#differences(letters);
    const others = letters.filter(({ code }) => code !== "STEPWELL_BACKEND_FORGOT");
    const entries = letters.reduce((sum, letter) => sum + letter.entries, 0);
    const isCounted = status.dead_letters === entries;
    const lost = differences.reduce((sum, { points, told }) => sum + Math.max(1, Math.abs(points - told)), 0);
    return {
      rounds: this.#options.rounds.length,
      daemonKills: this.#home.kills,
      acknowledged: pointsIn(batches.filter(({ acknowledged }) => acknowledged)),
      told: toldIn(letters),
      toldInside: this.#toldInside,
      lost: lost + others.length + Number(!isCounted),
      doubled: stored.doubled.length,
      invented: stored.invented.length + stored.stale.length,
      findings: [
        ...differences.map((each) => `not as told: ${JSON.stringify(each)}`),
        ...others.map((letter) => `another letter: ${JSON.stringify(letter)}`),
        ...(isCounted ? [] : [`status counts ${status.dead_letters} dead letters, there are ${entries}`]),
        ...[...stored.doubled, ...stored.invented, ...stored.stale],
      ].slice(0, FINDINGS_MAX),
    };
  }
}

interface StatusJson {
  readonly dead_letters: number;
}

function toldIn(letters: readonly ForgottenLetter[]): number {
  return letters.reduce((sum, { reason }) => sum + pointsTold(reason), 0);
}
