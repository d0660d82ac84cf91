/**
 * Leases of runs that a process began by itself, outside of any step: who holds which run.
 *
 *   held -> ending -> ended     the process is gone and the daemon ends the run
 *   ended -> held               the process is back, or another one goes on with the run
 *
 * "ending" is on disk before the run's end is journaled, so that a crash between the two
 * only means that the end is journaled again.
 */
import type { Clock } from "../model/clock.js";
import { ENDED_LEASES_MAX } from "../model/limits.js";
import { type ProcessId, processKey } from "../model/process.js";
import type { Change, Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";
import { RANKS_MAX, type RankChange, type RankLease } from "./rank.js";

/** The tag that says why the daemon ended a run. */
export const END_REASON_TAG = "stepwell.end_reason";

export interface Lease {
  readonly runId: string;
  /** Who runs it: the first that began it, and whoever went on with it; once it is ended, who was lost last. */
  readonly holders: readonly ProcessId[];
  /** Who takes part beside them, without a say in how the run ends; whatever the state is. */
  readonly ranks?: readonly RankLease[];
  readonly state: "held" | "ending" | "ended";
  /** Why the daemon ends the run; empty while it is held. */
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly changedMs: number;
}

export class LeaseBook {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #leases = new Map<string, Lease>();

  private constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Reads the leases. Of those that ended the last ones are kept: a clock that jumped would forget all of them at once. */
  static async open(store: Store, clock: Clock, endedMax = ENDED_LEASES_MAX): Promise<LeaseBook> {
    const book = new LeaseBook(store, clock);
    for (const { key, value } of await store.list<Lease>(TABLES.lease)) book.#leases.set(key, value);
    const ended = book.all().filter(({ state }) => state === "ended");
    ended.sort((one, other) => other.changedMs - one.changedMs);
    for (const { runId } of ended.slice(endedMax)) await book.drop(runId);
    return book;
  }

  find(runId: string): Lease | undefined {
    return this.#leases.get(runId);
  }

  all(): readonly Lease[] {
    return [...this.#leases.values()];
  }

  /** Leases of one process. */
  of(process: ProcessId): Lease[] {
    const key = processKey(process);
    return this.all().filter(({ holders }) => holders.some((each) => processKey(each) === key));
  }

  /** The process runs the run, beside those that do already; it is on disk when this resolves. */
  async hold(runId: string, process: ProcessId): Promise<void> {
    await this.#put(this.heldBy(runId, process), true);
  }

  /** The lease of a run that the process runs, too. It counts once its row is on disk and it is kept. */
  heldBy(runId: string, process: ProcessId): Lease {
    const lease = this.#leases.get(runId);
    const others = lease?.state === "held" ? without(lease.holders, process) : [];
    const holders = [...others, process];
    return { ...this.#free(runId), holders, ...ranksOf(lease) };
  }

  /** The lease with what a process says of its ranks. It counts once its row is on disk and it is kept. */
  rankedBy(
    lease: Lease | undefined,
    runId: string,
    changes: readonly RankChange[],
    process: ProcessId,
  ): Lease {
    const before = lease ?? this.#leases.get(runId) ?? this.#free(runId);
    const said = new Map(changes.map((change) => [change.rank, change]));
    const others = (before.ranks ?? []).filter(({ rank }) => !said.has(rank));
    const joined = [...said.values()].filter(({ joins }) => joins);
    const ranks = [...others, ...joined.map(({ rank, isWithFirst }) => ({ rank, process, isWithFirst }))];
    return { ...before, ranks: ranks.slice(0, RANKS_MAX) };
  }

  /** A lease whose row is on disk. */
  keep(lease: Lease): void {
    if (isOver(lease)) this.#leases.delete(lease.runId);
    else this.#leases.set(lease.runId, lease);
  }

  /** One of several holders is gone. Unsynced: after a crash it is found gone again. */
  async release(lease: Lease, process: ProcessId): Promise<void> {
    await this.#put({ ...lease, holders: without(lease.holders, process) }, false);
  }

  /** The daemon is about to end the run; it is on disk when this resolves. */
  async beginEnd(lease: Lease, reason: string): Promise<Lease> {
    return await this.#put({ ...lease, state: "ending", reason, changedMs: this.#clock.nowMs() }, true);
  }

  /** The run's end is journaled. Unsynced: after a crash it is journaled again. */
  async completeEnd(lease: Lease): Promise<void> {
    await this.#put({ ...lease, state: "ended" }, false);
  }

  /** One of the ranks is gone. Unsynced: after a crash it is found gone again. */
  async releaseRank(lease: Lease, gone: RankLease): Promise<Lease> {
    const ranks = (lease.ranks ?? []).filter((each) => each !== gone);
    return await this.#put({ ...lease, ranks }, false);
  }

  /** The run was ended by whoever holds it; its ranks go on. Unsynced: after a crash it is settled again. */
  async settle(runId: string): Promise<void> {
    const lease = this.#leases.get(runId);
    if (lease) await this.#put({ ...lease, state: "held", reason: "", holders: [] }, false);
  }

  /** Nobody is watched any more. Unsynced: after a crash it is dropped again. */
  async drop(runId: string): Promise<void> {
    this.#leases.delete(runId);
    await this.#store.write([{ table: TABLES.lease, key: runId, value: undefined }], { sync: false });
  }

  #free(runId: string): Lease {
    return { runId, holders: [], state: "held", reason: "", changedMs: this.#clock.nowMs() };
  }

  async #put(lease: Lease, sync: boolean): Promise<Lease> {
    await this.#store.write([leaseRow(lease)], { sync });
    this.keep(lease);
    return lease;
  }
}

export function leaseRow(lease: Lease): Change {
  return { table: TABLES.lease, key: lease.runId, value: isOver(lease) ? undefined : lease };
}

/** Whether nobody is to be watched, or can come back. */
function isOver({ state, holders, ranks }: Lease): boolean {
  return state === "held" && holders.length === 0 && (ranks ?? []).length === 0;
}

function ranksOf(lease: Lease | undefined): Pick<Lease, "ranks"> {
  return lease?.ranks ? { ranks: lease.ranks } : {};
}

function without(holders: readonly ProcessId[], process: ProcessId): ProcessId[] {
  return holders.filter((each) => processKey(each) !== processKey(process));
}
