/** Settles what a backend said of a lane's pack: moves the lane on, lets it wait, or parks what is refused. */
import { type StepwellError, toStepwellError } from "../errors/stepwell-error.js";
import type { JournalRecord } from "../journal/record.js";
import type { LeftCursor } from "../model/cursor.js";
import { RECORD_ENTRIES_MAX } from "../model/limits.js";
import type { Pack } from "../model/pack.js";
import {
  type Delivered,
  deliveredTo,
  forgottenBehind,
  hasEnded,
  type RunPosition,
  releasedSeq,
} from "../runs/run.js";
import type { Outcome, Refusal } from "../sinks/sink.js";
import type { TrackerTally } from "./flush-tally.js";
import type { FlusherOptions } from "./flusher-options.js";
import { followCursor } from "./follow-cursor.js";
import { ForgottenLetters } from "./forgotten-letters.js";
import type { Hole } from "./hole.js";
import { afterOutcome, type Lane, laneKey, shownState, type WaitingState } from "./lane.js";
import { letterOfHole, letterOfRecord, letterOfRefusal, pointsOf } from "./letters.js";

/** One lane's share of a request. */
export interface Parcel {
  readonly lane: Lane;
  /** Where the lane stood when it was read. */
  readonly position: Delivered;
  readonly records: readonly JournalRecord[];
  readonly pack: Pack;
  /** Metric points in it: a sink may take its columns away. */
  readonly points: number;
}

/** What the settler asks of its flusher. */
export interface SettlerHost {
  /** How long a lane gathers that has little left. */
  readonly lingerMs: () => number;
  /** Called for a lane once the backend has all of it. */
  readonly onLaneDone: (lane: Lane) => void;
}

export class Settler {
  readonly #options: FlusherOptions;
  readonly #host: SettlerHost;
  readonly #forgotten: ForgottenLetters;
  /** Last positions of packs that were sent without hearing what became of them, by lane. */
  readonly #unheard = new Map<string, Set<number>>();

  constructor(options: FlusherOptions, host: SettlerHost) {
    this.#options = options;
    this.#host = host;
    this.#forgotten = new ForgottenLetters(options.deadLetters);
  }

  /** A pack is about to be sent. */
  sends({ lane, pack }: Parcel): void {
    const key = laneKey(lane.runId, lane.target);
    const known = this.#unheard.get(key);
    if (known) known.add(pack.lastSeq);
    else this.#unheard.set(key, new Set([pack.lastSeq]));
  }

  /** Does what follows from the backend's answer; answers the lane's next state. Never rejects. */
  async settle(parcel: Parcel, outcome: Outcome): Promise<WaitingState> {
    const { lane } = parcel;
    const before = shownState(lane.state);
    const next = afterOutcome(before, outcome, this.#options.clock.monotonicMs(), this.#options.random);
    if (next.kind !== "ready" && next.kind !== before.kind) {
      const { code, reason } = next;
      this.#options.log("warn", "a lane waits", {
        runId: lane.runId,
        tracker: lane.target.tracker,
        state: next.kind,
        code,
        reason,
      });
    }
    try {
      // One that was set back meanwhile is told anew where the backend stands.
      const isHeard = outcome.kind !== "retry" && this.#standsAt(lane, parcel.position);
      const state = (isHeard ? await this.#follow(parcel, outcome) : undefined) ?? next;
      // Only who compared the cursor has said where the backend stands: a hold, or a refusal, may come before that.
      const isCompared = outcome.kind === "delivered" || outcome.kind === "elsewhere";
      if (isHeard && isCompared) this.#unheard.delete(laneKey(lane.runId, lane.target));
      return state;
    } catch (error) {
      return this.#held(lane, error);
    }
  }

