/**
 * A flusher: takes the lanes of one backend there, pack by pack, with one request at a
 * time. It sleeps until a lane is due; an idle one costs nothing.
 */
import { type StepwellError, toStepwellError } from "../errors/stepwell-error.js";
import type { JournalRecord } from "../journal/record.js";
import { FLUSH_LINGER_MS, RECORD_ENTRIES_MAX } from "../model/limits.js";
import type { Pack } from "../model/pack.js";
import type { Target } from "../model/target.js";
import type { Cursor, Outcome, Refusal } from "../sinks/sink.js";
import { deliveredTo, type Run, type RunPosition, releasedSeq, runEndOf } from "../state/run.js";
import type { FlusherOptions } from "./flusher-options.js";
import { type Hole, holeBefore, upToHole } from "./hole.js";
import { afterOutcome, type Lane, laneKey, newLane } from "./lane.js";
import { letterOfHole, letterOfRecord, letterOfRefusal } from "./letters.js";
import { packOf } from "./pack.js";

/** One lane's share of a request. */
interface Parcel {
  readonly lane: Lane;
  readonly records: readonly JournalRecord[];
  readonly pack: Pack;
}

const NEVER_MS = 0x7fffffff;

export class Flusher {
  readonly #options: FlusherOptions;
  /** Lanes that hold entries, the one that was served last at the end. */
  readonly #lanes = new Map<string, Lane>();
  readonly #loop: Promise<void>;
  #wake: () => void = () => undefined;
  #isClosing = false;

  constructor(options: FlusherOptions) {
    this.#options = options;
    this.#loop = this.#run();
  }

  /** Lanes that hold entries. */
  lanes(): IterableIterator<Lane> {
    return this.#lanes.values();
  }

  /** A run has entries for a target of this backend. */
  notify(run: Run, target: Target): void {
    const nowMs = this.#options.clock.nowMs();
    const key = laneKey(run.runId, target);
    let lane = this.#lanes.get(key);
    if (!lane) {
      lane = newLane(run.runId, target, nowMs + FLUSH_LINGER_MS);
      lane.oldestMs = nowMs;
      this.#lanes.set(key, lane);
      this.#wake();
    }
    lane.hasNews = true;
    const isFull = this.#queuedPoints(lane) >= this.#options.sink.limits.pointsMax;
    if (isFull && lane.state.kind === "ready" && lane.state.dueMs > nowMs) {
      lane.state = { kind: "ready", dueMs: nowMs };
      this.#wake();
    }
  }

  /** Sends now what gathers; with `all` also what waits after a failure. */
  hurry(all: boolean): void {
    const dueMs = this.#options.clock.nowMs();
    for (const lane of this.#lanes.values()) {
      if (!all && lane.state.kind !== "ready") continue;
      lane.state = { ...lane.state, dueMs: Math.min(dueMs, lane.state.dueMs) };
    }
    this.#wake();
  }

