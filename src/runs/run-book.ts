/**
 * The runs: who they are, where they go and how far each backend has them.
 *
 * What gives a run its number, its start or its end is written with a sync before the
 * journal gets the entry. Cursors are written without one, a second after they moved at
 * the latest, and synced before the journal gives up what lies behind them: an older
 * cursor only means that a backend is asked about what it has already.
 *
 * A run that ended and that every backend has in full goes to the archive; memory holds
 * the others. The sums over archived runs are kept, so that totals stay exact.
 */
import { StepwellError } from "../errors/stepwell-error.js";
import type { Clock } from "../model/clock.js";
import type { RunEnd, RunStart } from "../model/run.js";
import type { Target } from "../model/target.js";
import type { Change, Store } from "../store/contract.js";
import { TABLES } from "../store/tables.js";
import { checkRunIdOrPrefix, furthestPosition, type Run, type RunPosition, releasedSeq } from "./run.js";
import { RunHolds } from "./run-holds.js";
import { highestSeq, NO_SUMS, RUN_SUMS, type RunSums, sumsWith, totalsOf } from "./run-sums.js";

export interface RunBookOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** What the journal knows of a run, by its number. */
  readonly journaled: (number: number) => RunPosition | undefined;
  /** The targets of a run that asks for these trackers. Throws STEPWELL_TRACKER_UNKNOWN. */
  readonly resolve: (askedTrackers: readonly string[]) => readonly Target[];
}

const CURSOR_WRITE_WAIT_MS = 1_000;

