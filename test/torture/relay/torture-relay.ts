/**
 * A daemon that delivers through two relays to PostgreSQL, while relays, the database and what is between them fail in
 * every way of a list (faults.ts). Steps keep ledgers, some of them begin and end runs, and daemons die as well. All
 * that was acknowledged has to be in the database, once, with the status of each run that ended; what a database
 * forgot and the replay window had no more is missing, and then the dead letters tell exactly that.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../support/until.js";
import type { Way } from "../../support/way.js";
import { type BranchClient, BranchCrew } from "../branch-crew.js";
import { type ForgottenLetter, type Missing, missingByRun, pointsIn, pointsTold } from "../branches-check.js";
import { MortalHome, TRACKER } from "../mortal-home.js";
import { type Random, randomOf } from "../random.js";
import { FINDINGS_MAX } from "../rolled-back.js";
import { DATABASE, DatabasePair, WRITER } from "./database-pair.js";
import { FAULTS, type Fault, type Troubled } from "./faults.js";
import { readDatabase } from "./read-database.js";
import { RelayPair } from "./relay-pair.js";

export interface RelayTortureOptions {
  readonly folder: string;
  readonly seed: number;
  readonly rounds: readonly Fault[];
  /** A control: relays do not look whether their database went back. */
  readonly isBroken?: boolean;
  readonly log: (line: string) => void;
}

export interface RelayReport {
  readonly rounds: number;
  readonly daemonKills: number;
  readonly acknowledged: number;
  readonly endedRuns: number;
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

/** How long a daemon may take to look through what a database has. */
const SETTLED_MS_MAX = 240_000;
const CONTROL_SETTLED_MS_MAX = 5_000;
const RECOVERY_MS_MAX = 240_000;
/** Points that each step has acknowledged at least before a fault and behind it. */
const POINTS_AROUND = 60;
/** It is about moments: a database on a busy machine takes all that comes. */
const PAUSE_MS_MAX = 1_000;
const PASSWORD = "as-made";
const TOKEN = "as-made";

/** Rejects when it could not be run. */
export async function tortureRelay(options: RelayTortureOptions): Promise<RelayReport> {
  const database = await DatabasePair.start(PASSWORD);
  const ends: (() => unknown)[] = [() => database.remove()];
  try {
    const { folder, isBroken = false } = options;
    const uriBy = ({ port }: Way) => `postgresql://${WRITER}@127.0.0.1:${port}/${DATABASE}`;
    const [one, other] = database.ways;
    const databases = [uriBy(one), uriBy(other)] as const;
    const relays = await RelayPair.start({ folder, databases, password: PASSWORD, token: TOKEN, isBroken });
    ends.unshift(() => relays.end());
    const torture = new RelayTorture(options, database, relays);
    ends.unshift(() => torture.end());
    return await torture.run();
  } finally {
    for (const end of ends) await end();
  }
}

class RelayTorture implements Troubled {
  readonly #options: RelayTortureOptions;
  readonly random: Random;
  readonly database: DatabasePair;
  readonly relays: RelayPair;
  readonly home: MortalHome;
  readonly #crew: BranchCrew;
  readonly #clients: BranchClient[] = [];
  #toldInside = 0;

  constructor(options: RelayTortureOptions, database: DatabasePair, relays: RelayPair) {
    const { folder, seed } = options;
    this.#options = options;
    this.random = randomOf(seed, "relay");
    this.database = database;
    this.relays = relays;
    this.home = new MortalHome({ home: join(folder, "home"), random: randomOf(seed, "home") });
    this.#crew = new BranchCrew(folder, randomOf(seed, "crew"), TRACKER, PAUSE_MS_MAX);
  }