  /** Ends what is under way and closes the sink. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#wake();
    await this.#loop;
    await this.#options.sink.close();
  }

  async #run(): Promise<void> {
    while (!this.#isClosing) {
      const waitMs = this.#waitMs();
      if (waitMs > 0) await this.#sleep(waitMs);
      else await this.#sendDue();
    }
  }

  #waitMs(): number {
    let dueMs = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes.values()) dueMs = Math.min(dueMs, lane.state.dueMs);
    return Math.min(NEVER_MS, dueMs - this.#options.clock.nowMs());
  }

  async #sleep(waitMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = waitMs < NEVER_MS ? setTimeout(resolve, waitMs) : undefined;
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => undefined;
  }

  async #sendDue(): Promise<void> {
    const parcels = await this.#gather();
    if (parcels.length === 0) return;
    const outcomes = await this.#options.sink.send(parcels.map((parcel) => parcel.pack));
    for (const [index, parcel] of parcels.entries()) {
      const outcome = outcomes[index];
      if (outcome) await this.#settle(parcel, outcome).catch((error) => this.#hold(parcel.lane, error));
    }
    this.#options.onChange();
  }

  async #gather(): Promise<Parcel[]> {
    const nowMs = this.#options.clock.nowMs();
    const due = [...this.#lanes.values()].filter((lane) => lane.state.dueMs <= nowMs);
    const { pointsMax, textsMax, packsMax } = this.#options.sink.limits;
    const share = Math.max(RECORD_ENTRIES_MAX, Math.floor(pointsMax / due.length));
    const parcels: Parcel[] = [];
    let points = 0;
    let texts = 0;
    for (const lane of due) {
      if (parcels.length === packsMax || points >= pointsMax || texts >= textsMax) break;
      const parcel = await this.#parcelOf(lane, share, textsMax - texts);
      if (!parcel) continue;
      points += parcel.pack.metrics.values.length;
      texts += parcel.pack.params.length + parcel.pack.tags.length;
      parcels.push(parcel);
      this.#moveToEnd(lane);
    }
    return parcels;
  }

  async #parcelOf(lane: Lane, points: number, texts: number): Promise<Parcel | undefined> {
    const run = this.#options.runs.find(lane.runId);
    if (!run?.start) return this.#rest(lane);
    const mayPark = lane.state.kind !== "held" || lane.state.code !== "STEPWELL_DEAD_LETTERS_FULL";
    if (!mayPark && this.#isFull(lane)) return undefined;
    try {
      lane.hasNews = false;
      const position = deliveredTo(run, lane.target.trackerId);
      const budget = { points, texts, records: lane.recordsMax };
      const found = await this.#options.journal.read(run.number, position.seq, budget);
      const hole = found[0] ? holeBefore(found[0], position) : this.#holeAtEnd(run, position);
      if (hole) return await this.#passHole(lane, hole);
      const records = upToHole(found);
      if (!records[0]) return this.#rest(lane);
      lane.oldestMs = records[0].receivedMs;
      const pack = packOf({ runId: run.runId, start: run.start, end: runEndOf(run) }, records);
      return { lane, records, pack };
    } catch (error) {
      return this.#hold(lane, error);
    }
  }

  /** What should not happen to a lane costs that lane a wait, and nobody else anything. */
  #hold(lane: Lane, error: unknown): undefined {
    const { code, message: reason } = toStepwellError(error);
    this.#options.log("error", "a lane can't go on", { runId: lane.runId, code, reason });
    const outcome = { kind: "hold", code, reason } as const;
    lane.state = afterOutcome(lane.state, outcome, this.#options.clock.nowMs(), this.#options.random);
  }

