/** Reads what a lane sends next from the journal, and makes a pack of it. */
import { RECORD_ENTRIES_MAX, RECORD_TEXTS_MAX } from "../model/limits.js";
import type { Pack } from "../model/pack.js";
import { type Delivered, deliveredTo, type Run, releasedSeq, runEndOf } from "../runs/run.js";
import type { SinkLimits } from "../sinks/sink.js";
import type { FlusherOptions } from "./flusher-options.js";
import { type Hole, holeBefore, upToHole } from "./hole.js";
import { type Lane, shownState } from "./lane.js";
import { packOf, piecesFor } from "./pack.js";
import type { Parcel, Settler } from "./settler.js";

/** What one request still takes. */
export class RequestRoom {
  readonly #limits: SinkLimits;
  /** Points and texts that one lane may bring, and how many lanes may bring so much each. */
  readonly pointsEach: number;
  readonly textsEach: number;
  readonly together: number;
  #points = 0;
  #texts = 0;

  /** For so many lanes at most. */
  constructor(limits: SinkLimits, lanes: number) {
    this.#limits = limits;
    this.pointsEach = Math.max(RECORD_ENTRIES_MAX, Math.floor(limits.pointsMax / lanes));
    this.together = Math.max(1, Math.floor(limits.pointsMax / this.pointsEach));
    this.textsEach = Math.max(RECORD_TEXTS_MAX, Math.floor(limits.textsMax / this.together));
  }

  get isFull(): boolean {
    return this.#points >= this.#limits.pointsMax || this.#texts >= this.#limits.textsMax;
  }

  take({ metrics, params, tags }: Pack): void {
    this.#points += metrics.values.length;
    this.#texts += params.length + tags.length;
  }
}

export class LaneReader {
  readonly #options: FlusherOptions;
  readonly #settler: Settler;
  readonly #lanes: () => Iterable<Lane>;
  #recalling: Promise<void> | undefined;

  /** lanes are all those of the backend. */
  constructor(options: FlusherOptions, settler: Settler, lanes: () => Iterable<Lane>) {
    this.#options = options;
    this.#settler = settler;
    this.#lanes = lanes;
  }

  /** The lane's next pack; "nothing": it holds no entries any more; "later": it waits, as its state says. Never rejects. */
  async parcelOf(lane: Lane, room: RequestRoom): Promise<Parcel | "nothing" | "later"> {
    const { journal, runs, history } = this.#options;
    const before = runs.find(lane.runId);
    // It is done elsewhere, as by a receipt, and whoever brings news of it makes a lane. With "later" it would be asked for ever.
    if (!before?.start) return "nothing";
    const shown = shownState(lane.state);
    const mayPark = shown.kind !== "held" || shown.code !== "STEPWELL_DEAD_LETTERS_FULL";
    if (!mayPark && this.#settler.isFull(lane)) return "later";
    try {
      lane.hasNews = false;
      const position = deliveredTo(before, lane.target.trackerId);
      const budget = { points: room.pointsEach, texts: room.textsEach, records: lane.recordsMax };
      const found = await journal.read(before.number, position.seq, budget);
      // Meanwhile it may have ended, which the records say by now, or been set back.
      const run = runs.find(lane.runId);
      if (!run?.start || deliveredTo(run, lane.target.trackerId) !== position) return "later";
      const hole = found[0] ? holeBefore(found[0], position) : this.#holeAtEnd(run, lane);
      if (hole && position.forgot && !lane.isRecalled) {
        await this.#recall();
        return "later";
      }
      if (hole) {
        await this.#settler.passHole(lane, position, hole);
        return "later";
      }
      const records = upToHole(found);
      if (!records[0]) return rest(lane);
      lane.oldestMs = records[0].receivedMs;
      const pieces = piecesFor(records, lane.target.trackerId);
      if (pieces.length === 0) {
        this.#settler.pass(lane, position, records[0].through);
        return "later";
      }
      const { runId, start } = run;
      const { author } = history;
      const pack = packOf({ runId, start, end: runEndOf(run), author, after: position.cursor }, pieces);
      room.take(pack);
      const points = pack.metrics.values.length;
      return { lane, position, records: pieces.map(({ record }) => record), pack, points };
    } catch (error) {
      this.#settler.hold(lane, error);
      return "later";
    }
  }

  /** What was delivered and is forgotten may still be there. Lanes that are set back at once meet their holes at once: one asks for all. */
  async #recall(): Promise<void> {
    this.#recalling ??= this.#recallAll().finally(() => {
      this.#recalling = undefined;
    });
    await this.#recalling;
  }

  async #recallAll(): Promise<void> {
    const { journal, runs } = this.#options;
    const wanted = new Map<number, number>();
    const asked = new Map<Lane, Delivered>();
    for (const lane of this.#lanes()) {
      const run = lane.isRecalled ? undefined : runs.find(lane.runId);
      const position = run && deliveredTo(run, lane.target.trackerId);
      if (!run || !position?.forgot) continue;
      wanted.set(run.number, releasedSeq(run));
      asked.set(lane, position);
    }
    await journal.recall(wanted);
    for (const [lane, position] of asked) {
      const run = runs.find(lane.runId);
      // One that was set back once more meanwhile asks once more.
      lane.isRecalled = run?.delivered[lane.target.trackerId] === position;
    }
  }

  /** What is missing at the end of a run, where nothing more of it can be read. */
  #holeAtEnd(run: Run, { target }: Lane): Hole | undefined {
    const { journal, runs } = this.#options;
    const position = deliveredTo(run, target.trackerId);
    if (journal.holds(run.number, position.seq)) return undefined;
    const through = runs.journaled(run);
    if (through.seq <= position.seq) return undefined;
    const points = Math.max(0, through.points - position.points);
    const bytes = Math.max(0, through.bytes - position.bytes);
    return { points, bytes, afterSeq: position.seq, through };
  }
}

/** Nothing to read yet: what is queued is on its way to the disk, and its arrival wakes the lane. */
function rest(lane: Lane): "nothing" | "later" {
  return lane.hasNews ? "later" : "nothing";
}
