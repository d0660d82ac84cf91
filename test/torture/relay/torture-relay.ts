/**
 * A daemon that delivers through two relays to PostgreSQL, while relays, the database and what is between them fail in
 * every way of a list (faults.ts). Steps keep ledgers, some of them begin and end runs, and daemons die as well. All
 * that was acknowledged has to be in the database, once, with the status of each run that ended; what a database
 * forgot and the replay window had no more is missing, and then the dead letters tell exactly that.
 */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { IN_DOUBT } from "../../../src/sinks/relay/relay-sink.js";
import { ROOT } from "../../support/home.js";
import { until } from "../../support/until.js";
import { type BranchClient, BranchCrew } from "../branch-crew.js";
import { type ForgottenLetter, type Missing, missingByRun, pointsIn, pointsTold } from "../branches-check.js";
import type { KillPoint } from "../kill-point-names.js";
import { MortalHome, TRACKER } from "../mortal-home.js";
import { type Random, randomOf } from "../random.js";
import { FINDINGS_MAX } from "../rolled-back.js";
import type { BrokenRelay } from "./broken-relay.js";
import type { DatabasePair } from "./database-pair.js";
import { FAULTS, type Fault, type Troubled } from "./faults.js";
import { readDatabase } from "./read-database.js";
import { RelayPair } from "./relay-pair.js";

export interface RelayTortureOptions {
  readonly folder: string;
  readonly seed: number;
  /** Where it writes; one campaign at a time. */
  readonly database: DatabasePair;
  readonly rounds: readonly Fault[];
  /** The moments of relays' own at which some die. */
  readonly points?: readonly KillPoint[];
  /** A control. */
  readonly broken?: BrokenRelay;
  readonly log: (line: string) => void;
}

export interface RelayReport {
  readonly rounds: number;
  readonly daemonKills: number;
  readonly acknowledged: number;
  readonly endedRuns: number;
  /** What went down where links did. */
  readonly links: "of namespaces" | "a proxy's";
  /** How often relays died at moments of their own. */
  readonly deaths: Readonly<Partial<Record<KillPoint, number>>>;
  /** Streams that ended before the outcomes of their packs: in rounds in which none may, and in all others. */
  readonly doubts: { readonly drained: number; readonly others: number };
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
const POINTS_AROUND = 20;
/** It is about moments: what is logged is read again and again, and costs others the processor. */
const PACE = { pauseMsMax: 800, pointsMax: 24 };
const FIRST_PROTOCOL = join(ROOT, "test/torture/relay/first-protocol.txtpb");
const BUF = join(ROOT, "node_modules/.bin/buf");
const PASSWORD = "as-made";
const TOKEN = "as-made";

/** Rejects when it could not be run. */
export async function tortureRelay(options: RelayTortureOptions): Promise<RelayReport> {
  const { folder, database, broken, log } = options;
  await database.begin(PASSWORD, broken ? "today's" : "oldest");
  const ends: (() => unknown)[] = [() => database.leave()];
  try {
    const relays = await RelayPair.start({
      ...{ folder, database, password: PASSWORD, token: TOKEN, broken, log },
    });
    ends.unshift(() => relays.end());
    const torture = new RelayTorture(options, relays);
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
  readonly points: readonly KillPoint[];
  readonly firstProtocol: string;
  readonly #crew: BranchCrew;
  readonly #clients: BranchClient[] = [];
  readonly #deaths = new Map<KillPoint, number>();
  readonly #notMet: KillPoint[] = [];
  readonly #doubts = { drained: 0, others: 0 };
  #toldInside = 0;

  constructor(options: RelayTortureOptions, relays: RelayPair) {
    const { folder, seed, database, points = [] } = options;
    this.#options = options;
    this.random = randomOf(seed, "relay");
    this.database = database;
    this.relays = relays;
    this.points = points;
    this.firstProtocol = join(folder, "first-protocol.binpb");
    this.home = new MortalHome({ home: join(folder, "home"), random: randomOf(seed, "home") });
    this.#crew = new BranchCrew(folder, randomOf(seed, "crew"), TRACKER, PACE);
  }

  async run(): Promise<RelayReport> {
    const { rounds, log } = this.#options;
    await promisify(execFile)(BUF, [
      "build",
      FIRST_PROTOCOL,
      "--as-file-descriptor-set",
      "-o",
      this.firstProtocol,
    ]);
    await this.home.setUp(...this.relays.tracker);
    const { stage } = this.home;
    this.#clients.push(this.#crew.start(stage, false), this.#crew.start(stage, true));
    for (const [index, fault] of rounds.entries()) {
      const before = toldIn(await this.home.letters());
      await this.arrive();
      const doubtsBefore = this.home.logged(IN_DOUBT);
      const beganMs = performance.now();
      await FAULTS[fault].strike(this);
      await this.#arrives(fault);
      const told = toldIn(await this.home.letters()) - before;
      if (!FAULTS[fault].isBeyondWindow) this.#toldInside += told;
      const doubts = this.home.logged(IN_DOUBT) - doubtsBefore;
      this.#doubts[FAULTS[fault].leavesNoDoubt ? "drained" : "others"] += doubts;
      const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
      log(
        `round ${index + 1} of ${rounds.length}, ${fault}: ${seconds} s, ${doubts} streams with packs in doubt, ${told} points told to be missing`,
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

  readonly arrive = async (): Promise<void> => {
    await this.#arrives("they go on");
  };

  readonly died = (point: KillPoint, isMet: boolean): void => {
    if (isMet) this.#deaths.set(point, (this.#deaths.get(point) ?? 0) + 1);
    else this.#notMet.push(point);
  };

  /** Behind a fault points arrive again that are logged behind it. */
  async #arrives(behind: string): Promise<void> {
    const there = await this.database.delivered();
    await this.grow(POINTS_AROUND);
    const delivered = async () => await this.database.delivered();
    const arrives = (count: number) => count > there;
    await until(`points arrive again behind: ${behind}`, delivered, arrives, {
      ...{ withinMs: RECOVERY_MS_MAX, everyMs: 500 },
    });
  }

  /** All is delivered, and what is missing is told; what was delivered before is looked through, too. */
  async #settle(): Promise<void> {
    await this.home.flush();
    const withinMs = this.#options.broken ? CONTROL_SETTLED_MS_MAX : SETTLED_MS_MAX;
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
      links: this.relays.links,
      deaths: Object.fromEntries(this.#deaths),
      doubts: this.#doubts,
      told: toldIn(letters),
      toldInside: this.#toldInside,
      lost: lost + others.length,
      doubled: stored.doubled.length,
      invented: stored.invented.length + stored.stale.length,
      findings: [
        ...(this.home.newIds > 0
          ? [`the home took ${this.home.newIds} new ids, and nobody put it back`]
          : []),
        ...this.#notMet.map((point) => `no relay died: ${point}`),
        ...(this.#doubts.drained > 0
          ? [`${this.#doubts.drained} streams that were asked to go had packs in doubt`]
          : []),
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
