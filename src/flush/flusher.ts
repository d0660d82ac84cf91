/**
 * A flusher: takes the lanes of one backend there, pack by pack, with as many requests
 * under way as the backend likes and one for each run.
 *
 * Each lane that waits stands in one heap by when it is due, and the loop sleeps until the first one is:
 * what arrives costs its own lane's place and nothing for the others: there may be ten thousand.
 * The lane that was served goes behind all that were due before, so none starves. While the backend takes
 * nothing its breaker lets one lane's pack through at a time, and the loop sleeps in between.
 */
import { FLUSH_LINGER_MS } from "../model/limits.js";
import type { Pack } from "../model/pack.js";
import type { Target } from "../model/target.js";
import type { Run } from "../runs/run.js";
import type { Outcome, Sink } from "../sinks/sink.js";
import {
  afterEvent,
  type Breaker,
  type BreakerEvent,
  CLOSED,
  type OpenBreaker,
  troubleOf,
} from "./breaker.js";
import { DueHeap } from "./due-heap.js";
import type { FlusherOptions } from "./flusher-options.js";
import { type Lane, laneKey, newLane, shownState, type WaitingState, whileSending } from "./lane.js";
import { LaneReader, RequestRoom } from "./lane-reader.js";
import { type Parcel, Settler } from "./settler.js";
import { UnderWay } from "./under-way.js";

const NEVER_MS = 0x7fffffff;

export class Flusher {
  readonly #options: FlusherOptions;
  /** Lanes that hold entries. */
  readonly #lanes = new Map<string, Lane>();
  /** Those of them that wait. */
  readonly #waiting = new DueHeap<Lane>();
  readonly #reader: LaneReader;
  readonly #settler: Settler;
  readonly #underWay: UnderWay;
  readonly #requests = new Set<Promise<void>>();
  readonly #loop: Promise<void>;
  #breaker: Breaker = CLOSED;
  /** How many wait for all to be delivered: lanes gather nothing then. */
  #urgent = 0;
  #wake: () => void = () => undefined;
  /** Until when the loop sleeps, unless it is woken. */
  #sleepsUntilMs = Number.NEGATIVE_INFINITY;
  #isClosing = false;

