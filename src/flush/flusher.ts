/**
 * A flusher: takes the lanes of one backend there, pack by pack, with as many requests
 * under way as the backend likes and one for each run. It sleeps until a lane is due; an
 * idle one costs nothing.
 */
import { FLUSH_LINGER_MS, RECORD_ENTRIES_MAX, RECORD_TEXTS_MAX } from "../model/limits.js";
import type { Target } from "../model/target.js";
import { deliveredTo, type Run, type RunPosition, releasedSeq, runEndOf } from "../runs/run.js";
import type { FlusherOptions } from "./flusher-options.js";
import { type Hole, holeBefore, upToHole } from "./hole.js";
import { type Lane, laneKey, newLane, whileSending } from "./lane.js";
import { packOf, piecesFor } from "./pack.js";
import { type Parcel, Settler } from "./settler.js";

const NEVER_MS = 0x7fffffff;

export class Flusher {
  readonly #options: FlusherOptions;
  /** Lanes that hold entries, the one that was served last at the end. */
  readonly #lanes = new Map<string, Lane>();
  readonly #settler: Settler;
  /** Requests that are under way. */
  readonly #requests = new Set<Promise<void>>();
  readonly #loop: Promise<void>;
  #wake: () => void = () => undefined;
  #isClosing = false;

  constructor(options: FlusherOptions) {
    this.#options = options;
    this.#settler = new Settler(options, (lane) => this.#lanes.delete(laneKey(lane.runId, lane.target)));
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
    const isFull = this.#settler.queuedPoints(lane) >= this.#options.sink.limits.pointsMax;
    if (isFull && lane.state.kind === "ready" && lane.state.dueMs > nowMs) {
      lane.state = { kind: "ready", dueMs: nowMs };
      this.#wake();
    }
  }

  /** Sends now what gathers; with `all` also what waits after a failure. */
  hurry(all: boolean): void {
    const dueMs = this.#options.clock.nowMs();
    for (const lane of this.#lanes.values()) {
      if (lane.state.kind === "sending" || (!all && lane.state.kind !== "ready")) continue;
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
    await Promise.all(this.#requests);
  }

  async #run(): Promise<void> {
    while (!this.#isClosing) {
      const waitMs = this.#waitMs();
      if (waitMs > 0) await this.#sleep(waitMs);
      else await this.#sendDue();
    }
  }

  #waitMs(): number {
    if (this.#requests.size >= this.#options.sink.limits.requestsMax) return NEVER_MS;
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
    const request = this.#send(parcels).finally(() => {
      this.#requests.delete(request);
      this.#options.onChange();
      this.#wake();
    });
    this.#requests.add(request);
  }

  /** Never rejects: what goes wrong costs the lanes of this request a wait. */
  async #send(parcels: readonly Parcel[]): Promise<void> {
    try {
      await this.#options.history.ready();
      const outcomes = await this.#options.sink.send(parcels.map((parcel) => parcel.pack));
      for (const [index, parcel] of parcels.entries()) {
        const outcome = outcomes[index];
        if (!outcome) throw new RangeError("the sink answered for fewer packs than it got");
        await this.#settler.settle(parcel, outcome).catch((error) => this.#settler.hold(parcel.lane, error));
      }
    } catch (error) {
      for (const { lane } of parcels) if (lane.state.kind === "sending") this.#settler.hold(lane, error);
    }
  }

  async #gather(): Promise<Parcel[]> {
    const nowMs = this.#options.clock.nowMs();
    const due = [...this.#lanes.values()].filter((lane) => lane.state.dueMs <= nowMs);
    const { pointsMax, textsMax, packsMax } = this.#options.sink.limits;
    const share = Math.max(RECORD_ENTRIES_MAX, Math.floor(pointsMax / due.length));
    // Read at the same time: each of a thousand short runs is one read, and most of it is waiting.
    const together = Math.max(1, Math.floor(pointsMax / share));
    const textShare = Math.max(RECORD_TEXTS_MAX, Math.floor(textsMax / together));
    const parcels: Parcel[] = [];
    let points = 0;
    let texts = 0;
    for (let at = 0; at < due.length; at += together) {
      if (parcels.length === packsMax || points >= pointsMax || texts >= textsMax) break;
      const lanes = due.slice(at, at + Math.min(together, packsMax - parcels.length));
      const found = await Promise.all(lanes.map((lane) => this.#parcelOf(lane, share, textShare)));
      for (const parcel of found.filter((each) => each !== undefined)) {
        points += parcel.pack.metrics.values.length;
        texts += parcel.pack.params.length + parcel.pack.tags.length;
        parcels.push(parcel);
        parcel.lane.state = whileSending(parcel.lane.state);
        this.#settler.sends(parcel);
        this.#moveToEnd(parcel.lane);
      }
    }
    return parcels;
  }

  async #parcelOf(lane: Lane, points: number, texts: number): Promise<Parcel | undefined> {
    const run = this.#options.runs.find(lane.runId);
    if (!run?.start) return this.#rest(lane);
    const mayPark = lane.state.kind !== "held" || lane.state.code !== "STEPWELL_DEAD_LETTERS_FULL";
    if (!mayPark && this.#settler.isFull(lane)) return undefined;
    try {
      lane.hasNews = false;
      const position = deliveredTo(run, lane.target.trackerId);
      const budget = { points, texts, records: lane.recordsMax };
      const found = await this.#options.journal.read(run.number, position.seq, budget);
      const hole = found[0] ? holeBefore(found[0], position) : this.#holeAtEnd(run, position);
      if (hole && position.forgot && !lane.isRecalled) return await this.#recall(lane);
      if (hole) return await this.#settler.passHole(lane, hole);
      const records = upToHole(found);
      if (!records[0]) return this.#rest(lane);
      lane.oldestMs = records[0].receivedMs;
      const pieces = piecesFor(records, lane.target.trackerId);
      if (pieces.length === 0) return this.#settler.pass(lane, records[0].through);
      const { author } = this.#options.history;
      const facts = {
        runId: run.runId,
        start: run.start,
        end: runEndOf(run),
        author,
        after: position.cursor,
      };
      const pack = packOf(facts, pieces);
      return { lane, records: pieces.map(({ record }) => record), pack };
    } catch (error) {
      return this.#settler.hold(lane, error);
    }
  }

  /** What was delivered and is forgotten may still be there: of all runs at once, each segment is looked at for each call. */
  async #recall(lane: Lane): Promise<undefined> {
    const { journal, runs } = this.#options;
    const wanted = new Map<number, number>();
    for (const run of runs.live()) {
      const isForgotten = Object.values(run.delivered).some(({ forgot }) => forgot !== undefined);
      if (isForgotten) wanted.set(run.number, releasedSeq(run));
    }
    await journal.recall(wanted);
    lane.isRecalled = true;
  }

  /** What is missing at the end of a run of which nothing more can be read. */
  #holeAtEnd(run: Run, position: RunPosition): Hole | undefined {
    const { journal, runs } = this.#options;
    if (journal.holds(run.number, position.seq)) return undefined;
    const through = runs.journaled(run);
    if (through.seq <= position.seq) return undefined;
    const points = Math.max(0, through.points - position.points);
    const bytes = Math.max(0, through.bytes - position.bytes);
    return { points, bytes, afterSeq: position.seq, through };
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
}
