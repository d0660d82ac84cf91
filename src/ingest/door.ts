/**
 * The door: takes one batch of one producer to the journal. It knows no stream.
 */
import { StepwellError } from "../errors/stepwell-error.js";
import { Batch } from "../gen/stepwell/v1/ingest.js";
import { RunStatus } from "../gen/stepwell/v1/types.js";
import { type AppendListener, appended, type NewMark, type NewRecord } from "../journal/append.js";
import type { Journal } from "../journal/journal.js";
import { type BatchView, viewBatch } from "../model/batch-view.js";
import type { Clock } from "../model/clock.js";
import { isId } from "../model/id.js";
import { ROOM_CHECK_MS } from "../model/limits.js";
import { NO_ENTRIES } from "../model/no-entries.js";
import type { ProcessId } from "../model/process.js";
import { runNameOf } from "../model/run-name.js";
import type { BackendRuns } from "../runs/backend-runs.js";
import type { DoorCounts } from "../runs/door-counts.js";
import { type Lease, type LeaseBook, leaseRow } from "../runs/lease-book.js";
import type { ParamBook } from "../runs/param-book.js";
import { rankChangesOf } from "../runs/rank.js";
import { furthestPosition, hasEnded, type Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import { placed, started } from "../runs/run-start.js";
import { type Admission, admit } from "./admission.js";
import type { AdmittedStart, EntryRefusal } from "./admit-run.js";
import { comesBack, withRunning } from "./come-back.js";
import type { IntakeTally } from "./intake-tally.js";
import { refuseAll } from "./refusals.js";
import { changesRun, systemWishOf } from "./run-tags.js";

export interface DoorOptions {
  readonly journal: Journal;
  readonly runs: RunBook;
  readonly params: ParamBook;
  readonly leases: LeaseBook;
  readonly clock: Clock;
  readonly counts: DoorCounts;
  readonly tally: IntakeTally;
  /** A run is also taken by an id that a server gave it. */
  readonly ids: Pick<BackendRuns, "ownId" | "remembered">;
  readonly onEnded?: (run: Run) => void;
}

/** A batch that was judged and may be appended. */
export interface Ticket {
  readonly refusals: readonly EntryRefusal[];
  readonly records: readonly NewRecord[];
  /** The lease of a run that its holder ends: it is dropped when that is journaled. */
  readonly lease?: Lease | undefined;
  /** When it came, of the monotonic clock. */
  readonly sinceMs: number;
  /** To be called once it is appended, or when it will not be: the run is held until then. */
  readonly letGo: () => void;
}

/** How a batch is judged. */
interface Manner {
  /** Who begins a run holds its lease; without a process nobody does. */
  readonly process: ProcessId | undefined;
  /** Whether it is the daemon's own: one refused entry refuses all, and nothing of it is remembered then. */
  readonly isOwn: boolean;
  /** When it came, of the monotonic clock. */
  readonly sinceMs: number;
}

const NOTHING_TAKEN = { records: [], letGo: (): void => undefined };

export class Door {
  readonly #options: DoorOptions;
  /** Ids of runs that are being looked for among those that servers gave. */
  readonly #resolving = new Map<string, Promise<string>>();

  constructor(options: DoorOptions) {
    this.#options = options;
  }

  /** Bytes that wait for an fsync. */
  get pendingBytes(): number {
    return this.#options.journal.pendingBytes;
  }

  /** Why nothing more may come in, if the journal is full. */
  get fullness(): StepwellError | undefined {
    return this.#options.journal.fullness;
  }

  /**
   * Judges a batch and puts on disk what its run needs first. Synchronous for what
   * comes most often: metrics and tags of a run that is known. Who begins a run, or goes on
   * with it, holds its lease; without a process nobody does. A run is also taken by an id that a
   * server gave it.
   *
   * Batches of one run are judged in the order of the calls, and have to be appended in it.
   */
  prepare(batch: BatchView, bytes: Uint8Array, process?: ProcessId): Ticket | Promise<Ticket> {
    return this.#judge(batch, bytes, { process, isOwn: false, sinceMs: this.#options.clock.monotonicMs() });
  }

  #judge(batch: BatchView, bytes: Uint8Array, manner: Manner): Ticket | Promise<Ticket> {
    const { runId } = batch;
    if (!isId(runId)) return { ...NOTHING_TAKEN, refusals: refuseAll(batch), sinceMs: manner.sinceMs };
    if (!this.#mayBeServers(runId, batch)) return this.#prepare(runId, batch, bytes, manner);
    const by = (own: string): Ticket | Promise<Ticket> =>
      own === runId
        ? this.#prepare(runId, batch, bytes, manner)
        : // Its bytes name the run by the other id.
          this.#prepare(own, { ...batch, runId: own }, undefined, manner);
    const own = this.#options.ids.remembered(runId);
    if (own !== undefined && !this.#resolving.has(runId)) return by(own);
    return this.#resolve(runId).then(by);
  }

  /** Whether the id may be one that a server gave: of a run that begins just now it is ours. */
  #mayBeServers(runId: string, { start, end }: BatchView): boolean {
    if (this.#resolving.has(runId)) return true;
    const { runs } = this.#options;
    if (runs.find(runId) || runs.holds.has(runId)) return false;
    return start === undefined || end?.status === RunStatus.RUN_STATUS_RUNNING;
  }

  /** Our id of a run. Batches that come meanwhile wait for the same answer, so that they stay in order. */
  #resolve(runId: string): Promise<string> {
    let resolving = this.#resolving.get(runId);
    if (!resolving) {
      resolving = this.#options.ids.ownId(runId).finally(() => this.#resolving.delete(runId));
      this.#resolving.set(runId, resolving);
    }
    return resolving;
  }

  #prepare(
    runId: string,
    batch: BatchView,
    bytes: Uint8Array | undefined,
    manner: Manner,
  ): Ticket | Promise<Ticket> {
    const { runs } = this.#options;
    // The run book learns of an end before the journal does; until then the run is not done.
    const letGo = runs.holds.take(runId);
    try {
      if (!manner.isOwn) runs.sampled.saw(runId, batch.columns);
      const run = runs.findFree(runId);
      const isPlain = !batch.start && !batch.end && batch.params.length === 0;
      if (run && !run.isOpen && isPlain && !changesRun(batch))
        return this.#ticket(
          run,
          admit(batch, bytes, () => true, manner.isOwn),
          letGo,
          manner.sinceMs,
        );
    } catch (error) {
      letGo();
      throw error;
    }
    return this.#prepareSlowly(runId, batch, bytes, manner, letGo).catch((error: unknown) => {
      letGo();
      throw error;
    });
  }

  /** A batch came that is journaled already. */
  countDuplicate(): void {
    this.#options.counts.add("duplicateBatches", 1);
    this.#options.tally.duplicateBatches += 1;
  }

  /** Appends what was judged, with the producer's new mark; nothing else may come between. */
  append(ticket: Ticket, mark: NewMark, listener: AppendListener): void {
    const { records, refusals, sinceMs } = ticket;
    const refused = refusals.reduce((sum, refusal) => sum + refusal.entries, 0);
    this.#options.counts.add("rejectedEntries", refused);
    this.#options.tally.receives(records, refusals);
    const journaled = () => {
      this.#options.tally.journals(records, this.#options.clock.monotonicMs() - sinceMs);
      if (ticket.lease) this.#drop(ticket.lease);
      listener.journaled();
    };
    try {
      this.#options.journal.append(records, mark, { ...listener, journaled });
    } finally {
      ticket.letGo();
    }
  }

  /**
   * Journals entries of the daemon's own; they are on disk when this resolves. Throws where
   * nothing can be journaled, and for the first entry that is refused.
   */
  async enter(entries: Partial<Batch> & Pick<Batch, "runId">): Promise<void> {
    const full = await this.#options.journal.checkRoom(ROOM_CHECK_MS);
    if (full) throw full;
    const bytes = Batch.encode({ ...NO_ENTRIES, ...entries }).finish();
    const manner = { process: undefined, isOwn: true, sinceMs: this.#options.clock.monotonicMs() };
    const { records, refusals, letGo, sinceMs } = await this.#judge(viewBatch(bytes), bytes, manner);
    try {
      const [refusal] = refusals;
      this.#options.tally.receives(records, refusals, refusal !== undefined);
      if (refusal) throw new StepwellError(refusal.code, refusal.message);
      await appended(this.#options.journal, records);
      this.#options.tally.journals(records, this.#options.clock.monotonicMs() - sinceMs);
    } finally {
      letGo();
    }
  }

  /** All that the batch changes of its run is one write. */
  async #prepareSlowly(
    runId: string,
    batch: BatchView,
    bytes: Uint8Array | undefined,
    { process, isOwn, sinceMs }: Manner,
    letGo: () => void,
  ): Promise<Ticket> {
    const { runs, params, leases } = this.#options;
    const {
      run,
      before: was,
      value: admission,
    } = await runs.change(runId, async (before, isNew) => {
      const { number } = before;
      const keys = batch.params.map(({ key }) => key);
      const known = await params.known(number, keys, isNew);
      const ranks = process ? rankChangesOf(batch.tags) : [];
      const isBack = process && comesBack(before, leases.find(runId), batch, ranks);
      const mayHave = known.mayHave.bind(known);
      const admission = isBack
        ? admit(withRunning(batch), undefined, mayHave)
        : admit(batch, bytes, mayHave, isOwn);
      // Nothing of a batch that is refused as a whole makes a run, or is remembered.
      const isRefused = admission.parts.length === 0 || (isOwn && admission.refusals.length > 0);
      if (isRefused) return { run: undefined, rows: [], value: admission };
      const isElsewhere = ranks.some(({ joins, isWithFirst }) => joins && !isWithFirst);
      const systemWish = systemWishOf(batch.tags) ?? before.systemWish;
      const asked = systemWish === before.systemWish ? before : { ...before, systemWish };
      const after = await this.#after(asked, admission, isElsewhere);
      const isFirst = ranks.some(({ joins, rank }) => joins && rank === 0);
      // A rank may come before the first one does, and leaves the run to that.
      const begins = !before.start && after.start && (isFirst || !ranks.some(({ joins }) => joins));
      const isHeld = isFirst || begins || admission.end?.status === "RUNNING";
      const held = process && isHeld ? leases.heldBy(runId, process) : undefined;
      const lease = process && ranks.length > 0 ? leases.rankedBy(held, runId, ranks, process) : held;
      const onWritten = () => {
        if (lease) leases.keep(lease);
        params.keep(number, admission.params, isNew);
      };
      const rows = known.rowsOf(admission.params);
      return { run: after, rows: lease ? [...rows, leaseRow(lease)] : rows, onWritten, value: admission };
    });
    if (!run || admission.parts.length === 0)
      return { refusals: admission.refusals, records: [], letGo, sinceMs };
    if (hasEnded(run) && !hasEnded(was)) this.#options.onEnded?.(run);
    const lease = admission.end && process && hasEnded(run) ? leases.find(runId) : undefined;
    return { ...this.#ticket(run, admission, letGo, sinceMs), lease };
  }

  /** The run with the start and the end that a batch brings. What comes after its start settles where an open one goes. */
  async #after(run: Run, { start, end }: Admission, isElsewhere: boolean): Promise<Run> {
    const goesOn = end?.status === "RUNNING";
    const before = placed(this.#options.runs, run);
    const begun = start ? await this.#begun(before, start, goesOn || isElsewhere) : before;
    if (!end) return begun;
    // As at MLflow's server what was said before stays; one that goes on has no end.
    const endTimeMs = end.endTimeMs || (goesOn ? 0 : begun.endTimeMs);
    return { ...begun, status: end.status, endTimeMs };
  }

  async #begun(run: Run, { run: start, trackers }: AdmittedStart, goesOn: boolean): Promise<Run> {
    const { runs, ids } = this.#options;
    const runName = start.runName || runNameOf(run.runId);
    const parentRunId = start.parentRunId && (await ids.ownId(start.parentRunId));
    return started(runs, run, { ...start, runName, parentRunId, goesOn }, trackers);
  }

  /** Somebody may have gone on with the run meanwhile. */
  #drop(lease: Lease): void {
    const { leases } = this.#options;
    // One that stays is settled once its process is gone.
    if (leases.find(lease.runId) === lease) leases.settle(lease.runId).catch(() => undefined);
  }

  #ticket(run: Run, admission: Admission, letGo: () => void, sinceMs: number): Ticket {
    this.#options.journal.adopt(run.number, furthestPosition(run));
    const receivedMs = this.#options.clock.nowMs();
    const records = admission.parts.map((part) => ({
      run: run.number,
      header: { ...part, receivedMs },
      payload: part.payload,
    }));
    return { refusals: admission.refusals, records, letGo, sinceMs };
  }
}
