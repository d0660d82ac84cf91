/**
 * The runs: who they are, where they go and how far each backend has them.
 *
 * A change of a run is one write: its row, synced, with the rows of other books that belong to it, before
 * the journal gets the entry. Changes of one run come one after the other. Changes of different runs are
 * under way at the same time and share an fsync, so that a thousand short runs a second can begin and end.
 * Cursors are written without a sync, a second after they moved at the latest, and synced before the
 * journal gives up what lies behind them: an older cursor only means that a backend is asked about what it
 * has already.
 *
 * A run that ended and that every backend has in full goes to the archive; memory holds the others. While
 * it goes there nothing else of it is under way: what comes for it waits, and brings it back. The sums over
 * archived runs are kept, so that totals stay exact. The number that was given out last is the highest of
 * the live runs' and of the one that was written with the sums.
 */
import type { Clock } from "../model/clock.js";
import { isId } from "../model/id.js";
import type { Target } from "../model/target.js";
import { KeyedTurns, Turns } from "../model/turns.js";
import type { Change, Store } from "../store/contract.js";
import { TABLES, type Table } from "../store/tables.js";
import { AllRuns } from "./all-runs.js";
import {
  checkRunIdOrPrefix,
  type Delivered,
  furthestPosition,
  hasEnded,
  newRun,
  onlyRun,
  type Run,
  type RunPosition,
  releasedSeq,
} from "./run.js";
import type { RunChange } from "./run-change.js";
import { RunCursors } from "./run-cursors.js";
import { RunHolds } from "./run-holds.js";
import { highestSeq, NO_SUMS, RUN_SUMS, type RunSums, sumsWith, totalsOf } from "./run-sums.js";
import { SampledRuns } from "./sampled-runs.js";
import { unlessUnknown } from "./unless-unknown.js";

export interface RunBookOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** What the journal knows of a run, by its number. */
  readonly journaled: (number: number) => RunPosition | undefined;
  /** What goes with each write of how far runs are delivered. */
  readonly alongside?: () => readonly Change[];
  /** The targets of a run that asks for these trackers. Throws STEPWELL_TRACKER_UNKNOWN. */
  readonly resolve: (askedTrackers: readonly string[]) => readonly Target[];
}

export class RunBook {
  /** Runs that have to stay live whatever is delivered of them. */
  readonly holds = new RunHolds();
  /** Runs that metrics of the system are logged to. */
  readonly sampled = new SampledRuns();
  readonly all: AllRuns;
  readonly #options: RunBookOptions;
  readonly #live = new Map<string, Run>();
  readonly #byNumber = new Map<number, Run>();
  /** A queue for each run. */
  readonly #turns = new KeyedTurns();
  /** Runs that go to the archive or come back, which changes the sums. */
  readonly #summing = new Turns();
  readonly #cursors: RunCursors;
  #sums: RunSums;
  #runNumber: number;

