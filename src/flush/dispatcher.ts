/**
 * The dispatcher: brings what the journal got to the flusher of each backend, and tells
 * what waits where. A run without a start waits for it, a run without a tracker for one.
 */
import { ERRORS } from "../errors/table.js";
import type { Journal } from "../journal/journal.js";
import type { Clock } from "../model/clock.js";
import { RUN_START_WAIT_MS } from "../model/limits.js";
import type { Log } from "../model/log.js";
import { type Backend, backendKey } from "../model/target.js";
import type { DeadLetters } from "../runs/dead-letters.js";
import type { HomeHistory } from "../runs/home-history.js";
import type { Notices } from "../runs/notices.js";
import type { ParamBook } from "../runs/param-book.js";
import { deliveredTo, furthestPosition, PARKED, type Run, releasedSeq } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import type { Sink } from "../sinks/sink.js";
import { Archiver } from "./archiver.js";
import { Flusher } from "./flusher.js";
import { type Lane, laneKey, shownState } from "./lane.js";
import { lettersOfRecords, PARK_READ } from "./letters.js";
import { settleStrangers } from "./strangers.js";

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
  /** Makes the sink of a backend; it connects when it is first used. */
  readonly openSink: (backend: Backend) => Sink;
}

/** What waits for one tracker, or for a run's start. */
export interface LaneReport {
  readonly runId: string;
  readonly tracker: string;
  readonly state: "idle" | "flushing" | "waiting" | "retrying" | "held";
  readonly lastError: string;
  readonly queuedPoints: number;
  readonly queuedBytes: number;
  readonly deliveredPoints: number;
  /** When the oldest entry that waits was received, in ms since 1970; 0 when none waits. */
  readonly oldestMs: number;
}

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #flushers = new Map<string, Flusher>();
  /** When the run's entries began to wait for its start, by run id. */
  readonly #startless = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #waiters: (() => void)[] = [];
  readonly #archiver: Archiver;
  #finishing: Promise<unknown> = Promise.resolve();

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#archiver = new Archiver(options);
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
    this.#finishing = this.#finishing.then(() => this.onStacksChanged());
    if (strangers.length === 0) return;
    this.#finishing = this.#finishing
      .then(() => settleStrangers(this.#options, strangers))
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
  }

  /** Something was put right, perhaps: lanes that wait after a failure ask now. */
  askAgain(): void {
    for (const flusher of this.#flushers.values()) flusher.hurry(true);
  }

  /** Everything that waits, and the lanes in trouble. */
  lanes(): LaneReport[] {
    const active = new Map<string, Lane>();
    for (const flusher of this.#flushers.values()) {
      for (const lane of flusher.lanes()) active.set(laneKey(lane.runId, lane.target), lane);
    }
    const reports: LaneReport[] = [];
    for (const run of this.#options.runs.live()) {
      for (const report of this.#reportsOf(run, active)) {
        if (report.queuedBytes > 0) reports.push(report);
      }
    }
    return reports;
  }

  /** Waits until backends have all that was journaled before the call; false when the time is over. */
  async drain(timeoutMs: number): Promise<boolean> {
    const { runs } = this.#options;
    const goals = [...runs.live()].map((run) => ({ runId: run.runId, seq: runs.journaled(run).seq }));
    const isReached = ({ runId, seq }: { runId: string; seq: number }) => {
      const run = runs.find(runId);
      return !run || releasedSeq(run) >= seq;
    };
    const deadline = performance.now() + timeoutMs;
    // What waits after a failure is asked once more; then it keeps its own pace.
    for (let all = true; ; all = false) {
      const left = goals.filter((goal) => !isReached(goal));
      if (left.length === 0) return true;
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) return false;
      for (const flusher of this.#flushers.values()) flusher.hurry(all);
      await this.#changed(leftMs);
    }
  }

  /** Ends what is under way and closes the sinks. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await Promise.all([...this.#flushers.values()].map((flusher) => flusher.close()));
    await this.#finishing;
    await this.#archiver.idle();
  }

  #route(run: Run): void {
    if (!run.start) return this.#awaitStart(run);
    this.#startless.delete(run.runId);
    for (const target of run.targets ?? []) {
      const hasMore = this.#options.runs.journaled(run).seq > deliveredTo(run, target.trackerId).seq;
      if (hasMore) this.#flusherOf(target.backend).notify(run, target);
    }
  }

  #flusherOf(backend: Backend): Flusher {
    const key = backendKey(backend);
    let flusher = this.#flushers.get(key);
    if (!flusher) {
      const { journal, runs, deadLetters, history, notices, clock, random, log, openSink } = this.#options;
      const onChange = () => this.#announce();
      const onRunDone = (run: Run) => this.#archiver.add(run.runId);
      flusher = new Flusher({
        sink: openSink(backend),
        journal,
        runs,
        deadLetters,
        history,
        notices,
        clock,
        random,
        log,
        onChange,
        onRunDone,
      });
      this.#flushers.set(key, flusher);
    }
    return flusher;
  }

  #awaitStart(run: Run): void {
    if (this.#startless.has(run.runId)) return;
    this.#startless.set(run.runId, this.#options.clock.nowMs());
    this.#lookLater();
  }

  #lookLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#finishing = this.#finishing
        .then(() => this.#parkStartless())
        .catch((error: unknown) => {
          this.#options.log("error", "entries without a run could not be parked", { reason: String(error) });
        });
    }, RUN_START_WAIT_MS).unref();
  }

  /** Entries whose run never began become dead letters. */
  async #parkStartless(): Promise<void> {
    const { runs, clock, deadLetters } = this.#options;
    if (deadLetters.fullness) return this.#lookLater();
    const nowMs = clock.nowMs();
    for (const [runId, sinceMs] of [...this.#startless]) {
      const run = runs.find(runId);
      if (run && !run.start && nowMs - sinceMs < RUN_START_WAIT_MS) continue;
      this.#startless.delete(runId);
      if (run && !run.start) await this.#park(run);
    }
    const [next] = this.#startless.keys();
    const waiting = next === undefined ? undefined : runs.find(next);
    if (waiting && next !== undefined) {
      this.#startless.delete(next);
      this.#awaitStart(waiting);
    }
    this.#announce();
  }

  async #park(run: Run): Promise<void> {
    const { journal, runs, deadLetters } = this.#options;
    const reason = `The run did not begin within ${RUN_START_WAIT_MS / 1000} s.`;
    const why = { code: "STEPWELL_RUN_UNKNOWN", reason } as const;
    for (let position = deliveredTo(run, PARKED); ; ) {
      const records = await journal.read(run.number, position.seq, PARK_READ);
      const last = records.at(-1);
      if (!last) return;
      await deadLetters.park(lettersOfRecords(run.runId, records, position, why));
      position = last.through;
      runs.advance(run.runId, PARKED, position);
      journal.release(run.number, position.seq);
    }
  }

  #reportsOf(run: Run, active: ReadonlyMap<string, Lane>): LaneReport[] {
    const journaled = this.#options.runs.journaled(run);
    const parked = deliveredTo(run, PARKED);
    const whole = {
      runId: run.runId,
      queuedPoints: journaled.points - parked.points,
      queuedBytes: journaled.bytes - parked.bytes,
      deliveredPoints: 0,
    };
    if (!run.start) {
      const full = this.#options.deadLetters.fullness;
      const lastError = full
        ? `${full.code}: ${full.message} ${full.remedy}`
        : "The run's start has not arrived.";
      return [{ ...whole, tracker: "", state: "waiting", lastError, oldestMs: run.firstSeenMs }];
    }
    if (!run.targets) {
      const tracker = run.askedTrackers.join(",");
      const lastError = `STEPWELL_TRACKER_UNKNOWN: There is no such experiment tracker. ${ERRORS.STEPWELL_TRACKER_UNKNOWN.remedy}`;
      return [{ ...whole, tracker, state: "held", lastError, oldestMs: run.firstSeenMs }];
    }
    return run.targets.map((target): LaneReport => {
      const delivered = deliveredTo(run, target.trackerId);
      const lane = active.get(laneKey(run.runId, target));
      return {
        runId: run.runId,
        tracker: target.tracker,
        ...stateOf(lane),
        queuedPoints: journaled.points - delivered.points,
        queuedBytes: journaled.bytes - delivered.bytes,
        deliveredPoints: delivered.points,
        oldestMs: lane?.oldestMs ?? 0,
      };
    });
  }

  async #changed(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#waiters.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #announce(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }
}

function stateOf(lane: Lane | undefined): Pick<LaneReport, "state" | "lastError"> {
  if (!lane) return { state: "idle", lastError: "" };
  const shown = shownState(lane.state);
  if (shown.kind === "ready") return { state: "flushing", lastError: "" };
  const { kind, code, reason } = shown;
  return { state: kind, lastError: `${code}: ${reason} ${ERRORS[code].remedy}` };
}
