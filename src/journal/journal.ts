/**
 * The journal: what is acknowledged is here, on disk, until every backend has it.
 * - A record is written in the same LevelDB batch as its producer's mark, and answered
 *   only after an fsync. All that arrives while one fsync runs shares the next one.
 * - A failed write is never retried into the same store: after a failed fsync the kernel
 *   may have dropped the pages and would call the next one a success. Nothing is
 *   acknowledged until the journal was opened again, which reads what is really there.
 * - Segments (segment.ts) bound what one damage can hit. One that does not open is set aside
 *   as ".damaged", one that is gone leaves a ".missing", and the others serve on; a gap in each
 *   run that may have lost something says so. One goes when every run in it is released; what
 *   only it knew of producers is handed to `retire` first.
 */
import { setTimeout as setLater } from "node:timers";
import { setTimeout } from "node:timers/promises";
import { StepwellError, toStepwellError } from "../errors/stepwell-error.js";
import { systemClock } from "../home/clock.js";
import { isNoSpace } from "../leveldb/level-fault.js";
import {
  JOURNAL_REOPEN_MS,
  ROOM_CHECK_MS,
  SEGMENT_BYTES_MAX,
  SEGMENT_DRAINED_BYTES_MAX,
  SEGMENT_FULL_BYTES_MAX,
} from "../model/limits.js";
import { Turns } from "../model/turns.js";
import { type AppendListener, appended, type NewMark, type NewRecord } from "./append.js";
import { AppendQueue, putsOf, type Unit } from "./append-queue.js";
import { Ledger } from "./ledger.js";
import type { ProducerMark } from "./mark.js";
import type { JournalOptions } from "./options.js";
import type { ReadBudget } from "./read-budget.js";
import type { JournalRecord, RunTotals } from "./record.js";
import { isAllLost, mergeContents, runsWithGaps } from "./recovery.js";
import { isNearlyFull, roomFault, tellQuota, WatchedVolume } from "./room.js";
import { SegmentList } from "./segment-list.js";

export class Journal {
  readonly #options: JournalOptions;
  readonly #queue: AppendQueue;
  #segments: SegmentList;
  readonly #ledger = new Ledger();
  #writing: Promise<void> | undefined;
  #failure: StepwellError | undefined;
  readonly #volume: WatchedVolume;
  #trimming: NodeJS.Timeout | undefined;
  #firstSeq: number | undefined;
  #checkedMs = Number.NEGATIVE_INFINITY;
  #reopening: Promise<void> | undefined;
  #isClosed = false;
  readonly #removing = new Turns();
  #isRemovalAsked = false;

  private constructor(options: JournalOptions) {
    this.#options = options;
    this.#queue = new AppendQueue(options.tally);
    this.#segments = new SegmentList(options);
    this.#volume = new WatchedVolume(options.folder);
  }
  /** Opens what is there; where that fails for now it goes on trying. Throws STEPWELL_STORE_NEWER. */
  static async open(options: JournalOptions): Promise<Journal> {
    const journal = new Journal(options);
    try {
      await journal.#recover();
      await tellQuota(options, journal.bytes);
      // A start makes a segment: without this, starts that nothing is logged after would pile them up.
      journal.#removeReleased();
    } catch (error) {
      if (toStepwellError(error).code === "STEPWELL_STORE_NEWER") throw error;
      journal.#fail([], error);
    }
    return journal;
  }