  /** What is missing at the end of a run of which nothing more can be read. */
  #holeAtEnd(run: Run, position: RunPosition): Hole | undefined {
    const { journal, runs } = this.#options;
    if (journal.holds(run.number, position.seq)) return undefined;
    const through = runs.journaled(run);
    if (through.seq <= position.seq) return undefined;
    return { points: through.points - position.points, afterSeq: position.seq, through };
  }

  /** Leaves a note of what the journal lost, and goes on behind it. */
  async #passHole(lane: Lane, hole: Hole): Promise<undefined> {
    const { log, deadLetters } = this.#options;
    if (this.#isFull(lane)) return;
    log("error", "the journal lost entries of a run", { runId: lane.runId, points: hole.points });
    await deadLetters.park([letterOfHole(lane.runId, lane.target.tracker, hole)]);
    this.#advance(lane, hole.through);
  }

  async #settle(parcel: Parcel, outcome: Outcome): Promise<void> {
    const { lane } = parcel;
    const before = lane.state;
    lane.state = afterOutcome(before, outcome, this.#options.clock.nowMs(), this.#options.random);
    if (lane.state.kind !== "ready" && lane.state.kind !== before.kind) {
      const { code, reason } = lane.state;
      this.#options.log("warn", "a lane waits", {
        runId: lane.runId,
        tracker: lane.target.tracker,
        state: lane.state.kind,
        code,
        reason,
      });
    }
    if (outcome.kind === "delivered") await this.#delivered(parcel, outcome.refused);
    else if (outcome.kind === "moved") await this.#moved(parcel, outcome.cursor);
    else if (outcome.kind === "refused") await this.#refused(parcel, outcome);
  }

  async #delivered({ lane, records }: Parcel, refused: readonly Refusal[]): Promise<void> {
    await this.#options.deadLetters.park(
      refused.map((refusal) => letterOfRefusal(lane.runId, lane.target.tracker, refusal)),
    );
    lane.recordsMax = Math.min(RECORD_ENTRIES_MAX, lane.recordsMax * 2);
    const through = records.at(-1)?.through;
    if (through) this.#advance(lane, through);
    // What was refused is parked in any case: the rest of the pack is in the backend already.
    if (refused.length === 0 || !this.#isFull(lane)) this.#linger(lane);
  }

  /** The backend stands elsewhere: it has more than the run book knew, or its file was replaced. */
  async #moved({ lane, records }: Parcel, cursor: Cursor): Promise<void> {
    const known = records.find((record) => record.seq === cursor.seq)?.through;
    if (known) return this.#advance(lane, known);
    const run = this.#options.runs.find(lane.runId);
    if (!run) return;
    const position = deliveredTo(run, lane.target.trackerId);
    if (cursor.seq <= position.seq) return;
    const [record] = await this.#options.journal.read(run.number, cursor.seq - 1, {
      points: 1,
      texts: 1,
      records: 1,
    });
    const isThere = record?.seq === cursor.seq;
    this.#advance(
      lane,
      isThere ? record.through : { seq: cursor.seq, points: cursor.points, bytes: position.bytes },
    );
  }

  /** Halves the pack until the one record that is refused stands alone, then parks it. */
  async #refused(
    { lane, records }: Parcel,
    outcome: { code: StepwellError["code"]; reason: string },
  ): Promise<void> {
    if (records.length > 1) {
      lane.recordsMax = Math.ceil(records.length / 2);
      return;
    }
    if (this.#isFull(lane)) return;
    await this.#options.deadLetters.park(
      records.map((record) => letterOfRecord(lane.runId, lane.target.tracker, record, outcome)),
    );
    lane.recordsMax = 1;
    const through = records[0]?.through;
    if (through) this.#advance(lane, through);
  }

  /** Whether no dead letter may be parked any more; the lane is held then, and nothing of it is dropped. */
  #isFull(lane: Lane): boolean {
    const { deadLetters, clock, random } = this.#options;
    const full = deadLetters.fullness;
    if (!full) return false;
    const outcome = { kind: "hold", code: full.code, reason: full.message } as const;
    lane.state = afterOutcome(lane.state, outcome, clock.nowMs(), random);
    return true;
  }

  #advance(lane: Lane, position: RunPosition): void {
    const { runs, journal, onRunDone } = this.#options;
    runs.advance(lane.runId, lane.target.trackerId, position);
    const run = runs.find(lane.runId);
    if (!run) return;
    journal.release(run.number, releasedSeq(run));
    if (runs.journaled(run).seq > position.seq) return;
    this.#lanes.delete(laneKey(lane.runId, lane.target));
    if (run.endTimeMs > 0) onRunDone(run);
  }

  /** A lane with little left gathers more first. */
  #linger(lane: Lane): void {
    if (this.#queuedPoints(lane) >= RECORD_ENTRIES_MAX) return;
    lane.state = { kind: "ready", dueMs: this.#options.clock.nowMs() + FLUSH_LINGER_MS };
  }

  /** Nothing to read yet: what is queued is on its way to the disk, and its arrival wakes the lane. */
  #rest(lane: Lane): undefined {
    if (lane.hasNews) return undefined;
    this.#lanes.delete(laneKey(lane.runId, lane.target));
    return undefined;
  }

  #moveToEnd(lane: Lane): void {
    const key = laneKey(lane.runId, lane.target);
    this.#lanes.delete(key);
    this.#lanes.set(key, lane);
  }

  #queuedPoints(lane: Lane): number {
    const run = this.#options.runs.find(lane.runId);
    return run
      ? this.#options.runs.journaled(run).points - deliveredTo(run, lane.target.trackerId).points
      : 0;
  }
}