  /** Does what follows from the outcome; answers the lane's state where it is another than the outcome's own. */
  async #follow(parcel: Parcel, outcome: Outcome): Promise<WaitingState | undefined> {
    switch (outcome.kind) {
      case "delivered":
        return await this.#delivered(parcel, outcome.refused);
      case "elsewhere":
        return await this.#elsewhere(parcel, outcome);
      case "refused":
        return await this.#refused(parcel, outcome);
      case "retry":
      case "hold":
        return undefined;
    }
  }

  /** What should not happen to a lane costs that lane a wait, and nobody else anything. */
  hold(lane: Lane, error: unknown): void {
    lane.state = this.#held(lane, error);
  }

  #held(lane: Lane, error: unknown): WaitingState {
    const { code, message: reason } = toStepwellError(error);
    this.#options.log("error", "a lane can't go on", { runId: lane.runId, code, reason });
    return this.#heldFor(lane, code, reason);
  }

  #heldFor(lane: Lane, code: StepwellError["code"], reason: string): WaitingState {
    const outcome = { kind: "hold", scope: "run", code, reason } as const;
    const { clock, random } = this.#options;
    return afterOutcome(shownState(lane.state), outcome, clock.monotonicMs(), random);
  }

  /** Leaves a note of what the journal lost, and goes on behind it. */
  async passHole(lane: Lane, position: Delivered, hole: Hole): Promise<void> {
    const { log, deadLetters } = this.#options;
    if (this.isFull(lane)) return;
    log("error", "entries of a run are not in the journal", { runId: lane.runId, points: hole.points });
    const { forgot } = position;
    const isForgotten = forgot !== undefined && hole.afterSeq < forgot.seq;
    const letter = letterOfHole(lane.runId, lane.target.tracker, hole, isForgotten);
    await (isForgotten ? this.#forgotten.park(letter) : deadLetters.park([letter]));
    this.#count(lane, (tally) => (tally.parkedPoints += hole.points));
    this.#pass(lane, position, hole.through);
  }

  /** Goes on behind a record that is not for the lane's tracker. */
  pass(lane: Lane, position: Delivered, through: RunPosition): void {
    this.#pass(lane, position, through);
  }

  /** Metric points of the lane that wait. */
  queuedPoints(lane: Lane): number {
    const { runs } = this.#options;
    const run = runs.find(lane.runId);
    return run ? runs.journaled(run).points - deliveredTo(run, lane.target.trackerId).points : 0;
  }

  /** Whether no dead letter may be parked any more; the lane is held then, and nothing of it is dropped. */
  isFull(lane: Lane): boolean {
    const held = this.#heldWhenFull(lane);
    lane.state = held ?? lane.state;
    return held !== undefined;
  }

  #heldWhenFull(lane: Lane): WaitingState | undefined {
    const full = this.#options.deadLetters.fullness;
    return full && this.#heldFor(lane, full.code, full.message);
  }

  async #delivered(
    { lane, position, records, pack, points }: Parcel,
    refused: readonly Refusal[],
  ): Promise<WaitingState | undefined> {
    await this.#options.deadLetters.park(
      refused.map((refusal) => letterOfRefusal(lane.runId, lane.target.tracker, refusal)),
    );
    lane.recordsMax = Math.min(RECORD_ENTRIES_MAX, lane.recordsMax * 2);
    const through = records.at(-1)?.through;
    // While something is refused the backend's cursor stays: until that is parked, the pack has to come again.
    const seq = refused.length === 0 ? pack.lastSeq : (pack.after?.seq ?? 0);
    const cursor = this.#options.sink.cursors ? { ...pack.author, seq } : undefined;
    if (through) this.#pass(lane, position, through, cursor);
    const refusedPoints = refused.filter(({ kind }) => kind === "metric").length;
    this.#count(lane, (tally) => {
      tally.deliveredPoints += points - refusedPoints;
      tally.parkedPoints += refusedPoints;
    });
    // What was refused is parked in any case: the rest of the pack is in the backend already.
    return (refused.length === 0 ? undefined : this.#heldWhenFull(lane)) ?? this.#lingering(lane);
  }

  /** Nothing was written: the backend's cursor is not where this home left it. */
  async #elsewhere(
    { lane, position: before, records, pack }: Parcel,
    { homeId, cursor }: Outcome & { kind: "elsewhere" },
  ): Promise<undefined> {
    const run = this.#options.runs.find(lane.runId);
    if (!run) return undefined;
    const unheard = [...(this.#unheard.get(laneKey(lane.runId, lane.target)) ?? [])];
    const exportedSeq = this.#options.exportedSeq?.(lane.runId, lane.target.trackerId) ?? 0;
    const found = { run, target: lane.target, left: pack.after, homeId, cursor, unheard, exportedSeq };
    const position = await followCursor(this.#options, found, records);
    if (!position || !this.#standsAt(lane, before)) return undefined;
    if (position.forgot) lane.isRecalled = false;
    // What the backend has beyond what was known: an answer got lost.
    const beyond = Math.max(0, position.points - before.points);
    this.#count(lane, (tally) => (tally.deliveredPoints += beyond));
    this.#advance(lane, position);
    return undefined;
  }

  /** Halves the pack until the one record that is refused stands alone, then parks it. */
  async #refused(
    { lane, position, records }: Parcel,
    outcome: { code: StepwellError["code"]; reason: string },
  ): Promise<WaitingState | undefined> {
    if (records.length > 1) {
      lane.recordsMax = Math.ceil(records.length / 2);
      return undefined;
    }
    const held = this.#heldWhenFull(lane);
    if (held) return held;
    await this.#options.deadLetters.park(
      records.map((record) => letterOfRecord(lane.runId, lane.target.tracker, record, outcome)),
    );
    const points = records.reduce((sum, record) => sum + pointsOf(record), 0);
    this.#count(lane, (tally) => (tally.parkedPoints += points));
    lane.recordsMax = 1;
    const through = records[0]?.through;
    if (through) this.#pass(lane, position, through);
    return undefined;
  }

  /** Whether the lane's run is where it was: not so where the store was found to have forgotten some of it. */
  #standsAt({ runId, target }: Lane, position: Delivered): boolean {
    const run = this.#options.runs.find(runId);
    return run !== undefined && deliveredTo(run, target.trackerId) === position;
  }

  /**
   * The lane goes on from a position behind another one, unless it was set back meanwhile; the backend's
   * cursor stays where it was left unless another is given.
   */
  #pass(
    lane: Lane,
    known: Delivered,
    { seq, points, bytes }: RunPosition,
    ...cursor: [LeftCursor | undefined] | []
  ): void {
    if (!this.#standsAt(lane, known)) return;
    const forgot = forgottenBehind(known, seq);
    this.#advance(lane, {
      seq,
      points,
      bytes,
      forgot,
      cursor: cursor.length === 0 ? known.cursor : cursor[0],
    });
  }

  #count(lane: Lane, count: (tally: TrackerTally) => void): void {
    const { tally } = this.#options;
    if (tally) count(tally.of(lane.target.tracker));
  }

  #advance(lane: Lane, position: Delivered): void {
    const { runs, journal, onAdvance, onRunDone } = this.#options;
    runs.advance(lane.runId, lane.target.trackerId, position);
    const run = runs.find(lane.runId);
    if (!run) return;
    journal.release(run.number, releasedSeq(run));
    onAdvance(run);
    if (runs.journaled(run).seq > position.seq) return;
    this.#host.onLaneDone(lane);
    if (hasEnded(run)) onRunDone(run);
  }

  /** A lane with little left gathers more first. */
  #lingering(lane: Lane): WaitingState | undefined {
    if (this.queuedPoints(lane) >= RECORD_ENTRIES_MAX) return undefined;
    return { kind: "ready", dueMs: this.#options.clock.monotonicMs() + this.#host.lingerMs() };
  }
}
