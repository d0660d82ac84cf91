/**
 * A home that is copied, again and again, also while its daemon runs, and both copies go on at once: their
 * clients log to the same runs behind the same positions of two journals, and daemons of both die. Nothing
 * is gone by nature here: each acknowledged point of either has to be in the store, which both share.
 */
import { join } from "node:path";
import { type BranchClient, BranchCrew } from "./branch-crew.js";
import { missingOf, missingPoints, pointsIn, readStore, wrongStatuses } from "./branches-check.js";
import { MortalHome, TRACKER } from "./mortal-home.js";
import { type Random, randomOf } from "./random.js";
import { FINDINGS_MAX, type HomesOptions, type HomesReport } from "./rolled-back.js";

/** One of two copies, with its clients. */
interface Side {
  readonly home: MortalHome;
  readonly clients: BranchClient[];
}

/** Rejects when it could not be run. */
export async function tortureCopiedHome(options: HomesOptions): Promise<HomesReport> {
  const torture = new Copied(options);
  try {
    return await torture.run();
  } finally {
    torture.end();
  }
}

class Copied {
  readonly #options: HomesOptions;
  readonly #random: Random;
  readonly #store: string;
  readonly #crew: BranchCrew;
  readonly #sides: Side[] = [];
  #letters = 0;
  #runningCopies = 0;

  constructor(options: HomesOptions) {
    const { folder, seed } = options;
    this.#options = options;
    this.#random = randomOf(seed, "copied");
    this.#store = join(folder, "mlflow.db");
    this.#crew = new BranchCrew(folder, randomOf(seed, "crew"), TRACKER);
  }

  async run(): Promise<HomesReport> {
    const { rounds, log } = this.#options;
    let side = this.#newSide("home");
    await side.home.setUp(`sqlite:///${this.#store}`);
    this.#staff(side);
    for (let round = 1; round <= rounds; round++) {
      side = await this.#copy(side, `copy-${round}`);
      log(`round ${round} of ${rounds}: ${this.#sum(({ kills }) => kills)} daemons killed`);
    }
    await this.#conclude(side);
    const newIds = this.#sum((home) => home.newIds);
    const daemonKills = this.#sum(({ kills }) => kills);
    return { ...this.#check(), rounds, newIds, daemonKills, runningCopies: this.#runningCopies, gone: 0 };
  }

  end(): void {
    this.#crew.killAll();
    for (const { home } of this.#sides) home.end();
  }

  /** Both go on at once until one of them, whichever, has delivered all and ends; answers the other. */
  async #copy(original: Side, name: string): Promise<Side> {
    await this.#crew.grow(original.clients, 150);
    if (this.#random.chance(0.5)) await original.home.flush();
    const copy = this.#newSide(name);
    const kind = await original.home.copyTo(copy.home.stage.paths.home);
    if (kind === "running") this.#runningCopies += 1;
    copy.home.isCopied();
    await copy.home.start();
    this.#staff(copy);
    const sides = [original, copy] as const;
    await this.#goOn(sides);
    await Promise.all(sides.map(({ home }) => home.flush()));
    await this.#random.pick(sides).home.dieAndLiveOn(this.#random.between(1, 2));
    await this.#goOn(sides);
    const [stays, ends] = this.#random.chance(0.5) ? [original, copy] : [copy, original];
    await this.#conclude(ends);
    return stays;
  }

  async #goOn(sides: readonly Side[]): Promise<void> {
    await this.#crew.grow(
      sides.flatMap(({ clients }) => clients),
      150,
    );
  }

  /** What it acknowledged is delivered when this resolves. */
  async #conclude({ home, clients }: Side): Promise<void> {
    await this.#crew.end(clients);
    await home.flush();
    this.#letters += (await home.letters()).length;
    await home.life.stop();
  }

  #newSide(name: string): Side {
    const { folder, seed, isBroken } = this.#options;
    const broken = isBroken ? "names" : undefined;
    const home = new MortalHome({ home: join(folder, name), random: randomOf(seed, name), broken });
    const side = { home, clients: [] };
    this.#sides.push(side);
    return side;
  }

  #staff({ home, clients }: Side): void {
    clients.push(this.#crew.start(home.stage, false), this.#crew.start(home.stage, true));
  }

  #sum(count: (home: MortalHome) => number): number {
    return this.#sides.reduce((sum, { home }) => sum + count(home), 0);
  }

  #check(): Pick<HomesReport, "acknowledged" | "lost" | "doubled" | "invented" | "findings"> {
    const batches = this.#crew.batches();
    const acknowledged = batches.filter((batch) => batch.acknowledged);
    const stored = readStore(this.#store, batches);
    const lost = acknowledged.filter((batch) => missingOf(stored, batch) > 0);
    const wrong = wrongStatuses(stored, acknowledged);
    return {
      acknowledged: pointsIn(acknowledged),
      lost: missingPoints(stored, acknowledged) + wrong.length + this.#letters,
      doubled: stored.doubled.length,
      invented: stored.invented.length + stored.stale.length,
      findings: [
        ...lost.map((batch) => `lost: ${JSON.stringify(batch)}`),
        ...wrong.map((runId) => `run ${runId} has not ended`),
        ...(this.#letters > 0 ? [`${this.#letters} dead letters`] : []),
        ...[...stored.doubled, ...stored.invented, ...stored.stale],
      ].slice(0, FINDINGS_MAX),
    };
  }
}
