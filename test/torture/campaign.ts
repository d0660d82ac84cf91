/**
 * One campaign: a home whose daemon is killed again and again under the eyes of clients that log
 * all the time and die, too, and whose databases are locked by somebody else now and then. Then
 * all is left to end well, and an independent reader says what arrived.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Aim } from "./aim.js";
import { logSample } from "./clients/sample.js";
import { type ClientKind, Fleet } from "./fleet.js";
import {
  BREAK_VARIABLE,
  type Broken,
  FAILED_ON_PURPOSE,
  HITS_VARIABLE,
  KILL_POINTS,
  type KillPoint,
} from "./kill-point-names.js";
import { type CutReport, cutPower, type RecordPlaces } from "./power/cut.js";
import { compiledRecorder, type DiskError, recorded, troubled } from "./power/recorder.js";
import { type Random, randomOf } from "./random.js";
import { type Finding, type Letter, placeWitness, readBack } from "./reader.js";
import { type DaemonLife, Stage } from "./stage.js";
import { troubleDatabases } from "./trouble.js";

export interface CampaignOptions {
  readonly folder: string;
  readonly seed: number;
  readonly seconds: number;
  /** It goes on until so many daemons have been killed, however long that takes. */
  readonly daemonKillsMin: number;
  /** And until each point was met so often; without it that does not matter. */
  readonly hitsMin?: number;
  /** And until so many different points were met. */
  readonly pointsMetMin?: number;
  readonly clients: readonly ClientKind[];
  /** An interpreter with the Python client's packages. */
  readonly python: string;
  /** The share of deaths at a named kill point; the others are at any moment. */
  readonly namedShare: number;
  /** The kill points; without them all that a home meets again and again. */
  readonly points?: readonly KillPoint[];
  /** At which hit of a point a daemon dies at first, at most; 1 without it. */
  readonly hitsFirst?: number;
  /** Whether a death is a power cut. Nobody troubles the databases then. */
  readonly power?: boolean;
  /** How writes and syncs of the journal fail, one in so many, with one of these in each daemon. It needs `power`. */
  readonly trouble?: { readonly errors: readonly DiskError[]; readonly oneIn: number };
  /** Which promise the daemon is made to break. */
  readonly broken?: Broken;
  readonly log: (line: string) => void;
}

export interface CampaignReport extends Finding {
  readonly daemonKills: number;
  readonly clientKills: number;
  readonly killPoints: Readonly<Partial<Record<KillPoint, number>>>;
  readonly locksHeld: number;
  /** What power cuts took away. */
  readonly cuts: CutReport;
  /** How long all took to arrive once the faults had ended. */
  readonly drainSeconds: number;
  /** What went wrong beside the data: clients that failed, a flush that did not end. */
  readonly faults: readonly string[];
}

const SAMPLE_POINTS = 2_500;
/** A start reads every segment, and on a busy machine there are many. */
const START_WAIT_MS = 120_000;
/** The share of daemons that have a step killed in their life, and when at the latest. */
const STEP_DEATHS = 0.6;
const STEP_DEATH_MS_MAX = 1_500;
const LIVES_BETWEEN_BREATHS = 30;
const BREATH_SECONDS_MAX = 40;
const ALARMS_SHOWN = 10;
/** A backlog of a long run takes its time; what is not delivered after that is called lost. */
const DRAIN_SECONDS_MAX = 1_200;