  /** Why nothing can be appended, if that is so. */
  get failure(): StepwellError | undefined {
    return this.#failure;
  }
  /** The first position that was given, or will be, since it was opened; undefined while it never was. */
  get firstSeq(): number | undefined {
    return this.#firstSeq;
  }
  /** The last position that was given. */
  get lastSeq(): number {
    return this.#ledger.nextSeq - 1;
  }
  /** Why the journal may not grow: what waits for its fsync counts, the volume as it was a moment ago. */
  get fullness(): StepwellError | undefined {
    // What is kept for a while is at hand whenever room is needed.
    const volume = this.#volume.lastWith(this.keptBytes);
    return roomFault(this.bytes + this.#queue.bytes, this.#options.quotaBytes, volume);
  }

  /** Looks at the volume, too; not where there was room so short a while ago. Never throws. */
  async checkRoom(agoMs = 0): Promise<StepwellError | undefined> {
    if (this.#volume.ageMs < agoMs && !this.fullness) return undefined;
    await this.#volume.look();
    if (this.#segments.keptBytes > this.#keptBytesMax()) this.#removeReleased();
    return this.fullness;
  }
  /** Bytes that wait for an fsync. */
  get pendingBytes(): number {
    return this.#queue.bytes;
  }
  /** Segments that can't be read in full, or that are gone. */
  get damagedSegments(): number {
    return this.#segments.damaged;
  }
  /** Bytes that the journal holds, without LevelDB's own. */
  get bytes(): number {
    return this.#segments.bytes;
  }
  /** Bytes of delivered records that stay for a while, beside those. */
  get keptBytes(): number {
    return this.#segments.keptBytes;
  }

  /** Totals of a run through its last record, journaled or about to be. */
  totals(run: number): RunTotals | undefined {
    return this.#ledger.totals(run);
  }
  /** The runs that have records here. */
  runs(): IterableIterator<number> {
    return this.#ledger.runs();
  }

  /** Tells the totals of a run that the journal knows less of. */
  adopt(run: number, totals: RunTotals): void {
    this.#ledger.adopt(run, totals);
  }
  /** Forgets a run that has nothing here any more. */
  forget(run: number): void {
    this.#ledger.forget(run);
  }

  /** The producer's mark, with appends that are under way; undefined when no segment knows it. */
  mark(producerId: string): ProducerMark | undefined {
    return this.#ledger.mark(producerId);
  }

  /** Appends records and a mark, all or nothing. The listener hears once, in the order of the calls. */
  append(records: readonly NewRecord[], mark: NewMark | undefined, listener: AppendListener): void {
    if (this.#failure) return listener.failed(this.#failure);
    this.#queue.push(this.#ledger.unitOf(records, mark, listener));
    this.#kick();
  }

  /** Whether a record of the run after a position is there or is about to be. */
  holds(run: number, afterSeq: number): boolean {
    return this.#failure !== undefined || this.#queue.holds(run) || this.#segments.holds(run, afterSeq);
  }

  /**
   * A run's journaled records after a position, in order. Records that can't be read are passed over.
   * None while the journal failed. Throws STEPWELL_JOURNAL_FAILED for a reason that may pass.
   */
  async read(run: number, afterSeq: number, budget: ReadBudget): Promise<JournalRecord[]> {
    if (this.#failure) return [];
    try {
      return await this.#segments.read(run, afterSeq, budget);
    } catch (error) {
      if (isNoSpace(error)) await this.#options.makeRoom();
      if (toStepwellError(error).code !== "STEPWELL_STORE_DAMAGED") throw error;
      // Opening the journal again sets the segment aside, and says which runs may have lost something.
      this.#fail([], error);
      return [];
    }
  }

  /** Every backend has the run through a position: segments with nothing else in them go. */
  release(run: number, throughSeq: number): void {
    this.#segments.release(run, throughSeq);
    this.#removeReleased();
    this.#kick();
  }

  /** Makes delivered records readable again that are still there: of these runs, behind a position. */
  async recall(wanted: ReadonlyMap<number, number>): Promise<void> {
    await this.#removing.take(async () => {
      if (this.#failure) throw this.#failure;
      await this.#segments.recall(wanted);
    });
  }

  /** Writes what is pending and closes. Nothing may be appended any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#trimming);
    await this.#reopening;
    await this.#removing.idle();
    await this.#writing;
    this.#failure ??= new StepwellError("STEPWELL_DAEMON_STOPPING", "The daemon is stopping.");
    await this.#segments.close();
  }

  async #recover(): Promise<void> {
    const { folder, log, seqFloor, liveRuns } = this.#options;
    const found = await this.#segments.recover();
    if (isAllLost(found, seqFloor))
      log("error", "the journal is missing; what it still held is lost", { folder });
    this.#ledger.load(mergeContents(found, seqFloor));
    const { nextSeq } = this.#ledger;
    this.#firstSeq ??= nextSeq;
    const gaps = runsWithGaps(found, seqFloor, liveRuns()).map((run) => this.#ledger.gapOf(run));
    await this.#segments.rotate(nextSeq, gaps);
    await this.#segments.settleLost();
  }

  #kick(): void {
    if (this.#writing || this.#failure) return;
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined;
      if (!this.#queue.isEmpty) this.#kick();
    });
  }

  async #write(): Promise<void> {
    while (!this.#failure && (!this.#queue.isEmpty || this.#isSpent())) {
      const group: Unit[] = [];
      try {
        if (systemClock.monotonicMs() - this.#checkedMs > ROOM_CHECK_MS) {
          this.#checkedMs = systemClock.monotonicMs();
          await this.checkRoom();
          await this.#segments.checkActive();
        }
        if (this.#segments.active.bytes > SEGMENT_BYTES_MAX || this.#isSpent()) {
          await this.#segments.rotate(this.#queue.firstSeq() ?? this.#ledger.nextSeq);
          this.#removeReleased();
        }
        group.push(...this.#queue.takeGroup());
        await this.#writeGroup(group);
      } catch (error) {
        this.#fail(group, error);
      }
    }
  }

  /** The active segment is delivered, and giving it back is worth the while. */
  #isSpent(): boolean {
    const { outstanding, bytes } = this.#segments.active;
    const bytesMax = this.fullness ? SEGMENT_FULL_BYTES_MAX : SEGMENT_DRAINED_BYTES_MAX;
    return outstanding.size === 0 && bytes > bytesMax;
  }

  async #writeGroup(group: readonly Unit[]): Promise<void> {
    if (group.length === 0) return;
    const { active } = this.#segments;
    const runs = new Set<number>();
    for (const unit of group) {
      for (const { run, seq, bytes } of unit.runs) {
        active.note(run, seq, bytes);
        runs.add(run);
      }
      if (unit.producerId !== undefined) active.producers.add(unit.producerId);
    }
    const bytes = await active.write(putsOf(group));
    // In one go: counted in both, the journal would look full before it is.
    active.bytes += bytes;
    this.#queue.settle(group);
    this.#options.onJournaled(runs, group);
  }

  #fail(group: readonly Unit[], error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    const sentence = `The journal failed: ${reason}.`;
    const failure = new StepwellError("STEPWELL_JOURNAL_FAILED", sentence, { cause: error });
    this.#failure = failure;
    this.#options.log("error", "the journal failed and is opened again", { reason });
    this.#queue.fail(group, failure);
    this.#reopening ??= this.#reopen().finally(() => {
      this.#reopening = undefined;
    });
  }

  /**
   * Opens the journal anew until that works. LevelDB writes what it finds in its log to a
   * table of its own and syncs that, and recovery its name, so that what it sees is on disk again.
   */
  async #reopen(): Promise<void> {
    const { log, makeRoom, onReopened } = this.#options;
    while (this.#failure) {
      await setTimeout(JOURNAL_REOPEN_MS);
      if (this.#isClosed) return;
      try {
        await this.#writing;
        await this.#removing.idle();
        await this.#segments.close();
        this.#segments = new SegmentList(this.#options);
        await this.#recover();
        this.#failure = undefined;
      } catch (error) {
        log("error", "the journal does not open", { reason: String(error) });
        // What is delivered from it makes more.
        if (isNoSpace(error) && (await makeRoom())) log("warn", "the reserve is used for a full disk");
      }
    }
    log("info", "the journal is open again");
    this.#removeReleased();
    onReopened();
  }

  #removeReleased(): void {
    // One that did not begin yet sees what is released until then.
    if (this.#isRemovalAsked) return;
    this.#isRemovalAsked = true;
    void this.#removing
      .take(async () => {
        this.#isRemovalAsked = false;
        // One that failed takes nothing: they go when it is open again.
        if (this.#failure) return;
        await this.#segments.removeReleased((producerIds) => this.#retire(producerIds));
        await this.#segments.trimKept(this.#keptBytesMax());
        this.#trimLater();
      })
      .catch((error: unknown) => {
        this.#options.log("error", "a delivered journal segment could not be removed", {
          reason: String(error),
        });
      });
  }

  /** How much of what is delivered may stay: nothing where the disk or the quota is nearly used up. */
  #keptBytesMax(): number {
    const { quotaBytes } = this.#options;
    if (isNearlyFull(this.#volume.last)) return 0;
    return Math.max(0, quotaBytes - this.bytes - this.#queue.bytes - SEGMENT_BYTES_MAX);
  }

  #trimLater(): void {
    const dueInMs = this.#segments.keptDueInMs;
    if (dueInMs === undefined || this.#isClosed || this.#trimming) return;
    this.#trimming = setLater(() => {
      this.#trimming = undefined;
      this.#removeReleased();
    }, dueInMs).unref();
  }

  /** Hands over what only a segment that is about to go knows. */
  async #retire(producerIds: readonly string[]): Promise<void> {
    const marks = this.#ledger.marksOf(producerIds);
    // A mark may be ahead of the disk; it may be kept elsewhere only once its records are there.
    await appended(this, []);
    if (marks.size > 0) await this.#options.retire(marks);
    await this.#options.secure();
    // A batch that came meanwhile made a newer mark, which is on its way to the active segment.
    this.#ledger.forgetMarks(marks);
  }
}
