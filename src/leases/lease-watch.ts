/**
 * Watches the processes that hold leases, and the streams that they open.
 *
 * A lease of a process that is gone is given up once its streams have been read to their
 * end, so that everything that came from it is journaled before its run is ended. A forked
 * child can hold a stream open long after: then LEASE_SETTLE_MS are enough.
 */
import { deadlineAfter, sleep, within } from "../home/wait.js";
import { LEASE_LOOK_MS, LEASE_SETTLE_MS } from "../model/limits.js";
import type { Log } from "../model/log.js";
import { type ProcessId, processKey } from "../model/process.js";
import { Turns } from "../model/turns.js";
import { goneReason, type Machine } from "../runs/lease.js";

/** How often it is looked whether the streams of a process that is gone have come to their end. */
const SETTLE_LOOK_MS = 20;

/** A lease that a process holds. */
export interface HeldLease {
  readonly process: ProcessId;
  /** Ends what the process had begun. */
  lose(reason: string): Promise<void>;
}

/** Who has leases to be watched. */
export interface LeaseKeeper {
  held(): Iterable<HeldLease>;
  /** Whether there may be more than it knows of so far. */
  readonly isBehind?: boolean;
  /** Journals what was decided and is not journaled yet. */
  resume(): Promise<void>;
  /** The process is back: what was ended for it goes on. */
  regain(process: ProcessId): Promise<void>;
}

export interface LeaseWatchOptions {
  readonly machine: Machine;
  readonly keepers: readonly LeaseKeeper[];
  readonly log: Log;
  /** How long a process that can't be looked at may be without a stream before it counts as gone. */
  readonly returnMs: number;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonicMs: () => number;
}

interface Watched {
  open: number;
  /** When the last of its streams ended, or when the daemon began to watch. */
  closedMs: number;
  /** When it was found gone. */
  goneMs: number | undefined;
}

export class LeaseWatch {
  readonly #options: LeaseWatchOptions;
  readonly #keepers: LeaseKeeper[];
  readonly #watched = new Map<string, Watched>();
  #timer: NodeJS.Timeout | undefined;
  readonly #looking = new Turns();

  constructor(options: LeaseWatchOptions) {
    this.#options = options;
    this.#keepers = [...options.keepers];
  }

  /** What this one keeps is looked at before all else. */
  putFirst(keeper: LeaseKeeper): void {
    this.#keepers.unshift(keeper);
  }

  /** What this one keeps is looked at once all else is done, as runs that are ended. */
  putLast(keeper: LeaseKeeper): void {
    this.#keepers.push(keeper);
  }

  /** Begins to look at intervals. */
  start(): void {
    this.#timer = setInterval(() => {
      void this.#looking.take(() => this.look());
    }, LEASE_LOOK_MS).unref();
  }

  /** Looks until all is done for processes that are gone now; their streams may have to be read to their end first. */
  async settle(timeoutMs: number): Promise<void> {
    const deadline = deadlineAfter(timeoutMs);
    let isSettled = false;
    const look = async () => {
      isSettled = await this.look();
    };
    while (!isSettled && deadline.leftMs() > 0) {
      await within(deadline.leftMs(), this.#looking.take(look));
      if (!isSettled) await sleep(SETTLE_LOOK_MS);
    }
  }

  /** Stops looking; what is under way is done when this resolves. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking.idle();
  }

  /** A process opened a stream: what was ended for it goes on before anything else of it is taken. */
  async connected(process: ProcessId): Promise<void> {
    const watched = this.#of(processKey(process));
    watched.open += 1;
    watched.goneMs = undefined;
    for (const keeper of this.#keepers) await keeper.regain(process);
  }

  /** One of its streams is over. */
  disconnected(process: ProcessId): void {
    const watched = this.#of(processKey(process));
    watched.open -= 1;
    watched.closedMs = this.#options.monotonicMs();
  }

  /**
   * Looks at every lease once; answers whether it saw all, and nobody who is gone is waited for. Throws nothing: what
   * could not be done is tried at the next look.
   */
  async look(): Promise<boolean> {
    let isSettled = true;
    const seen = new Set<string>();
    for (const keeper of this.#keepers) {
      await this.#try("what was decided of runs can't be journaled yet", keeper.resume());
      for (const lease of [...keeper.held()]) {
        const key = processKey(lease.process);
        seen.add(key);
        const watched = this.#of(key);
        const reason = this.#goneReason(lease.process, watched);
        if (reason === undefined) {
          isSettled &&= watched.goneMs === undefined;
          continue;
        }
        const isDone = await this.#try("a run whose process is gone can't be ended yet", lease.lose(reason));
        isSettled &&= isDone;
      }
    }
    for (const [key, { open }] of this.#watched) if (open === 0 && !seen.has(key)) this.#watched.delete(key);
    return isSettled && !this.#keepers.some(({ isBehind }) => isBehind);
  }

  #goneReason(process: ProcessId, watched: Watched): string | undefined {
    const { monotonicMs, returnMs } = this.#options;
    const nowMs = monotonicMs();
    const streams = { open: watched.open, closedForMs: nowMs - watched.closedMs, returnMs };
    const reason = goneReason(process, this.#options.machine, streams);
    watched.goneMs = reason === undefined ? undefined : (watched.goneMs ?? nowMs);
    if (watched.goneMs === undefined) return undefined;
    return watched.open === 0 || nowMs - watched.goneMs >= LEASE_SETTLE_MS ? reason : undefined;
  }

  async #try(what: string, work: Promise<void>): Promise<boolean> {
    try {
      await work;
      return true;
    } catch (error) {
      this.#options.log("warn", what, { reason: String(error) });
      return false;
    }
  }

  #of(key: string): Watched {
    let watched = this.#watched.get(key);
    if (!watched) {
      watched = { open: 0, closedMs: this.#options.monotonicMs(), goneMs: undefined };
      this.#watched.set(key, watched);
    }
    return watched;
  }
}
