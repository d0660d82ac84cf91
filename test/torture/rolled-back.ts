/**
 * A home that is put back to an earlier state of itself, again and again, while its store went on. Its
 * clients log all the time, also to the same runs behind the same positions, and its daemons die.
 *
 * What is acknowledged before a snapshot, and after it was put back, has to arrive. What was acknowledged in
 * between is known to the state alone that is given up: what of it the store has by then stays, and the rest
 * is gone by nature, for nothing that is left has ever heard of it. The ledger tells the three apart by the
 * daemon that acknowledged, and by how long the ledgers were when the snapshot was taken; what is gone is
 * counted, and is none of what the store had.
 */
import { join } from "node:path";
import { type BranchClient, BranchCrew } from "./branch-crew.js";
import type { LoggedBatch } from "./branches.js";
import {
  missingOf,
  missingPoints,
  pointsIn,
  readStore,
  type Stored,
  vanishedPoints,
  wrongStatuses,
} from "./branches-check.js";
import { MortalHome, TRACKER } from "./mortal-home.js";
import { type Random, randomOf } from "./random.js";

export interface HomesOptions {
  readonly folder: string;
  readonly seed: number;
  readonly rounds: number;
  /** A control: what a cursor names is not looked at, its position is. */
  readonly isBroken?: boolean;
  readonly log: (line: string) => void;
}

export interface HomesReport {
  readonly rounds: number;
  readonly daemonKills: number;
  /** Copies of homes whose daemon was running. */
  readonly runningCopies: number;
  readonly newIds: number;
  readonly acknowledged: number;
  /** Acknowledged by a state that was given up, and not delivered by it. */
  readonly gone: number;
  readonly lost: number;
  readonly doubled: number;
  readonly invented: number;
  readonly findings: readonly string[];
}

/** Findings that a report names. */
export const FINDINGS_MAX = 20;

/** A state of the home that was given up. */
interface GivenUp {
  /** How long the ledgers were when the snapshot was taken, by branch. */
  readonly marks: readonly number[];
  /** Daemons until then. */
  readonly pids: ReadonlySet<number>;
  /** What the store had then. */
  readonly stored: Stored;
}

/** Rejects when it could not be run. */
export async function tortureRolledBackHome(options: HomesOptions): Promise<HomesReport> {
  const torture = new RolledBack(options);
  try {
    return await torture.run();
  } finally {
    torture.end();
  }
}

class RolledBack {
  readonly #options: HomesOptions;
  readonly #random: Random;
  readonly #store: string;
  readonly #home: MortalHome;
  readonly #crew: BranchCrew;
  readonly #givenUp: GivenUp[] = [];
  /** Clients of the shared runs alone: they may outlive a state of the home. */
  #steady: BranchClient[] = [];
  #runningCopies = 0;

  constructor(options: HomesOptions) {
    const { folder, seed, isBroken } = options;
    this.#options = options;
    this.#random = randomOf(seed, "rolled back");
    this.#store = join(folder, "mlflow.db");
    const broken = isBroken ? "names" : undefined;
    this.#home = new MortalHome({ home: join(folder, "home"), random: randomOf(seed, "home"), broken });
    this.#crew = new BranchCrew(folder, randomOf(seed, "crew"), TRACKER);
  }

  async run(): Promise<HomesReport> {
    const { rounds, log } = this.#options;
    await this.#home.setUp(`sqlite:///${this.#store}`);
    for (let round = 1; round <= rounds; round++) {
      await this.#goBack(join(this.#options.folder, `snapshot-${round}`));
      log(`round ${round} of ${rounds}: ${this.#home.kills} daemons killed, ${this.#home.newIds} new ids`);
    }
    await this.#crew.end(this.#steady);
    await this.#home.flush();
    const letters = await this.#home.letters();
    const { newIds } = this.#home;
    await this.#home.life.stop();
    return { ...this.#check(letters.length), newIds, rounds, daemonKills: this.#home.kills };
  }

  end(): void {
    this.#crew.killAll();
    this.#home.end();
  }

  async #goBack(snapshot: string): Promise<void> {
    const { stage } = this.#home;
    while (this.#steady.length < 2) this.#steady.push(this.#crew.start(stage, false));
    const early = this.#crew.start(stage, true);
    const beginners = [early];
    await this.#crew.grow([...this.#steady, early], 200);
    if (this.#random.chance(0.5)) await this.#home.flush();
    let marks: readonly number[] = [];
    const kind = await this.#home.copyTo(snapshot, () => {
      marks = this.#crew.marks();
    });
    if (kind === "running") this.#runningCopies += 1;
    beginners.push(this.#crew.start(stage, true));
    await this.#crew.grow([...this.#steady, ...beginners], 200);
    // The store goes on behind the snapshot; what comes later may not get there any more.
    await this.#home.flush();
    if (this.#random.chance(0.5)) await this.#home.dieAndLiveOn(this.#random.between(1, 2));
    await this.#crew.grow(this.#steady, 100);
    // The state that comes back does not know the runs that they began.
    await this.#crew.kill(beginners);
    const [one] = this.#steady;
    if (one && this.#random.chance(0.5)) await this.#crew.kill(this.#steady.splice(0, 1));
    await this.#home.die();
    const stored = readStore(this.#store, this.#crew.batches());
    this.#givenUp.push({ marks, pids: new Set(this.#home.pids), stored });
    this.#home.replaceBy(snapshot);
    await this.#home.start();
    await this.#crew.grow(this.#steady, 200);
    if (this.#random.chance(0.5)) await this.#home.dieAndLiveOn(this.#random.between(1, 2));
  }

  /** Whether only a state that was given up acknowledged it, and the store did not have it by then. */
  #isGone({ branch, acknowledged }: LoggedBatch): boolean {
    if (!acknowledged) return false;
    const { pid, line } = acknowledged;
    return this.#givenUp.some(({ marks, pids }) => pids.has(pid) && line >= (marks[branch] ?? 0));
  }

  #check(letters: number): Omit<HomesReport, "rounds" | "daemonKills" | "newIds"> {
    const batches = this.#crew.batches();
    const acknowledged = batches.filter((batch) => batch.acknowledged);
    const kept = acknowledged.filter((batch) => !this.#isGone(batch));
    const stored = readStore(this.#store, batches);
    const lost = kept.filter((batch) => missingOf(stored, batch) > 0);
    const vanished = this.#givenUp.map((each) => vanishedPoints(each.stored, stored));
    const vanishedSum = vanished.reduce((sum, each) => sum + each, 0);
    const wrong = wrongStatuses(stored, kept);
    return {
      runningCopies: this.#runningCopies,
      acknowledged: pointsIn(acknowledged),
      gone: missingPoints(stored, acknowledged) - missingPoints(stored, kept),
      lost: missingPoints(stored, kept) + vanishedSum + wrong.length + letters,
      doubled: stored.doubled.length,
      invented: stored.invented.length + stored.stale.length,
      findings: [
        ...lost.map((batch) => `lost: ${JSON.stringify(batch)}`),
        ...wrong.map((runId) => `run ${runId} has not ended`),
        ...(vanishedSum > 0 ? [`${vanishedSum} points vanished from the store`] : []),
        ...(letters > 0 ? [`${letters} dead letters`] : []),
        ...[...stored.doubled, ...stored.invented, ...stored.stale],
      ].slice(0, FINDINGS_MAX),
    };
  }
}
