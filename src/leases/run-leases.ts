/**
 * Leases of runs that a process began by itself: ends those whose process is gone, and goes
 * on with them when it is back.
 */
import { RunStatus } from "../gen/stepwell/v1/types.js";
import type { RunEndNote } from "../home/end-note.js";
import type { Door } from "../ingest/door.js";
import type { Clock } from "../model/clock.js";
import { END_NOTE_MS } from "../model/limits.js";
import { type ProcessId, processKey } from "../model/process.js";
import type { RunEnd } from "../model/run.js";
import { Turns } from "../model/turns.js";
import { END_REASON_TAG, type Lease, type LeaseBook } from "../runs/lease-book.js";
import { type RankLease, rankTag } from "../runs/rank.js";
import { hasEnded, runEndOf } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import type { EndNotes } from "./end-notes.js";
import type { LeaseTally } from "./lease-tally.js";
import type { HeldLease, LeaseKeeper } from "./lease-watch.js";

export interface RunLeasesOptions {
  readonly door: Pick<Door, "enter">;
  readonly book: LeaseBook;
  readonly runs: RunBook;
  readonly clock: Clock;
  /** What processes that could not tell it noted of how they ended their runs. */
  readonly ends: Pick<EndNotes<RunEndNote>, "find" | "before" | "remove">;
  readonly tally: LeaseTally;
}

export class RunLeases implements LeaseKeeper {
  readonly #options: RunLeasesOptions;
  /** One change after the other, so that tags and status are journaled in one order. */
  readonly #changing = new Turns();
  /** Since when, of the monotonic clock, notes are known that no lease leads to. */
  readonly #strayMs = new Map<string, number>();

  constructor(options: RunLeasesOptions) {
    this.#options = options;
  }

  /** Ends runs whose end an earlier daemon did not journal, and works off old notes. */
  async resume(): Promise<void> {
    for (const lease of this.#options.book.all()) {
      if (lease.state === "ending") await this.#changing.take(() => this.#end(lease));
    }
    const { ends, clock } = this.#options;
    const notes = await ends.before(clock.monotonicMs() - END_NOTE_MS);
    const ids = new Set(notes.map(({ runId }) => runId));
    for (const runId of this.#strayMs.keys()) if (!ids.has(runId)) this.#strayMs.delete(runId);
    for (const note of notes) {
      const lease = this.#leaseOf(note);
      // A note came too late for what the daemon had to say; one of a run that is held waits for its process to be gone.
      if (lease?.state === "ended") await this.#changing.take(() => this.#endAsNoted(note));
      else if (!lease) await this.#forgetStray(note);
    }
  }

  *held(): Iterable<HeldLease> {
    for (const lease of this.#options.book.all()) {
      const { runId, ranks = [] } = lease;
      for (const rank of ranks) {
        yield {
          process: rank.process,
          lose: (reason) => this.#changing.take(() => this.#loseRank(runId, rank, reason)),
        };
      }
      if (lease.state === "ended") continue;
      for (const process of lease.holders) {
        yield {
          process,
          lose: (reason) => this.#changing.take(() => this.#lose(lease.runId, process, reason)),
        };
      }
    }
  }

  async regain(process: ProcessId): Promise<void> {
    const { door, book } = this.#options;
    await this.#changing.take(async () => {
      for (const { runId, state } of book.of(process)) {
        if (state === "held") continue;
        const runEnd = { status: RunStatus.RUN_STATUS_RUNNING, endTimeMs: 0n };
        await door.enter({ runId, removedTags: [END_REASON_TAG], runEnd });
        await book.hold(runId, process);
      }
    });
  }

  async #lose(runId: string, process: ProcessId, reason: string): Promise<void> {
    const { book, runs, ends, tally } = this.#options;
    const note = await ends.find(runId);
    const lease = book.find(runId);
    // It may have changed hands since it was looked at.
    if (!lease?.holders.includes(process) || lease.state === "ended") return;
    if (note && this.#leaseOf(note)) return await this.#endAsNoted(note);
    if (lease.state === "ending") return await this.#end(lease);
    if (lease.holders.length > 1) return await book.release(lease, process);
    const run = runs.find(lease.runId);
    const end = run?.start && hasEnded(run) ? runEndOf(run) : undefined;
    if (!run?.start) await book.drop(lease.runId);
    // Its end may not have been journaled, or the lease would be dropped.
    else if (end) await this.#tellEnd(lease, end, []);
    else {
      tally.lost += 1;
      await this.#end(await book.beginEnd(lease, reason));
    }
  }

  /** A rank's end is its own. Where rank 0 never came, nobody else ends the run that it left. */
  async #loseRank(runId: string, gone: RankLease, reason: string): Promise<void> {
    const { door, book, runs, tally } = this.#options;
    if (!book.find(runId)?.ranks?.includes(gone)) return;
    await door.enter({ runId, tags: [{ key: rankTag(gone.rank), value: "KILLED" }] });
    const lease = book.find(runId);
    // It may have come again meanwhile.
    if (!lease?.ranks?.includes(gone)) return;
    const left = await book.releaseRank(lease, gone);
    tally.lost += 1;
    const isLast = left.state === "held" && left.holders.length === 0 && left.ranks?.length === 0;
    const run = runs.find(runId);
    if (isLast && gone.isWithFirst && run?.start && !hasEnded(run))
      await this.#end(await book.beginEnd(left, `Rank 0 never began the run. ${reason}`));
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

  /** Ends a run as the process noted that was the last to hold it. */
  async #endAsNoted(note: Required<RunEndNote>): Promise<void> {
    const lease = this.#leaseOf(note);
    if (lease) await this.#tellEnd(lease, note, lease.state === "held" ? [] : [END_REASON_TAG]);
    await this.#options.ends.remove(note.runId);
  }

  /** Journals an end that was the process's own. */
  async #tellEnd({ runId }: Lease, { status, endTimeMs }: RunEnd, removedTags: string[]): Promise<void> {
    const { door, book } = this.#options;
    const runEnd = { status: RunStatus[`RUN_STATUS_${status}`], endTimeMs: BigInt(endTimeMs) };
    await door.enter({ runId, removedTags, runEnd });
    await book.settle(runId);
  }

  /** The lease of the run that the note's process holds. */
  #leaseOf({ runId, process }: RunEndNote): Lease | undefined {
    const lease = this.#options.book.find(runId);
    return lease?.holders.some((each) => processKey(each) === processKey(process)) ? lease : undefined;
  }

  /**
   * Removes a note that was for nothing: the end could be told after all, or the run's begin never
   * came. A daemon that was stopped has still to read what came meanwhile.
   */
  async #forgetStray({ runId }: RunEndNote): Promise<void> {
    const nowMs = this.#options.clock.monotonicMs();
    const sinceMs = this.#strayMs.get(runId) ?? nowMs;
    this.#strayMs.set(runId, sinceMs);
    if (nowMs - sinceMs < END_NOTE_MS) return;
    this.#strayMs.delete(runId);
    await this.#options.ends.remove(runId);
  }
}