export class RunBook {
  /** Runs that have to stay live whatever is delivered of them. */
  readonly holds = new RunHolds();
  readonly #options: RunBookOptions;
  readonly #live = new Map<string, Run>();
  readonly #byNumber = new Map<number, Run>();
  /** Runs whose cursor moved since it was written. */
  readonly #dirty = new Set<string>();
  /** Runs whose cursor moved since it was synced. */
  readonly #unsynced = new Set<string>();
  #sums: RunSums;
  #changing: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: RunBookOptions, sums: RunSums) {
    this.#options = options;
    this.#sums = sums;
  }

  static async open(options: RunBookOptions): Promise<RunBook> {
    const sums = (await options.store.get<RunSums>(TABLES.counter, RUN_SUMS)) ?? NO_SUMS;
    const book = new RunBook(options, sums);
    for (const { value } of await options.store.list<Run>(TABLES.run)) book.#keep(value);
    return book;
  }

  /** Runs that go on or that a backend still waits for. */
  live(): IterableIterator<Run> {
    return this.#live.values();
  }

  find(runId: string): Run | undefined {
    return this.#live.get(runId);
  }

  byNumber(number: number): Run | undefined {
    return this.#byNumber.get(number);
  }

  /** What was journaled of a run. */
  journaled(run: Run): RunPosition {
    return this.#options.journaled(run.number) ?? furthestPosition(run);
  }

  /** The highest position of any run that the store knows of. */
  highestSeq(): number {
    return highestSeq(this.#sums, this.#live.values());
  }

  /** The sums since the home was made. */
  totals(): { journaledPoints: number; deliveredPoints: number } {
    return totalsOf(this.#sums, this.#live.values(), (run) => this.journaled(run));
  }

  /** Live and archived runs, the newest first. */
  async list(): Promise<Run[]> {
    const all = await this.#every("");
    return all.sort((one, other) => other.firstSeenMs - one.firstSeenMs);
  }

  /** A run by its id or a unique prefix. Throws STEPWELL_RUN_UNKNOWN or STEPWELL_NAME_AMBIGUOUS. */
  async get(idOrPrefix: string): Promise<Run> {
    checkRunIdOrPrefix(idOrPrefix);
    const [found, ...others] = await this.#every(idOrPrefix);
    if (others.length > 0)
      throw new StepwellError("STEPWELL_NAME_AMBIGUOUS", `Several run ids begin with ${idOrPrefix}.`);
    if (found) return found;
    throw new StepwellError("STEPWELL_RUN_UNKNOWN", `There is no run ${JSON.stringify(idOrPrefix)}.`);
  }

  /**
   * Whether the archive has a run by its id and number. Asked between changes: a run that is not there
   * and not live when this resolves is on its way to neither.
   */
  async isArchived(runId: string | undefined, number: number): Promise<boolean> {
    return await this.#serially(
      async () => runId !== undefined && (await this.archived(runId))?.number === number,
    );
  }

  /** A run that went to the archive. */
  async archived(runId: string): Promise<Run | undefined> {
    return await this.#options.store.get<Run>(TABLES.archivedRun, runId);
  }

  /** A run that entries came for: brought back from the archive, or new and waiting for its start. */
  async touch(runId: string): Promise<Run> {
    return await this.#serially(
      async () => this.#live.get(runId) ?? (await this.#revive(runId)) ?? (await this.#create(runId)),
    );
  }

  /** Gives a run its start; a second one changes nothing. */
  async start(runId: string, start: RunStart, askedTrackers: readonly string[]): Promise<Run> {
    return await this.#serially(async () => {
      const run = this.#live.get(runId) ?? (await this.#revive(runId)) ?? (await this.#create(runId));
      if (run.start) return run;
      const targets = this.#resolved(askedTrackers);
      return await this.#change({ ...run, start, askedTrackers, targets, status: "RUNNING" });
    });
  }

  async end(runId: string, end: RunEnd): Promise<Run> {
    return await this.#serially(async () => {
      const run = this.#live.get(runId) ?? (await this.#revive(runId)) ?? (await this.#create(runId));
      return await this.#change({ ...run, status: end.status, endTimeMs: end.endTimeMs });
    });
  }

  /** Gives runs whose trackers exist by now their targets; answers those runs. */
  async resolveWaiting(): Promise<Run[]> {
    return await this.#serially(async () => {
      const found: Run[] = [];
      for (const run of this.#live.values()) {
        const targets = run.start && !run.targets ? this.#resolved(run.askedTrackers) : undefined;
        if (targets) found.push(await this.#change({ ...run, targets }));
      }
      return found;
    });
  }

  /** A backend has confirmed a run through a position. */
  advance(runId: string, trackerId: string, position: RunPosition): void {
    const run = this.#live.get(runId);
    if (!run) return;
    this.#keep({ ...run, delivered: { ...run.delivered, [trackerId]: position } });
    this.#dirty.add(runId);
    this.#unsynced.add(runId);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // A cursor that was not written is found again in the backend.
      void this.#writeRows(this.#dirty, false).catch(() => undefined);
    }, CURSOR_WRITE_WAIT_MS).unref();
  }

  /** Moves a run to the archive if it ended and every backend has all of it; answers whether it did. */
  async archive(runId: string): Promise<boolean> {
    return await this.#serially(async () => {
      const run = this.#live.get(runId);
      const seq = run ? this.journaled(run).seq : 0;
      if (!run || run.endTimeMs === 0 || !run.targets || releasedSeq(run) < seq) return false;
      if (this.holds.has(runId)) return false;
      const sums = sumsWith(this.#sums, run, 1);
      const moved: Change[] = [
        { table: TABLES.run, key: runId, value: undefined },
        { table: TABLES.archivedRun, key: runId, value: run },
      ];
      await this.#write(moved, sums);
      // In one go, so that nobody sees the run counted twice.
      this.#sums = sums;
      this.#drop(run);
      // An entry that came in the meantime keeps the run alive.
      const isDone = this.journaled(run).seq === seq && !this.holds.has(runId);
      if (!isDone) await this.#revive(runId);
      return isDone;
    });
  }

  /** Puts every cursor on disk. */
  async secure(): Promise<void> {
    await this.#writeRows(this.#unsynced, true);
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#changing;
    for (const runId of this.#live.keys()) this.#unsynced.add(runId);
    await this.secure();
  }

  /** Each run once, also one that goes to the archive or comes back while it is read. */
  async #every(prefix: string): Promise<Run[]> {
    const before = [...this.#live.values()];
    const archived = await this.#options.store.list<Run>(TABLES.archivedRun, prefix);
    const all = [...archived.map((row) => row.value), ...before, ...this.#live.values()];
    return [
      ...new Map(all.filter((run) => run.runId.startsWith(prefix)).map((run) => [run.runId, run])).values(),
    ];
  }

  async #create(runId: string): Promise<Run> {
    this.#sums = { ...this.#sums, runNumber: this.#sums.runNumber + 1 };
    return await this.#change({
      runId,
      number: this.#sums.runNumber,
      start: undefined,
      askedTrackers: [],
      targets: undefined,
      firstSeenMs: this.#options.clock.nowMs(),
      status: undefined,
      endTimeMs: 0,
      delivered: {},
    });
  }

  async #revive(runId: string): Promise<Run | undefined> {
    const run = await this.archived(runId);
    if (!run) return undefined;
    const sums = sumsWith(this.#sums, run, -1);
    const moved: Change[] = [
      { table: TABLES.archivedRun, key: runId, value: undefined },
      { table: TABLES.run, key: runId, value: run },
    ];
    await this.#write(moved, sums);
    this.#sums = sums;
    this.#keep(run);
    return run;
  }

  async #change(run: Run): Promise<Run> {
    await this.#write([{ table: TABLES.run, key: run.runId, value: run }]);
    // A cursor may have moved during the write.
    const delivered = this.#live.get(run.runId)?.delivered ?? run.delivered;
    const kept = { ...run, delivered };
    this.#keep(kept);
    return kept;
  }

  #resolved(askedTrackers: readonly string[]): readonly Target[] | undefined {
    try {
      return this.#options.resolve(askedTrackers);
    } catch (error) {
      if (error instanceof StepwellError && error.code === "STEPWELL_TRACKER_UNKNOWN") return undefined;
      throw error;
    }
  }

  async #write(changes: readonly Change[], sums: RunSums = this.#sums): Promise<void> {
    await this.#options.store.write([...changes, { table: TABLES.counter, key: RUN_SUMS, value: sums }], {
      sync: true,
    });
  }

  /** Never beside a change: rows as they were before it would be written over what it writes. */
  async #writeRows(moved: Set<string>, sync: boolean): Promise<void> {
    await this.#serially(async () => {
      const runIds = [...moved];
      moved.clear();
      const rows = runIds.map((runId) => this.#live.get(runId)).filter((run) => run !== undefined);
      const changes = rows.map((run) => ({ table: TABLES.run, key: run.runId, value: run }));
      try {
        if (changes.length > 0) await this.#options.store.write(changes, { sync });
      } catch (error) {
        for (const runId of runIds) moved.add(runId);
        throw error;
      }
    });
  }

  #keep(run: Run): void {
    this.#live.set(run.runId, run);
    this.#byNumber.set(run.number, run);
  }

  #drop(run: Run): void {
    this.#live.delete(run.runId);
    this.#byNumber.delete(run.number);
    this.#dirty.delete(run.runId);
    this.#unsynced.delete(run.runId);
  }

  /** One change after the other: a run gets one number, whoever comes first. */
  async #serially<Value>(change: () => Promise<Value>): Promise<Value> {
    const result = this.#changing.then(change);
    this.#changing = result.catch(() => undefined);
    return await result;
  }
}