  private constructor(options: RunBookOptions, sums: RunSums) {
    this.#options = options;
    const { store, alongside = () => [] } = options;
    const find = (runId: string) => this.#live.get(runId);
    this.#cursors = new RunCursors({ store, alongside, turns: this.#turns, find });
    this.all = new AllRuns(store, this.#live);
    this.#sums = sums;
    this.#runNumber = sums.runNumber;
  }

  static async open(options: RunBookOptions): Promise<RunBook> {
    const sums = (await options.store.get<RunSums>(TABLES.counter, RUN_SUMS)) ?? NO_SUMS;
    const book = new RunBook(options, sums);
    for (const { value } of await options.store.list<Run>(TABLES.run)) {
      book.#keep(value);
      book.#runNumber = Math.max(book.#runNumber, value.number);
    }
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

  /** The sums since the home was made, and how many runs there were: each has the next number. */
  totals(): { journaledPoints: number; deliveredPoints: number; runs: number } {
    const totals = totalsOf(this.#sums, this.#live.values(), (run) => this.journaled(run));
    return { ...totals, runs: this.#runNumber };
  }

  /** Live and archived runs, the newest first. */
  async list(): Promise<Run[]> {
    const all = await this.all.list("");
    return all.sort((one, other) => other.firstSeenMs - one.firstSeenMs);
  }

  /** A run by its id or a unique prefix. Throws STEPWELL_RUN_UNKNOWN or STEPWELL_NAME_AMBIGUOUS. */
  async get(idOrPrefix: string): Promise<Run> {
    checkRunIdOrPrefix(idOrPrefix);
    if (!isId(idOrPrefix)) return onlyRun(idOrPrefix, await this.all.list(idOrPrefix));
    const known = await this.known(idOrPrefix);
    return onlyRun(idOrPrefix, known ? [known] : []);
  }

  /** A live run without a change under way: what comes for it needs no turn. */
  findFree(runId: string): Run | undefined {
    return this.#turns.isTaken(runId) ? undefined : this.#live.get(runId);
  }

  /**
   * Whether the archive has a run by its id and number. Asked between changes: a run that is not there
   * and not live when this resolves is on its way to neither.
   */
  async isArchived(runId: string | undefined, number: number): Promise<boolean> {
    if (runId === undefined) return false;
    return await this.#turns.take([runId], async () => (await this.archived(runId))?.number === number);
  }

  /** A run, live or archived, also one that goes to the archive or comes back while it is looked for. */
  async known(runId: string): Promise<Run | undefined> {
    const look = async () => this.#live.get(runId) ?? (await this.archived(runId));
    // Between its changes a run is in one of the two places.
    return (await look()) ?? (await this.#turns.take([runId], look));
  }

  /** A run that went to the archive. */
  async archived(runId: string): Promise<Run | undefined> {
    return await this.#options.store.get<Run>(TABLES.archivedRun, runId);
  }

  /** A run that entries came for: brought back from the archive, or new and waiting for its start. */
  async touch(runId: string): Promise<Run> {
    const touched = await this.change(runId, async (run) => ({ run, rows: [], value: undefined }));
    return touched.run ?? touched.before;
  }

  /**
   * Changes a run: `decide` gets it as it is, or as a new one would be, and nothing else happens to it
   * until what was decided is on disk.
   */
  async change<Value>(
    runId: string,
    decide: (run: Run, isNew: boolean) => Promise<RunChange<Value>>,
  ): Promise<{ readonly run: Run | undefined; readonly before: Run; readonly value: Value }> {
    return await this.#turns.take([runId], async () => {
      const known = this.#live.get(runId) ?? (await this.#revive(runId));
      const before = known ?? newRun(runId, ++this.#runNumber, this.#options.clock.nowMs());
      const { run, rows, onWritten, value } = await decide(before, known === undefined);
      const isChanged = run !== undefined && run !== known;
      const row = isChanged ? this.#cursors.rowsOf([run]) : [];
      const changes = [...row, ...rows];
      if (changes.length > 0) await this.#options.store.write(changes, { sync: isChanged });
      onWritten?.();
      if (!isChanged) return { run: known, before, value };
      // A cursor may have moved during the write.
      const { delivered, parked } = this.#live.get(runId) ?? run;
      const kept = { ...run, delivered, parked };
      this.#keep(kept);
      return { run: kept, before, value };
    });
  }

  /** Gives runs whose trackers exist by now their targets; answers those runs. */
  async resolveWaiting(): Promise<Run[]> {
    const waiting = [...this.#live.values()].filter((run) => run.start && !run.targets && !run.isOpen);
    const changed = waiting.map(async ({ runId }) => {
      const { run, value } = await this.change(runId, async (before) => {
        const targets = before.targets ? undefined : this.resolved(before.askedTrackers);
        return { run: targets && { ...before, targets }, rows: [], value: targets !== undefined };
      });
      return value && run ? [run] : [];
    });
    return (await Promise.all(changed)).flat();
  }

  /** A backend has confirmed a run through a position. */
  advance(runId: string, trackerId: string, position: Delivered): void {
    const run = this.#live.get(runId);
    if (run) this.#pass({ ...run, delivered: { ...run.delivered, [trackerId]: position } });
  }

  /** What came for a run before its start is parked through a position. */
  park(runId: string, parked: RunPosition): void {
    const run = this.#live.get(runId);
    if (run) this.#pass({ ...run, parked });
  }

  /**
   * Moves those of the runs to the archive that ended and that every backend has in full, with one write.
   * `onArchived` is called for each before anything else can come for it.
   */
  async archive(runIds: readonly string[], onArchived: (run: Run) => void): Promise<void> {
    return await this.#turns.take(runIds, () =>
      this.#summing.take(async () => {
        const runs = runIds.flatMap((runId) => {
          const run = this.#live.get(runId);
          return run && this.#isDone(run) ? [run] : [];
        });
        if (runs.length === 0) return;
        const sums = runs.reduce((sum, run) => sumsWith(sum, run, 1), this.#sums);
        await this.#move(runs, TABLES.run, TABLES.archivedRun, sums);
        // In one go, so that nobody sees a run counted twice.
        this.#sums = sums;
        for (const run of runs) {
          this.#drop(run);
          onArchived(run);
        }
      }),
    );
  }

  /** Puts every cursor on disk. */
  async secure(): Promise<void> {
    await this.#cursors.secure();
  }

  async close(): Promise<void> {
    await this.#turns.idle();
    await this.#cursors.close(this.#live.keys());
  }

  /** Whether it ended and every backend has all of it, with what is being prepared. */
  #isDone(run: Run): boolean {
    const isEnded = hasEnded(run) && run.targets !== undefined && !this.holds.has(run.runId);
    return isEnded && releasedSeq(run) >= this.journaled(run).seq;
  }

  async #revive(runId: string): Promise<Run | undefined> {
    const run = await this.archived(runId);
    if (!run) return undefined;
    await this.#summing.take(async () => {
      const sums = sumsWith(this.#sums, run, -1);
      await this.all.whileComingBack(run, async () => {
        await this.#move([run], TABLES.archivedRun, TABLES.run, sums);
        this.#sums = sums;
        this.#keep(run);
      });
    });
    return run;
  }

  async #move(runs: readonly Run[], from: Table, to: Table, sums: RunSums): Promise<void> {
    const moved = runs.flatMap((run) => [
      { table: from, key: run.runId, value: undefined },
      { table: to, key: run.runId, value: run },
    ]);
    const value: RunSums = { ...sums, runNumber: this.#runNumber };
    const sum = { table: TABLES.counter, key: RUN_SUMS, value };
    await this.#options.store.write([...moved, sum, ...(this.#options.alongside?.() ?? [])], { sync: true });
  }

  /** Where a run goes that asks for these trackers; undefined while one of them does not exist. */
  resolved(askedTrackers: readonly string[]): readonly Target[] | undefined {
    return unlessUnknown(() => this.#options.resolve(askedTrackers));
  }

  #pass(run: Run): void {
    this.#keep(run);
    this.#cursors.moved(run.runId);
  }

  #keep(run: Run): void {
    this.#live.set(run.runId, run);
    this.sampled.keep(run);
    this.#byNumber.set(run.number, run);
  }

  #drop(run: Run): void {
    this.#live.delete(run.runId);
    this.#byNumber.delete(run.number);
    this.#cursors.forget(run.runId);
  }
}
