/**
 * First starts: in home after home a daemon dies while it makes the home, a tracker's tables or
 * its first entries; the next one has to find all that was answered for.
 */
import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { logSample } from "./clients/sample.js";
import { FIRST_START_POINTS, HITS_VARIABLE, type KillPoint } from "./kill-point-names.js";
import { cutPower, type RecordPlaces } from "./power/cut.js";
import { compiledRecorder, recorded } from "./power/recorder.js";
import { type Random, randomOf } from "./random.js";
import { type Finding, placeWitness, readBack } from "./reader.js";
import { type DaemonLife, Stage } from "./stage.js";

export interface FirstStartsOptions {
  readonly folder: string;
  readonly seed: number;
  readonly rounds: number;
  readonly python: string;
  /** Whether deaths are power cuts, at a moment after the trackers are registered. */
  readonly power: boolean;
}

export interface FirstStartsReport {
  readonly daemonKills: number;
  readonly killPoints: Readonly<Partial<Record<KillPoint, number>>>;
  readonly acknowledgedPoints: number;
  readonly lost: number;
  readonly doubled: number;
  readonly invented: number;
  readonly findings: readonly string[];
}

const POINTS = 1_200;
/** Bounds for what hangs. */
const DEATH_WAIT_MS = 120_000;
const FLUSH_SECONDS = 200;
const CUT_WAIT_MS_MAX = 1_500;

/** Runs so many rounds, each in a home of its own. Rejects when a daemon does not start again. */
export async function runFirstStarts(options: FirstStartsOptions): Promise<FirstStartsReport> {
  const random = randomOf(options.seed, "first starts");
  const library = options.power ? compiledRecorder() : "";
  const killPoints: Partial<Record<KillPoint, number>> = {};
  const found: Finding[] = [];
  for (let round = 0; round < options.rounds; round++) {
    const point = options.power ? undefined : FIRST_START_POINTS[round % FIRST_START_POINTS.length];
    const folder = join(options.folder, `first-${round}`);
    mkdirSync(folder);
    found.push(await new Round(folder, options.python, library, point, random).run());
    await rm(folder, { recursive: true, force: true });
    if (point) killPoints[point] = (killPoints[point] ?? 0) + 1;
  }
  const sum = (key: "acknowledgedPoints" | "lost" | "doubled" | "invented") =>
    found.reduce((total, each) => total + each[key], 0);
  return {
    daemonKills: options.rounds,
    killPoints,
    acknowledgedPoints: sum("acknowledgedPoints"),
    lost: sum("lost"),
    doubled: sum("doubled"),
    invented: sum("invented"),
    findings: found.flatMap((each) => each.findings),
  };
}

class Round {
  readonly #stage: Stage;
  readonly #ledger: string;
  readonly #python: string;
  readonly #point: KillPoint | undefined;
  readonly #random: Random;
  readonly #places: RecordPlaces;
  readonly #environment: Readonly<Record<string, string>>;

  constructor(folder: string, python: string, library: string, point: KillPoint | undefined, random: Random) {
    const home = join(folder, "home");
    this.#stage = new Stage(home);
    this.#ledger = join(folder, "ledger");
    this.#python = python;
    this.#point = point;
    this.#random = random;
    this.#places = { home, record: join(folder, "record"), graveyard: join(folder, "graves") };
    this.#environment =
      library === "" ? { [HITS_VARIABLE]: join(folder, "hits") } : recorded(library, this.#places);
  }

  async run(): Promise<Finding> {
    const trackers = Object.keys(this.#stage.databases);
    const first = this.#stage.spawnDaemon(this.#environment);
    first.begin(this.#point ? `1 ${this.#point}` : "");
    const serves = await first.serves(DEATH_WAIT_MS);
    if (serves) await this.#stage.registerTrackers();
    const sampling = serves ? logSample(this.#stage.paths, this.#ledger, trackers, POINTS) : undefined;
    // Whether it fails is asked for below, once there is a daemon that it can reach.
    sampling?.catch(() => undefined);
    await this.#die(first);
    const second = await this.#stage.startDaemon();
    if (!serves) await this.#stage.registerTrackers();
    await (sampling ?? logSample(this.#stage.paths, this.#ledger, trackers, POINTS));
    await this.#stage.here("flush", `--timeout=${FLUSH_SECONDS}`);
    await second.stop();
    await placeWitness(this.#python, this.#stage.databases);
    return await readBack(this.#python, this.#stage.databases, [this.#ledger], []);
  }

  async #die(life: DaemonLife): Promise<void> {
    const isMet = await life.endsWithin(
      this.#point ? DEATH_WAIT_MS : this.#random.between(0, CUT_WAIT_MS_MAX),
    );
    if (this.#point && !isMet) throw new Error(`a first start never came to ${this.#point}`);
    life.kill();
    await life.ended;
    if (!this.#point) cutPower(this.#places, this.#random);
  }
}
