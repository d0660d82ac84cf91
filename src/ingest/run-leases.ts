/**
 * Leases of runs that a process began by itself: ends those whose process is gone, and goes
 * on with them when it is back.
 */
import { RunStatus } from "../gen/stepwell/v1/types.js";
import type { Clock } from "../model/clock.js";
import type { ProcessId } from "../model/process.js";
import type { Lease, LeaseBook } from "../state/lease-book.js";
import type { RunBook } from "../state/run-book.js";
import type { Door } from "./door.js";
import { END_REASON_TAG, type HeldLease, type LeaseKeeper } from "./lease-watch.js";

export interface RunLeasesOptions {
  readonly door: Pick<Door, "enter">;
  readonly book: LeaseBook;
  readonly runs: RunBook;
  readonly clock: Clock;
}

export class RunLeases implements LeaseKeeper {
  readonly #options: RunLeasesOptions;
  #changing: Promise<unknown> = Promise.resolve();

  constructor(options: RunLeasesOptions) {
    this.#options = options;
  }

  /** Ends runs whose end an earlier daemon did not journal. */
  async resume(): Promise<void> {
    for (const lease of this.#options.book.all()) {
      if (lease.state === "ending") await this.#serially(() => this.#end(lease));
    }
  }

  *held(): Iterable<HeldLease> {
    for (const lease of this.#options.book.all()) {
      if (lease.state === "ended") continue;
      for (const process of lease.holders) {
        yield { process, lose: (reason) => this.#serially(() => this.#lose(lease.runId, process, reason)) };
      }
    }
  }

  async regain(process: ProcessId): Promise<void> {
    const { door, book } = this.#options;
    await this.#serially(async () => {
      for (const { runId, state } of book.of(process)) {
        if (state === "held") continue;
        const runEnd = { status: RunStatus.RUN_STATUS_RUNNING, endTimeMs: 0n };
        await door.enter({ runId, removedTags: [END_REASON_TAG], runEnd });
        await book.hold(runId, process);
      }
    });
  }

  async #lose(runId: string, process: ProcessId, reason: string): Promise<void> {
    const { book, runs } = this.#options;
    const lease = book.find(runId);
    // It may have changed hands since it was looked at.
    if (!lease?.holders.includes(process) || lease.state === "ended") return;
    if (lease.state === "ending") return await this.#end(lease);
    if (lease.holders.length > 1) return await book.release(lease, process);
    const run = runs.find(lease.runId);
    const isOver = !run?.start || run.endTimeMs > 0;
    if (isOver) await book.drop(lease.runId);
    else await this.#end(await book.beginEnd(lease, reason));
  }

  async #end(lease: Lease): Promise<void> {
    const { door, book, clock } = this.#options;
    if (book.find(lease.runId) !== lease) return;
    const endTimeMs = BigInt(clock.nowMs());
    await door.enter({
      runId: lease.runId,
      tags: [{ key: END_REASON_TAG, value: lease.reason }],
      runEnd: { status: RunStatus.RUN_STATUS_KILLED, endTimeMs },
    });
    if (book.find(lease.runId) === lease) await book.completeEnd(lease);
  }

  /** One change after the other, so that tags and status are journaled in one order. */
  async #serially(change: () => Promise<void>): Promise<void> {
    const result = this.#changing.then(change);
    this.#changing = result.catch(() => undefined);
    await result;
  }
}