  async run(): Promise<RelayReport> {
    const { rounds, log } = this.#options;
    await this.home.setUp(`grpc://127.0.0.1:${this.relays.way.port}`, `--tracking_token=${TOKEN}`);
    await this.home.start();
    const { stage } = this.home;
    this.#clients.push(this.#crew.start(stage, false), this.#crew.start(stage, true));
    for (const [index, fault] of rounds.entries()) {
      const before = toldIn(await this.home.letters());
      await this.grow(POINTS_AROUND);
      const beganMs = performance.now();
      await FAULTS[fault].strike(this);
      await this.#recovers(fault);
      const told = toldIn(await this.home.letters()) - before;
      if (!FAULTS[fault].isBeyondWindow) this.#toldInside += told;
      const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
      log(
        `round ${index + 1} of ${rounds.length}, ${fault}: ${seconds} s, ${told} points told to be missing`,
      );
    }
    await this.#crew.end(this.#clients);
    await this.#settle();
    const letters = await this.home.letters();
    const report = await this.#check(letters);
    await this.home.life.stop();
    return report;
  }

  end(): void {
    this.#crew.killAll();
    this.home.end();
    writeFileSync(join(this.#options.folder, "relays.log"), this.relays.log());
  }

  readonly grow = async (points: number): Promise<void> => {
    await this.#crew.grow(this.#clients, points);
  };

  readonly endOne = async (): Promise<void> => {
    const ended = () =>
      this.#crew.batches().filter(({ isEnd, acknowledged }) => isEnd && acknowledged).length;
    const before = ended();
    await until("one more run has ended", ended, (count) => count > before);
    this.#crew.check();
  };

  /** Behind a fault points arrive again that are logged behind it. */
  async #recovers(fault: Fault): Promise<void> {
    const there = await this.database.delivered();
    await this.grow(POINTS_AROUND);
    const delivered = async () => await this.database.delivered();
    const arrives = (count: number) => count > there;
    await until(`points arrive again behind: ${fault}`, delivered, arrives, { withinMs: RECOVERY_MS_MAX });
  }

  /** All is delivered, and what is missing is told; what was delivered before is looked through, too. */
  async #settle(): Promise<void> {
    await this.home.flush();
    const withinMs = this.#options.isBroken ? CONTROL_SETTLED_MS_MAX : SETTLED_MS_MAX;
    const differences = async () => await this.#differences(await this.home.letters());
    // What does not come to be is found at the end, and named.
    const isSettled = (each: readonly Missing[]) => each.length === 0;
    await until("what is missing is told", differences, isSettled, { withinMs, everyMs: 500 }).catch(
      () => undefined,
    );
  }

  /** Runs that miss more, or less, than is told. */
  async #differences(letters: readonly ForgottenLetter[]): Promise<Missing[]> {
    const batches = this.#crew.batches();
    return missingByRun(await readDatabase(this.database, batches), batches, letters).filter(
      ({ points, told, isStatusWrong, isTold }) => points !== told || (isStatusWrong && !isTold),
    );
  }

  async #check(letters: readonly ForgottenLetter[]): Promise<RelayReport> {
    const batches = this.#crew.batches();
    const stored = await readDatabase(this.database, batches);
    const differences = await this.#differences(letters);
    const others = letters.filter(({ code }) => code !== "STEPWELL_BACKEND_FORGOT");
    const lost = differences.reduce((sum, { points, told }) => sum + Math.max(1, Math.abs(points - told)), 0);
    return {
      rounds: this.#options.rounds.length,
      daemonKills: this.home.kills,
      acknowledged: pointsIn(batches.filter(({ acknowledged }) => acknowledged)),
      endedRuns: batches.filter(({ isEnd }) => isEnd).length,
      told: toldIn(letters),
      toldInside: this.#toldInside,
      lost: lost + others.length,
      doubled: stored.doubled.length,
      invented: stored.invented.length + stored.stale.length,
      findings: [
        ...differences.map((each) => `not as told: ${JSON.stringify(each)}`),
        ...others.map((letter) => `another letter: ${JSON.stringify(letter)}`),
        ...[...stored.doubled, ...stored.invented, ...stored.stale],
      ].slice(0, FINDINGS_MAX),
    };
  }
}

function toldIn(letters: readonly ForgottenLetter[]): number {
  return letters.reduce((sum, { reason }) => sum + pointsTold(reason), 0);
}
