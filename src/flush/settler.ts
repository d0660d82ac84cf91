/** Settles what a backend said of a lane's pack: moves the lane on, lets it wait, or parks what is refused. */
import { type StepwellError, toStepwellError } from "../errors/stepwell-error.js";
import type { JournalRecord } from "../journal/record.js";
import { FLUSH_LINGER_MS, RECORD_ENTRIES_MAX } from "../model/limits.js";
import type { Pack } from "../model/pack.js";
import { deliveredTo, type RunPosition, releasedSeq } from "../runs/run.js";
import type { Cursor, Outcome, Refusal } from "../sinks/sink.js";
import type { FlusherOptions } from "./flusher-options.js";
import { type Hole, positionBefore } from "./hole.js";
import { afterOutcome, type Lane, shownState, type WaitingState } from "./lane.js";
import { letterOfHole, letterOfRecord, letterOfRefusal } from "./letters.js";

/** One lane's share of a request. */
export interface Parcel {
  readonly lane: Lane;
  readonly records: readonly JournalRecord[];
  readonly pack: Pack;
}

export class Settler {
  readonly #options: FlusherOptions;
  readonly #onLaneDone: (lane: Lane) => void;

  /** onLaneDone is called for a lane of which the backend has all. */
  constructor(options: FlusherOptions, onLaneDone: (lane: Lane) => void) {
    this.#options = options;
    this.#onLaneDone = onLaneDone;
  }

  /** Brings a lane into the state that follows from the backend's answer. Throws when a letter can't be written. */
  async settle(parcel: Parcel, outcome: Outcome): Promise<void> {
    const { lane } = parcel;
    const before = shownState(lane.state);
    const next = afterOutcome(before, outcome, this.#options.clock.nowMs(), this.#options.random);
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
    // Only now may it be sent again: before, it would be read from where it stood.
    lane.state = (await this.#follow(parcel, outcome)) ?? next;
  }

  /** Does what follows from the outcome; answers the lane's state where it is another than the outcome's own. */
  async #follow(parcel: Parcel, outcome: Outcome): Promise<WaitingState | undefined> {
    switch (outcome.kind) {
      case "delivered":
        return await this.#delivered(parcel, outcome.refused);
      case "moved":
        return await this.#moved(parcel, outcome.cursor);
      case "refused":
        return await this.#refused(parcel, outcome);
      case "retry":
      case "hold":
        return undefined;
    }
  }

  /** What should not happen to a lane costs that lane a wait, and nobody else anything. */
  hold(lane: Lane, error: unknown): undefined {
    const { code, message: reason } = toStepwellError(error);
    this.#options.log("error", "a lane can't go on", { runId: lane.runId, code, reason });
    const outcome = { kind: "hold", code, reason } as const;
    lane.state = afterOutcome(
      shownState(lane.state),
      outcome,
      this.#options.clock.nowMs(),
      this.#options.random,
    );
  }

  /** Leaves a note of what the journal lost, and goes on behind it. */
  async passHole(lane: Lane, hole: Hole): Promise<undefined> {
    const { log, deadLetters } = this.#options;
    if (this.isFull(lane)) return;
    log("error", "the journal lost entries of a run", { runId: lane.runId, points: hole.points });
    await deadLetters.park([letterOfHole(lane.runId, lane.target.tracker, hole)]);
    this.#advance(lane, hole.through);
    this.#options.onChange();
  }

  /** Goes on behind a record that is not for the lane's tracker. */
  pass(lane: Lane, through: RunPosition): undefined {
    this.#advance(lane, through);
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
    const { deadLetters, clock, random } = this.#options;
    const full = deadLetters.fullness;
    if (!full) return undefined;
    const outcome = { kind: "hold", code: full.code, reason: full.message } as const;
    return afterOutcome(shownState(lane.state), outcome, clock.nowMs(), random);
  }

  async #delivered(
    { lane, records }: Parcel,
    refused: readonly Refusal[],
  ): Promise<WaitingState | undefined> {
    await this.#options.deadLetters.park(
      refused.map((refusal) => letterOfRefusal(lane.runId, lane.target.tracker, refusal)),
    );
    lane.recordsMax = Math.min(RECORD_ENTRIES_MAX, lane.recordsMax * 2);
    const through = records.at(-1)?.through;
    if (through) this.#advance(lane, through);
    // What was refused is parked in any case: the rest of the pack is in the backend already.
    return (refused.length === 0 ? undefined : this.#heldWhenFull(lane)) ?? this.#lingering(lane);
  }

  /** The backend stands elsewhere: it has more than the run book knew, or its file was replaced. */
  async #moved({ lane, records }: Parcel, cursor: Cursor): Promise<undefined> {
    const known = records.find((record) => record.seq === cursor.seq)?.through;
    if (known) {
      this.#advance(lane, known);
      return undefined;
    }
    const run = this.#options.runs.find(lane.runId);
    if (!run) return undefined;
    const { bytes, seq } = deliveredTo(run, lane.target.trackerId);
    if (cursor.seq <= seq) return undefined;
    const { journal } = this.#options;
    const [record] = await journal.read(run.number, cursor.seq - 1, { points: 1, texts: 1, records: 1 });
    // Nothing can be read now: the backend will say it again.
    if (journal.failure) return undefined;
    if (record?.seq === cursor.seq) this.#advance(lane, record.through);
    else this.#advance(lane, { ...positionAt(cursor, bytes, record), seq: cursor.seq });
    return undefined;
  }

  /** Halves the pack until the one record that is refused stands alone, then parks it. */
  async #refused(
    { lane, records }: Parcel,
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
    lane.recordsMax = 1;
    const through = records[0]?.through;
    if (through) this.#advance(lane, through);
    return undefined;
  }

  #advance(lane: Lane, position: RunPosition): void {
    const { runs, journal, onRunDone } = this.#options;
    runs.advance(lane.runId, lane.target.trackerId, position);
    const run = runs.find(lane.runId);
    if (!run) return;
    journal.release(run.number, releasedSeq(run));
    if (runs.journaled(run).seq > position.seq) return;
    this.#onLaneDone(lane);
    if (run.endTimeMs > 0) onRunDone(run);
  }

  /** A lane with little left gathers more first. */
  #lingering(lane: Lane): WaitingState | undefined {
    if (this.queuedPoints(lane) >= RECORD_ENTRIES_MAX) return undefined;
    return { kind: "ready", dueMs: this.#options.clock.nowMs() + FLUSH_LINGER_MS };
  }
}

/** Where a cursor stands whose record is not there, by the one behind it where that tells. */
function positionAt({ seq, points }: Cursor, bytes: number, next: JournalRecord | undefined): RunPosition {
  const before = next && positionBefore(next);
  return before?.points === points ? before : { seq, points, bytes };
}
