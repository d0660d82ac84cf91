/**
 * The dispatcher: brings what the journal got to the flusher of each backend, and tells
 * what waits where. A run without a start waits for it, a run without a tracker for one.
 */
import type { Journal } from "../journal/journal.js";
import type { Clock } from "../model/clock.js";
import type { Log } from "../model/log.js";
import { type Backend, backendKey, type Target } from "../model/target.js";
import { Turns } from "../model/turns.js";
import type { DeadLetters } from "../runs/dead-letters.js";
import type { HomeHistory } from "../runs/home-history.js";
import type { Notices } from "../runs/notices.js";
import type { ParamBook } from "../runs/param-book.js";
import {
  type Delivered,
  deliveredTo,
  furthestPosition,
  hasEnded,
  type Run,
  releasedSeq,
} from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import type { Sink } from "../sinks/sink.js";
import { Archiver } from "./archiver.js";
import { Drain } from "./drain.js";
import type { FlushTally } from "./flush-tally.js";
import { Flusher } from "./flusher.js";
import {
  type FoundLane,
  type LaneOverview,
  type LaneReport,
  overviewOf,
  reportsOf,
  sumsOf,
  type TrackerSums,
} from "./lane-reports.js";
import { openRuns } from "./open-runs.js";
import { startlessRuns } from "./startless.js";
import { settleStrangers } from "./strangers.js";
import type { WaitingRuns } from "./waiting-runs.js";

