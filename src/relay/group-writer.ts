/**
 * Brings packs of all streams to the store in groups: what came while the groups before it were written is the
 * next one, as the journal does with its fsync. How many are under way is learned as a flusher learns it.
 */
import { UnderWay } from "../flush/under-way.js";
import type { Clock } from "../model/clock.js";
import type { Log } from "../model/log.js";
import type { BackendRun } from "../model/target.js";
import type { Outcome } from "../sinks/sink.js";
import type { Backlog } from "./access/quotas.js";
import { type Allowance, TenantQueue, type TenantWaiting } from "./access/tenant-queue.js";
import type { ReadPack } from "./read-pack.js";
import type { RelayTally } from "./relay-tally.js";
import type { Durability, RelayedPack, RelayStore, StoreWritten } from "./store.js";

/** Bytes of one group, however few points they are. */
const GROUP_BYTES_MAX = 8 * 1024 * 1024;

/** What became of one pack, with what was learned beside it. */
export interface PackAnswer {
  readonly outcome: Outcome;
  readonly durability: Durability;
  /** The home's transactions now. */
  readonly writes: number | undefined;
  readonly run: (BackendRun & { readonly kind: "known" }) | undefined;
}

/** A pack with what its home says, and with what its sender may do. */
export type QueuedRead = ReadPack & RelayedPack;

/** A pack that waits for its group. */
export interface QueuedPack extends TenantWaiting {
  readonly read: QueuedRead;
  /** Whose it is. */
  readonly session: object;
  readonly answer: (answer: PackAnswer) => void;
  /** Whether nobody waits for its answer any more; `drop` is called then in place of `answer`. */
  readonly isGone: () => boolean;
  readonly drop: () => void;
  /** Since when it waits, of the monotonic clock. */
  readonly sinceMs: number;
}

export class GroupWriter {
  readonly #store: RelayStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #tally: RelayTally;
  readonly #queue: TenantQueue<QueuedPack>;
  readonly #underWay: UnderWay;
  readonly #writing = new Set<Promise<void>>();
  #isScheduled = false;

  /** `allowance`: what tenants may do, asked for each group. */
  constructor(store: RelayStore, clock: Clock, log: Log, tally: RelayTally, allowance: () => Allowance) {
    this.#store = store;
    this.#queue = new TenantQueue(allowance);
    this.#clock = clock;
    this.#log = log;
    this.#tally = tally;
    const { requestsMax, quickRequestsMax = requestsMax } = store.limits;
    this.#underWay = new UnderWay({
      ...{ requestsMax, quickRequestsMax, nowMs: () => clock.monotonicMs() },
      onRoom: () => this.#schedule(),
    });
  }

  /** Packs that wait for a group. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** What waits of a tenant. */
  backlogOf(tenant: string): Backlog {
    return this.#queue.backlogOf(tenant);
  }

  /** Somebody may go who could not. */
  wake(): void {
    if (this.#queue.size > 0) this.#schedule();
  }

  /** Takes out what fits, to be answered by the caller. */
  takeOut(fits: (pack: QueuedPack) => boolean): QueuedPack[] {
    return this.#queue.removeAll(fits);
  }

  add(pack: QueuedPack): void {
    this.#queue.add(pack);
    this.#schedule();
  }

  /** The answer for a pack of which nothing is written. */
  refuse(outcome: Outcome): PackAnswer {
    this.#tally.outcomes[outcome.kind] += 1;
    return { outcome, durability: "local", writes: undefined, run: undefined };
  }

  /** Drops what nobody waits for any more. */
  dropGone(): void {
    for (const { drop } of this.#queue.removeAll((item) => item.isGone())) drop();
  }

  /** Resolves when nothing is under way of what is now. */
  async settled(): Promise<void> {
    await Promise.all(this.#writing);
  }

  /** All that arrived in one turn of the event loop is there when the group is made. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      while (this.#underWay.hasRoom && this.#begin());
    });
  }

  /** Begins a group; false where there is nothing that may go. */
  #begin(): boolean {
    const { pointsMax, textsMax, packsMax } = this.#store.limits;
    let [points, texts, bytes, packs] = [0, 0, 0, 0];
    const group = this.#queue.next(({ read, bytes: itsBytes }) => {
      const { metrics, params, tags } = read.pack;
      const more = { points: points + metrics.values.length, texts: texts + params.length + tags.length };
      const fits =
        more.points <= pointsMax &&
        more.texts <= textsMax &&
        packs < packsMax &&
        bytes + itsBytes <= GROUP_BYTES_MAX;
      // One alone goes whatever its size: there is none smaller of it.
      if (!fits && packs > 0) return false;
      ({ points, texts } = more);
      bytes += itsBytes;
      packs += 1;
      return true;
    });
    if (group.length === 0) return false;
    const end = this.#underWay.begin();
    const writing = this.#write(group).then((entries) => {
      this.#writing.delete(writing);
      this.#queue.done(group);
      end(entries, this.#queue.size > 0 ? this.#underWay.enough : 0);
      this.#schedule();
    });
    this.#writing.add(writing);
    return true;
  }

  /** Answers how many entries it brought there. Never rejects. */
  async #write(group: readonly QueuedPack[]): Promise<number> {
    const beganMs = this.#clock.monotonicMs();
    const written = await this.#written(group);
    this.#tally.groups += 1;
    this.#tally.commits.add(this.#clock.monotonicMs() - beganMs);
    let entries = 0;
    for (const [index, { read, answer }] of group.entries()) {
      const { pack } = read;
      const outcome = written.outcomes[index] ?? missing();
      this.#tally.outcomes[outcome.kind] += 1;
      if (outcome.kind === "delivered") {
        this.#tally.deliveredPoints += pack.metrics.values.length;
        entries += pack.metrics.values.length + pack.params.length + pack.tags.length;
      }
      answer({
        outcome,
        durability: written.durability,
        writes: written.writes.get(pack.author.homeId),
        run: written.runs.get(pack.runId),
      });
    }
    return entries;
  }

  async #written(group: readonly QueuedPack[]): Promise<StoreWritten> {
    const known = new Map<string, number>();
    for (const { read } of group) {
      const { homeId } = read.pack.author;
      known.set(homeId, Math.max(known.get(homeId) ?? 0, read.knownWrites));
    }
    try {
      return await this.#store.write(
        group.map(({ read }) => read),
        known,
      );
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log("error", "a group could not be written", { reason });
      const outcome = { kind: "retry", scope: "unclear", code: "STEPWELL_INTERNAL", reason } as const;
      return {
        ...{ outcomes: group.map(() => outcome), durability: "local" },
        ...{ writes: new Map(), runs: new Map(), wentBack: new Set() },
      };
    }
  }
}

function missing(): Outcome {
  const reason = "The store answered for fewer packs than it got.";
  return { kind: "retry", scope: "unclear", code: "STEPWELL_INTERNAL", reason };
}