  constructor(options: FlusherOptions) {
    this.#options = options;
    const { requestsMax, quickRequestsMax = requestsMax } = options.sink.limits;
    this.#settler = new Settler(options, {
      lingerMs: () => (this.#urgent > 0 ? 0 : FLUSH_LINGER_MS),
      onLaneDone: (lane) => this.#remove(lane),
    });
    this.#reader = new LaneReader(options, this.#settler, () => this.lanes());
    this.#underWay = new UnderWay({
      ...{ requestsMax, quickRequestsMax, nowMs: () => options.clock.monotonicMs() },
      onRoom: () => this.#wake(),
    });
    this.#loop = this.#run();
  }

  /** The lane of a run to one of its targets, if it holds entries. */
  lane(runId: string, target: Target): Lane | undefined {
    return this.#lanes.get(laneKey(runId, target));
  }

  /** Lanes that hold entries. */
  lanes(): IterableIterator<Lane> {
    return this.#lanes.values();
  }

  /** Why all lanes wait, if they do. */
  get trouble(): OpenBreaker | undefined {
    return troubleOf(this.#breaker);
  }

  /** A run has entries for a target of this backend. */
  notify(run: Run, target: Target): void {
    const nowMs = this.#options.clock.monotonicMs();
    const key = laneKey(run.runId, target);
    let lane = this.#lanes.get(key);
    if (!lane) {
      lane = newLane(run.runId, target, nowMs + (this.#urgent > 0 ? 0 : FLUSH_LINGER_MS));
      lane.oldestMs = this.#options.clock.nowMs();
      this.#lanes.set(key, lane);
      this.#schedule(lane);
    }
    lane.hasNews = true;
    if (lane.state.kind !== "ready" || lane.state.dueMs <= nowMs) return;
    if (this.#settler.queuedPoints(lane) < this.#options.sink.limits.pointsMax) return;
    lane.state = { kind: "ready", dueMs: nowMs };
    this.#schedule(lane);
  }

  get sink(): Sink {
    return this.#options.sink;
  }

  /** A run goes on from an earlier position: what is there of it is asked back from the journal anew. */
  rewound(run: Run, target: Target): void {
    this.notify(run, target);
    const lane = this.#lanes.get(laneKey(run.runId, target));
    if (lane) lane.isRecalled = false;
  }

  /** Resolves when no request is under way of those that are now. */
  async settled(): Promise<void> {
    await Promise.all(this.#requests);
  }

  /** Asks now where something failed: the backend, and lanes that wait for a reason of their own. */
  askAgain(): void {
    this.#note({ kind: "hurry" });
    this.#hurryLanes(() => true);
    this.#wake();
  }

  /** From now on lanes gather nothing, until what is answered is called, once. */
  hurry(): () => void {
    this.#urgent += 1;
    this.#hurryLanes(({ state }) => state.kind === "ready");
    this.#wake();
    return () => {
      this.#urgent -= 1;
    };
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
      const dueMs = this.#dueMs();
      if (dueMs > this.#options.clock.monotonicMs()) await this.#sleep(dueMs);
      else await this.#sendDue();
    }
  }

  /** When the next request may go; infinity while only an answer or news can change that. */
  #dueMs(): number {
    if (!this.#underWay.hasRoom || this.#breaker.kind === "probing") return Number.POSITIVE_INFINITY;
    const { firstDueMs } = this.#waiting;
    return this.#breaker.kind === "open" ? Math.max(firstDueMs, this.#breaker.dueMs) : firstDueMs;
  }

  async #sleep(untilMs: number): Promise<void> {
    this.#sleepsUntilMs = untilMs;
    await new Promise<void>((resolve) => {
      const waitMs = Math.min(NEVER_MS, Math.ceil(untilMs - this.#options.clock.monotonicMs()));
      const timer = Number.isFinite(untilMs) ? setTimeout(resolve, waitMs) : undefined;
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = () => undefined;
    this.#sleepsUntilMs = Number.NEGATIVE_INFINITY;
  }

  /** Puts a lane where its state says; wakes the loop only for one that may go before it wakes by itself. */
  #schedule(lane: Lane): void {
    if (lane.state.kind === "sending") return;
    this.#waiting.set(lane, lane.state.dueMs);
    if (this.#dueMs() < this.#sleepsUntilMs) this.#wake();
  }

  async #sendDue(): Promise<void> {
    const isProbe = this.#breaker.kind === "open";
    const parcels = await this.#gather(isProbe ? 1 : this.#options.sink.limits.packsMax);
    if (parcels.length === 0) return;
    if (isProbe) this.#note({ kind: "probe" });
    const end = this.#underWay.begin();
    const request = this.#send(parcels, isProbe).then((entries) => {
      this.#requests.delete(request);
      end(entries, this.#waiting.countDue(this.#options.clock.monotonicMs(), this.#underWay.enough));
      this.#wake();
    });
    this.#requests.add(request);
  }

  /** Packs of the lanes that are due, in their order. */
  async #gather(packsMax: number): Promise<Parcel[]> {
    const nowMs = this.#options.clock.monotonicMs();
    const dueLanes = this.#waiting.countDue(nowMs, packsMax);
    const room = new RequestRoom(this.#options.sink.limits, dueLanes);
    const parcels: Parcel[] = [];
    for (let taken = 0; taken < dueLanes && !room.isFull; ) {
      const lanes = this.#takeDue(nowMs, Math.min(room.together, dueLanes - taken));
      if (lanes.length === 0) break;
      taken += lanes.length;
      // Read at the same time: each of a thousand short runs is one read, and most of it is waiting.
      const found = await Promise.all(lanes.map((lane) => this.#reader.parcelOf(lane, room)));
      for (const [index, lane] of lanes.entries()) {
        const parcel = found[index];
        if (parcel === "nothing") this.#remove(lane);
        else if (parcel === "later" || !parcel) this.#putBack(lane, shownState(lane.state));
        else {
          this.#settler.sends(parcel);
          parcels.push(parcel);
        }
      }
    }
    return parcels;
  }

  /** Lanes that are due, so many at most; from here on they are nobody else's to send. */
  #takeDue(nowMs: number, max: number): Lane[] {
    const lanes: Lane[] = [];
    for (let lane: Lane | undefined; lanes.length < max; lanes.push(lane)) {
      lane = this.#waiting.take(nowMs);
      if (!lane) break;
      lane.state = whileSending(lane.state);
    }
    return lanes;
  }

  /** Answers how many entries it brought there. Never rejects: what goes wrong costs the lanes of this request a wait. */
  async #send(parcels: readonly Parcel[], isProbe: boolean): Promise<number> {
    const beganMs = this.#options.clock.monotonicMs();
    const outcomes = await this.#outcomesOf(parcels);
    this.#options.tally?.answered(parcels, outcomes, this.#options.clock.monotonicMs() - beganMs);
    let entries = 0;
    for (const [index, parcel] of parcels.entries()) {
      const { lane, pack } = parcel;
      const outcome = outcomes[index] ?? failed("the sink answered for fewer packs than it got");
      if (outcome.kind === "delivered") entries += entriesOf(pack);
      this.#note({ kind: "outcome", lane: laneKey(lane.runId, lane.target), isProbe, outcome }, lane);
      this.#putBack(lane, await this.#settler.settle(parcel, outcome));
    }
    return entries;
  }

  async #outcomesOf(parcels: readonly Parcel[]): Promise<readonly Outcome[]> {
    try {
      await this.#options.history.ready();
      return await this.#options.sink.send(parcels.map(({ pack }) => pack));
    } catch (error) {
      const fault = failed(error instanceof Error ? error.message : String(error));
      return parcels.map(() => fault);
    }
  }

  /** A lane waits again, if it has anything to wait for. */
  #putBack(lane: Lane, state: WaitingState): void {
    // Only now may it be sent again: before, it would be read from where it stood.
    lane.state = state;
    if (this.#lanes.get(laneKey(lane.runId, lane.target)) === lane) this.#schedule(lane);
  }

  #remove(lane: Lane): void {
    this.#waiting.delete(lane);
    this.#lanes.delete(laneKey(lane.runId, lane.target));
  }

  /** Brings the breaker into its next state, and says so when the backend begins to take nothing, or to take packs again. */
  #note(event: BreakerEvent, lane?: Lane): void {
    const { clock, random, log } = this.#options;
    const before = this.trouble;
    this.#breaker = afterEvent(this.#breaker, event, clock.monotonicMs(), random);
    const { trouble } = this;
    const tracker = lane?.target.tracker;
    if (before && !trouble) log("info", "a backend takes packs again", { tracker });
    if (!trouble || (before?.why === trouble.why && before.code === trouble.code)) return;
    const { why, code, reason } = trouble;
    log("warn", "a backend takes nothing", { tracker, state: why, code, reason });
  }

  #hurryLanes(isMeant: (lane: Lane) => boolean): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const lane of [...this.#waiting.items()]) {
      if (lane.state.kind === "sending" || lane.state.dueMs <= nowMs || !isMeant(lane)) continue;
      lane.state = { ...lane.state, dueMs: nowMs };
      this.#waiting.set(lane, nowMs);
    }
  }
}

/** What a pack weighs for the pace: one that only begins or ends its run is work, too. */
function entriesOf({ params, metrics, tags }: Pack): number {
  return 1 + params.length + metrics.values.length + tags.length;
}

/** A sink that breaks its word: perhaps at this pack alone. */
function failed(reason: string): Outcome {
  return { kind: "hold", scope: "unclear", code: "STEPWELL_INTERNAL", reason };
}