/** Runs a campaign to its end. Rejects only when it could not be run. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  return await new Campaign(options).run();
}

class Campaign {
  readonly #options: CampaignOptions;
  readonly #stage: Stage;
  readonly #aim: Aim;
  readonly #fleet: Fleet;
  readonly #ledgers: string;
  readonly #hits: string;
  readonly #random: Random;
  readonly #cuts = { lostWrites: 0, tornWrites: 0, undoneEntries: 0 };
  /** Where the record is, if deaths are power cuts. */
  readonly #places: RecordPlaces | undefined;
  /** Of the daemon that lives on. */
  readonly #calm: Readonly<Record<string, string>>;
  #kills = 0;
  /** Loaded while the one before it lives. */
  #next: DaemonLife | undefined;
  #life: DaemonLife | undefined;

  constructor(options: CampaignOptions) {
    const { folder, seed, broken, namedShare, python, points = KILL_POINTS, hitsFirst = 1 } = options;
    const { power } = options;
    this.#options = options;
    this.#ledgers = join(folder, "ledgers");
    this.#hits = join(folder, "hits");
    mkdirSync(this.#ledgers, { recursive: true });
    this.#stage = new Stage(join(folder, "home"));
    this.#random = randomOf(seed, "campaign");
    this.#aim = new Aim(randomOf(seed, "aim"), namedShare, points, hitsFirst);
    this.#fleet = new Fleet(this.#stage, this.#ledgers, python, randomOf(seed, "fleet"));
    const home = join(folder, "home");
    this.#places = power
      ? { home, record: join(folder, "record"), graveyard: join(folder, "graves") }
      : undefined;
    const recording = this.#places ? recorded(compiledRecorder(), this.#places) : {};
    this.#calm = {
      ...recording,
      [HITS_VARIABLE]: this.#hits,
      ...(broken ? { [BREAK_VARIABLE]: broken } : {}),
    };
  }

  async run(): Promise<CampaignReport> {
    const { clients, seconds, seed } = this.#options;
    await this.#setUp();
    const over = new AbortController();
    for (const kind of clients) this.#fleet.start(kind);
    const paths = Object.values(this.#stage.databases);
    // Whoever opens a database of a dead daemon writes to it, and the record would not know.
    const trouble = this.#places ? 0 : troubleDatabases(paths, randomOf(seed, "trouble"), over.signal);
    try {
      const deadline = performance.now() + seconds * 1000;
      while (performance.now() < deadline || !this.#isEnough()) {
        await this.#liveAndDie();
        if (this.#kills % LIVES_BETWEEN_BREATHS === 0) await this.#breathe();
      }
      over.abort();
      return await this.#conclude(await trouble);
    } finally {
      over.abort();
      // Nothing outlives a campaign, however it ended.
      this.#fleet.kill();
      this.#next?.kill();
      this.#life?.kill();
    }
  }

  #isEnough(): boolean {
    const { daemonKillsMin, hitsMin = 0, pointsMetMin = 0 } = this.#options;
    const hits = [...this.#aim.hits.values()];
    const met = hits.filter((each) => each > 0).length;
    return this.#kills >= daemonKillsMin && Math.min(...hits) >= hitsMin && met >= pointsMetMin;
  }

  /** Trackers, their tables, and a witness in each database. */
  async #setUp(): Promise<void> {
    const life = await this.#stage.startDaemon();
    await this.#stage.registerTrackers();
    await this.#sample("before");
    await this.#stage.here("flush", "--timeout=200");
    await life.stop();
    await placeWitness(this.#options.python, this.#stage.databases);
  }

  async #sample(name: string): Promise<void> {
    const ledger = join(this.#ledgers, name);
    this.#fleet.ledgers.push(ledger);
    await logSample(this.#stage.paths, ledger, Object.keys(this.#stage.databases), SAMPLE_POINTS);
  }

  async #liveAndDie(): Promise<void> {
    const death = this.#aim.next();
    const before = this.#hitsSoFar();
    const life = this.#next ?? this.#spawnMortal();
    this.#life = life;
    life.begin(death.kind === "point" ? `${death.hits} ${death.point}` : "");
    this.#next = this.#spawnMortal();
    const stepDies = this.#random.chance(STEP_DEATHS) ? this.#killStep() : undefined;
    if (death.kind === "point" && !(await life.serves(START_WAIT_MS)) && !life.hasEnded)
      throw new Error(`a daemon did not start within ${START_WAIT_MS} ms; see ${this.#stage.paths.logFile}`);
    await life.endsWithin(death.patienceMs);
    life.kill();
    await Promise.all([life.ended, stepDies]);
    this.#kills += 1;
    this.#cutPower();
    const isMet = this.#hitsSoFar() > before;
    this.#aim.note(death, isMet);
    if (death.kind === "point" && !isMet) this.#options.log(`not met: ${death.point} (${death.hits})`);
    if (this.#kills % 25 === 0)
      this.#options.log(`${this.#kills} daemons and ${this.#fleet.kills} steps killed`);
  }

  #spawnMortal(): DaemonLife {
    const { trouble } = this.#options;
    const more = trouble ? troubled(this.#random.pick(trouble.errors), trouble.oneIn) : {};
    return this.#stage.spawnDaemon({ ...this.#calm, ...more });
  }

  /** Lets one daemon live on while clients go on, too: else what is queued grows, and lives become recoveries only. */
  async #breathe(): Promise<void> {
    const life = await this.#stage.startDaemon(this.#calm);
    this.#life = life;
    await this.#stage.here("flush", `--timeout=${BREATH_SECONDS_MAX}`).catch(() => undefined);
    // A killed one would leave segments that are delivered: each life makes one, and each start reads them all.
    await life.stop();
    this.#cutPower();
  }

  #cutPower(): void {
    if (!this.#places) return;
    const cut = cutPower(this.#places, this.#random);
    this.#cuts.lostWrites += cut.lostWrites;
    this.#cuts.tornWrites += cut.tornWrites;
    this.#cuts.undoneEntries += cut.undoneEntries;
  }

  /** At any moment of the daemon's life, or while there is none. */
  async #killStep(): Promise<void> {
    await sleep(this.#random.between(0, STEP_DEATH_MS_MAX));
    this.#fleet.replaceOne();
  }

  #hitsSoFar(): number {
    return existsSync(this.#hits) ? readFileSync(this.#hits, "utf8").split("\n").length - 1 : 0;
  }

  /** What the daemons called errors: nobody damaged anything here. */
  #alarms(): string[] {
    const lines = readFileSync(this.#stage.paths.logFile, "utf8").split("\n");
    const errors = lines.filter((line) => line.includes('"level":"error"'));
    return errors.filter((line) => !line.includes(FAILED_ON_PURPOSE)).slice(0, ALARMS_SHOWN);
  }

  /** The faults have ended: clients end well, fresh entries arrive, all is delivered and read. */
  async #conclude(locksHeld: number): Promise<CampaignReport> {
    const begunMs = performance.now();
    this.#next?.kill();
    const life = await this.#stage.startDaemon(this.#calm);
    this.#life = life;
    const faults = this.#fleet.faults;
    await this.#fleet.end();
    try {
      await this.#sample("after");
      await this.#stage.here("flush", `--timeout=${DRAIN_SECONDS_MAX}`);
    } catch (error) {
      // What backends refused is noted there, and looked at below.
      if (!String(error).includes("STEPWELL_DEAD_LETTERS")) faults.push(String(error));
    }
    const letters = await this.#stage.here("dead-letter", "list", "-o", "json", "--limit=10000");
    if (!this.#options.trouble) faults.push(...this.#alarms());
    const drainSeconds = (performance.now() - begunMs) / 1000;
    await life.stop();
    const { python } = this.#options;
    const finding = await readBack(
      python,
      this.#stage.databases,
      this.#fleet.ledgers,
      JSON.parse(letters) as Letter[],
    );
    return {
      ...finding,
      daemonKills: this.#kills,
      clientKills: this.#fleet.kills,
      killPoints: Object.fromEntries(this.#aim.hits),
      locksHeld,
      cuts: this.#cuts,
      drainSeconds,
      faults,
    };
  }
}