export interface DispatcherOptions {
  readonly journal: Journal;
  readonly runs: RunBook;
  readonly params: ParamBook;
  readonly deadLetters: DeadLetters;
  readonly history: HomeHistory;
  readonly notices: Notices;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** The last position of a run that was given away in a bundle for a tracker; 0: none. */
  readonly exportedSeq?: (runId: string, trackerId: string) => number;
  /** Counts what backends say, and what is parked. */
  readonly tally?: FlushTally;
  /** Makes the sink of a backend; it connects when it is first used. */
  readonly openSink: (backend: Backend) => Sink;
}

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #flushers = new Map<string, Flusher>();
  readonly #startless: WaitingRuns;
  readonly #openRuns: WaitingRuns;
  readonly #archiver: Archiver;
  readonly #drains = new Set<Drain>();
  readonly #finishing = new Turns();

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#archiver = new Archiver(options);
    this.#startless = startlessRuns({ ...options, onAdvance: (run) => this.#advanced(run) });
    this.#openRuns = openRuns({ ...options, onPlaced: (run) => this.#route(run) });
  }

  /** Takes up what an earlier daemon left. */
  start(): void {
    const { journal, runs } = this.#options;
    for (const run of [...runs.live()]) journal.adopt(run.number, furthestPosition(run));
    const strangers: number[] = [];
    for (const number of [...journal.runs()]) {
      const run = runs.byNumber(number);
      if (run) {
        journal.release(number, releasedSeq(run));
        this.#route(run);
      } else strangers.push(number);
    }
    // A tracker may have come in the last moment of the daemon before.
    void this.#finishing.take(() => this.onStacksChanged());
    for (const drain of this.#drains) drain.lookAgain();
    if (strangers.length === 0) return;
    void this.#finishing
      .take(() => settleStrangers(this.#options, strangers))
      .catch((error: unknown) => {
        this.#options.log("error", "runs that do not go on could not be settled", { reason: String(error) });
      });
  }

  /** Runs got entries that can be read. */
  onJournaled(runNumbers: ReadonlySet<number>): void {
    for (const number of runNumbers) {
      const run = this.#options.runs.byNumber(number);
      if (run) this.#route(run);
    }
  }

  /** Trackers or the active stack changed: runs that waited for one may go on. Never rejects. */
  async onStacksChanged(): Promise<void> {
    const { runs, log } = this.#options;
    try {
      for (const run of await runs.resolveWaiting()) this.#route(run);
    } catch (error) {
      log("error", "runs that wait for a tracker could not go on", { reason: String(error) });
    }
    for (const drain of this.#drains) drain.lookAgain();
  }

  /** Something was put right, perhaps: lanes that wait after a failure ask now. */
  askAgain(): void {
    for (const flusher of this.#flushers.values()) flusher.askAgain();
  }

  /** What a backend waits for is there, perhaps: its lanes ask now. */
  askAgainAt(backend: Backend): void {
    this.#flushers.get(backendKey(backend))?.askAgain();
  }

  /** A tracker has a run through a position, as a receipt says: the run's lane goes on from there. */
  confirmed(run: Run, target: Target, position: Delivered): void {
    const { runs, journal, tally } = this.#options;
    const points = position.points - deliveredTo(run, target.trackerId).points;
    runs.advance(run.runId, target.trackerId, position);
    if (tally) tally.of(target.tracker).deliveredPoints += Math.max(0, points);
    const now = runs.find(run.runId);
    if (!now) return;
    journal.release(now.number, releasedSeq(now));
    this.#advanced(now);
    this.#route(now);
    if (hasEnded(now) && releasedSeq(now) >= runs.journaled(now).seq) this.#archiver.add(now.runId);
  }

  /** The sink of a backend, which is opened where it is not. */
  sinkOf(backend: Backend): Sink {
    return this.#flusherOf(backend).sink;
  }

  /** Resolves when what a backend has answered by now counts as delivered. */
  async settled(backend: Backend): Promise<void> {
    await this.#flusherOf(backend).settled();
  }

  /** A run goes on from an earlier position. */
  rewound(run: Run, target: Target): void {
    this.#flusherOf(target.backend).rewound(run, target);
  }

  /** Everything that waits, in sums, with so many lanes. */
  overview(lanesMax: number): LaneOverview {
    return overviewOf(this.#sources(), lanesMax);
  }

  /** Everything that waits, by tracker. */
  sums(nameOf: (tracker: string) => string): Map<string, TrackerSums> {
    return sumsOf(this.#sources(), nameOf);
  }

  /** Every lane that holds entries, of one run or of all. */
  lanes(runId = ""): Generator<LaneReport> {
    return reportsOf(this.#sources(), runId);
  }

  /** Waits until backends have all that was journaled before the call, of some runs or of all; false when the time is over. */
  async drain(timeoutMs: number, some?: readonly Run[]): Promise<boolean> {
    const drain = new Drain(this.#options.runs, some);
    // Other backends keep their pace: one that is away is not asked for each program that waits for another.
    const flushers = some ? this.#flushersOf(some) : [...this.#flushers.values()];
    const relaxers = flushers.map((flusher) => flusher.hurry());
    // What waits after a failure is asked once more; then it keeps its own pace.
    for (const flusher of flushers) flusher.askAgain();
    this.#drains.add(drain);
    try {
      return await drain.wait(timeoutMs);
    } finally {
      this.#drains.delete(drain);
      for (const relax of relaxers) relax();
    }
  }

  /** Ends what is under way and closes the sinks. */
  async close(): Promise<void> {
    await this.#startless.close();
    await this.#openRuns.close();
    await Promise.all([...this.#flushers.values()].map((flusher) => flusher.close()));
    await this.#finishing.idle();
    await this.#archiver.idle();
  }

  #route(run: Run): void {
    if (!run.start) return this.#startless.add(run);
    this.#startless.delete(run);
    if (run.isOpen) return this.#openRuns.add(run);
    this.#openRuns.delete(run);
    for (const target of run.targets ?? []) {
      const hasMore = this.#options.runs.journaled(run).seq > deliveredTo(run, target.trackerId).seq;
      if (hasMore) this.#flusherOf(target.backend).notify(run, target);
    }
  }

  #flushersOf(runs: readonly Run[]): Flusher[] {
    const keys = runs.flatMap(({ targets = [] }) => targets.map(({ backend }) => backendKey(backend)));
    return [...new Set(keys)].flatMap((key) => this.#flushers.get(key) ?? []);
  }

  #flusherOf(backend: Backend): Flusher {
    const key = backendKey(backend);
    let flusher = this.#flushers.get(key);
    if (!flusher) {
      flusher = new Flusher({
        ...this.#options,
        sink: this.#options.openSink(backend),
        onAdvance: (run) => this.#advanced(run),
        onRunDone: (run) => this.#archiver.add(run.runId),
      });
      this.#flushers.set(key, flusher);
    }
    return flusher;
  }

  #advanced(run: Run): void {
    for (const drain of this.#drains) drain.advanced(run);
  }

  #sources() {
    const { runs, deadLetters } = this.#options;
    const find = (runId: string, target: Target): FoundLane => {
      const flusher = this.#flushers.get(backendKey(target.backend));
      return { lane: flusher?.lane(runId, target), trouble: flusher?.trouble };
    };
    return { runs, deadLetters, find };
  }
}
