/**
 * What every client process of the torture does, whichever way it speaks to the daemon: keeps two
 * runs going, logs bursts of series, single points, params and tags, writes each into its ledger
 * before the call, and notes in the ledger what a flush has confirmed.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Ledger } from "../ledger.js";
import { KEYS, paramKey, paramValue, REFUSED_PARAM, TAG } from "../points.js";
import { type Random, randomOf } from "../random.js";

/** How the driver logs. A call may throw; what it was about may have been logged then. */
export interface Subject {
  /** The sets of trackers that a run may go to. */
  readonly destinations: readonly (readonly string[])[];
  start(runId: string, trackers: readonly string[]): RunSubject;
  /** Resolves once all that was logged before is acknowledged. Rejects when that does not come in time. */
  flush(): Promise<void>;
  /** After the last flush. Rejects when anything was refused or dropped. */
  close(): Promise<void>;
}

/** One run of a subject. */
export interface RunSubject {
  /** Points from one count up to another one, at once. */
  series(key: number, from: number, to: number, baseMs: number): void;
  /** One point. */
  point(key: number, index: number, baseMs: number): void;
  param(key: string, value: string): void;
  tag(key: string, value: string): void;
  end(status: "FINISHED" | "FAILED"): void;
}

/** What a client process is told, as JSON in its first argument. */
export interface ClientTask {
  readonly ledger: string;
  readonly seed: number;
  readonly pointsPerSecond: number;
}

/** Points of a run, at most; then it ends and another one begins. */
const RUN_POINTS_MAX = 20_000;
/** Points of a series at most, by the client's rate. */
const SERIES_POINTS_MIN = 1_000;
const SERIES_SECONDS = 0.2;
const SINGLE_POINTS_MAX = 60;
const FIRST_BASE_MS = 1_700_000_000_000;
/** Later runs have later times, as real ones do: it decides where MLflow's index takes them. */
const BASE_STEP_MS = 20_000;

interface OpenRun {
  readonly number: number;
  readonly runId: string;
  readonly baseMs: number;
  readonly subject: RunSubject;
  readonly counts: number[];
  points: number;
  params: number;
  tags: number;
}

/** Reads the task, works until SIGTERM, then ends all well. */
export async function drive(open: (random: Random) => Subject): Promise<void> {
  const task = JSON.parse(process.argv[2] ?? "") as ClientTask;
  const driver = new Driver(task, open);
  process.on("SIGTERM", () => driver.stop());
  await driver.work();
}

class Driver {
  readonly #task: ClientTask;
  readonly #random: Random;
  readonly #ledger: Ledger;
  readonly #subject: Subject;
  readonly #runs: OpenRun[] = [];
  #begun = 0;
  #logged = 0;
  #isStopping = false;

  constructor(task: ClientTask, open: (random: Random) => Subject) {
    this.#task = task;
    this.#random = randomOf(task.seed, "client");
    this.#ledger = new Ledger(task.ledger);
    this.#subject = open(randomOf(task.seed, "subject"));
  }

  stop(): void {
    this.#isStopping = true;
  }

  async work(): Promise<void> {
    const begunMs = performance.now();
    while (!this.#isStopping) {
      while (this.#runs.length < 2) {
        this.#begin();
        this.#logRefused();
      }
      for (let left = this.#random.between(1, 6); left > 0; left--) this.#log(this.#random.pick(this.#runs));
      for (const run of this.#runs.filter((each) => each.points > RUN_POINTS_MAX)) this.#end(run);
      await this.#settle();
      const aheadMs = (this.#logged / this.#task.pointsPerSecond) * 1000 - (performance.now() - begunMs);
      await sleep(Math.max(0, Math.min(aheadMs, 1_000)));
    }
    for (const run of [...this.#runs]) this.#end(run);
    while (!(await this.#settle()));
    await this.#subject.close();
  }

  #begin(): void {
    const number = this.#begun++;
    const runId = randomBytes(16).toString("hex");
    const baseMs = FIRST_BASE_MS + number * BASE_STEP_MS;
    const trackers = this.#random.pick(this.#subject.destinations);
    this.#ledger.write("R", number, runId, baseMs, trackers.join());
    const subject = this.#subject.start(runId, trackers);
    const counts = new Array<number>(KEYS).fill(0);
    this.#runs.push({ number, runId, baseMs, subject, counts, points: 0, params: 0, tags: 0 });
  }

  /** A run of its own: nothing else of it has to come again with what is refused. */
  #logRefused(): void {
    const runId = randomBytes(16).toString("hex");
    const trackers = this.#random.pick(this.#subject.destinations);
    this.#ledger.write("X", this.#begun++, runId, trackers.join());
    const subject = this.#subject.start(runId, trackers);
    subject.param(REFUSED_PARAM, "ours");
    subject.end("FINISHED");
  }

  #log(run: OpenRun): void {
    const draw = this.#random.next();
    if (draw < 0.6) this.#series(run);
    else if (draw < 0.9) this.#points(run);
    else if (draw < 0.95) this.#param(run);
    else this.#tag(run);
  }

  #series(run: OpenRun): void {
    const { key, from, to } = this.#extend(
      run,
      this.#random.between(1, Math.max(SERIES_POINTS_MIN, SERIES_SECONDS * this.#task.pointsPerSecond)),
    );
    run.subject.series(key, from, to, run.baseMs);
  }

  #points(run: OpenRun): void {
    const { key, from, to } = this.#extend(run, this.#random.between(1, SINGLE_POINTS_MAX));
    for (let index = from; index < to; index++) run.subject.point(key, index, run.baseMs);
  }

  #extend(run: OpenRun, count: number): { key: number; from: number; to: number } {
    const key = this.#random.between(0, KEYS - 1);
    const from = run.counts[key] ?? 0;
    const to = from + count;
    this.#ledger.write("M", run.number, key, to);
    run.counts[key] = to;
    run.points += count;
    this.#logged += count;
    return { key, from, to };
  }

  #param(run: OpenRun): void {
    const param = run.params++;
    this.#ledger.write("P", run.number, run.params);
    run.subject.param(paramKey(param), paramValue(run.runId, param));
  }

  #tag(run: OpenRun): void {
    this.#ledger.write("T", run.number, ++run.tags);
    run.subject.tag(TAG, String(run.tags));
  }

  #end(run: OpenRun): void {
    const status = this.#random.chance(0.5) ? "FINISHED" : "FAILED";
    this.#ledger.write("E", run.number, status);
    run.subject.end(status);
    this.#runs.splice(this.#runs.indexOf(run), 1);
  }

  /** Flushes; says whether that was confirmed in time. */
  async #settle(): Promise<boolean> {
    const through = this.#ledger.lines;
    try {
      await this.#subject.flush();
    } catch {
      // The daemon is away for long; the client goes on and will be confirmed later.
      await sleep(50);
      return false;
    }
    this.#ledger.acknowledge(through);
    return true;
  }
}
