/**
 * The journal: what is acknowledged is here, on disk, until every backend has it.
 *
 * - A record is written in the same LevelDB batch as its producer's mark, and answered
 *   only after an fsync. All that arrives while one fsync runs shares the next one.
 * - A failed write is never retried into the same store: after a failed fsync the kernel
 *   may have dropped the pages and would call the next one a success. The journal is
 *   failed from then on; it has to be opened again, which reads what is really there.
 * - Segments (segment.ts) bound what one damage can hit. A segment that does not open is
 *   set aside under its name with ".damaged" and the others serve on.
 * - A segment goes when every run in it is released. What only it knew of producers is
 *   handed to `retire` first; the positions of its runs are the caller's to keep.
 */
import { StepwellError } from "../errors/stepwell-error.js";
import { GROUP_BYTES_MAX, SEGMENT_BYTES_MAX, SEGMENT_DRAINED_BYTES_MAX } from "../model/limits.js";
import type { Log } from "../model/log.js";
import type { AppendListener, NewMark, NewRecord } from "./append.js";
import { encodeMark, laterMark, markKey, type ProducerMark } from "./mark.js";
import { encodeRecord, type JournalRecord, type RunTotals, recordBytes, recordKey } from "./record.js";
import type { ReadBudget, SegmentPut } from "./segment.js";
import { SegmentList } from "./segment-list.js";

export interface JournalOptions {
  readonly folder: string;
  readonly log: Log;
  /** The lowest position that the first record may get: higher than any that was ever released. */
  readonly seqFloor: number;
  /** Keeps, on disk, what only a segment that is about to go knew of producers. */
  readonly retire: (marks: ReadonlyMap<string, ProducerMark>) => Promise<void>;
  /** Keeps, on disk, how far runs are released, before a segment with their records goes. */
  readonly secure: () => Promise<void>;
  /** Runs that got records that can be read from now on. */
  readonly onJournaled: (runs: ReadonlySet<number>) => void;
}

interface Unit {
  readonly puts: SegmentPut[];
  readonly runs: readonly { readonly run: number; readonly seq: number }[];
  readonly producerId: string | undefined;
  readonly bytes: number;
  readonly listener: AppendListener;
}

/** More positions than a cursor can be behind. */
const LOST_JOURNAL_MARGIN = 2 ** 32;

export class Journal {
  readonly #options: JournalOptions;
  readonly #segments: SegmentList;
  #nextSeq = 1;
  #pending: Unit[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> | undefined;
  #failure: StepwellError | undefined;
  #removing: Promise<void> = Promise.resolve();
  readonly #totals = new Map<number, RunTotals>();
  readonly #marks = new Map<string, ProducerMark>();

  private constructor(options: JournalOptions) {
    this.#options = options;
    this.#segments = new SegmentList(options.folder, options.log);
  }

  /** Opens what is there and begins a new segment. */
  static async open(options: JournalOptions): Promise<Journal> {
    const journal = new Journal(options);
    await journal.#recover();
    return journal;
  }

  /** Bytes that wait for an fsync. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Bytes that the journal holds, without LevelDB's own. */
  get bytes(): number {
    return this.#segments.bytes;
  }

  /** Totals of a run through its last record, journaled or about to be. */
  totals(run: number): RunTotals | undefined {
    return this.#totals.get(run);
  }

  /** The runs that have records here. */
  runs(): IterableIterator<number> {
    return this.#totals.keys();
  }

  /** Tells the totals of a run that the journal knows less of. */
  adopt(run: number, totals: RunTotals): void {
    const known = this.#totals.get(run);
    if (!known || known.seq < totals.seq) this.#totals.set(run, totals);
  }

  /** Forgets the totals of a run that has nothing here any more. */
  forget(run: number): void {
    this.#totals.delete(run);
  }

  /** The producer's mark, with appends that are under way; undefined when no segment knows it. */
  mark(producerId: string): ProducerMark | undefined {
    return this.#marks.get(producerId);
  }

  /** Appends records and a mark, all or nothing. The listener hears once, in the order of the calls. */
  append(records: readonly NewRecord[], mark: NewMark | undefined, listener: AppendListener): void {
    if (this.#failure) return listener.failed(this.#failure);
    const puts: SegmentPut[] = [];
    const runs = records.map(({ run, header, payload }) => {
      const seq = this.#nextSeq++;
      const through = this.#advance(run, seq, header.points, recordBytes(payload));
      puts.push({ type: "put", key: recordKey(run, seq), value: encodeRecord(header, through, payload) });
      return { run, seq };
    });
    if (mark) {
      puts.push({ type: "put", key: markKey(mark.producerId), value: encodeMark(mark.mark) });
      this.#marks.set(mark.producerId, mark.mark);
    }
    const bytes = puts.reduce((sum, put) => sum + put.key.length + put.value.length, 0);
    this.#pending.push({ puts, runs, producerId: mark?.producerId, bytes, listener });
    this.#pendingBytes += bytes;
    this.#kick();
  }

  /** A run's journaled records after a position, in order. Throws STEPWELL_STORE_DAMAGED. */
  async read(run: number, afterSeq: number, budget: ReadBudget): Promise<JournalRecord[]> {
    return await this.#segments.read(run, afterSeq, budget);
  }

  /** Every backend has the run through a position: segments with nothing else in them go. */
  release(run: number, throughSeq: number): void {
    this.#segments.release(run, throughSeq);
    this.#removeReleased();
    this.#kick();
  }

  /** Writes what is pending and closes. Nothing may be appended any more. */
  async close(): Promise<void> {
    await this.#removing;
    await this.#writing;
    this.#failure ??= new StepwellError("STEPWELL_DAEMON_STOPPING", "The daemon is stopping.");
    await this.#segments.close();
  }

  #advance(run: number, seq: number, points: number, bytes: number): RunTotals {
    const before = this.#totals.get(run) ?? { seq: 0, points: 0, bytes: 0 };
    const through = { seq, points: before.points + points, bytes: before.bytes + bytes };
    this.#totals.set(run, through);
    return through;
  }

  async #recover(): Promise<void> {
    const { folder, log, seqFloor } = this.#options;
    const found = await this.#segments.recover();
    this.#nextSeq = Math.max(1, seqFloor);
    for (const { firstSeq, totals, marks } of found) {
      this.#nextSeq = Math.max(this.#nextSeq, firstSeq);
      for (const [run, through] of totals) {
        this.adopt(run, through);
        this.#nextSeq = Math.max(this.#nextSeq, through.seq + 1);
      }
      for (const [id, mark] of marks) this.#marks.set(id, laterMark(this.#marks.get(id), mark));
    }
    if (found.length === 0 && seqFloor > 1) {
      // The journal was taken away. Backends may stand further than the cursors that were written.
      log("error", "the journal is missing; what it still held is lost", { folder });
      this.#nextSeq += LOST_JOURNAL_MARGIN;
    }
    await this.#segments.rotate(this.#nextSeq);
  }

  #kick(): void {
    if (this.#writing || this.#failure) return;
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined;
      if (this.#pending.length > 0) this.#kick();
    });
  }

  async #write(): Promise<void> {
    try {
      while (this.#pending.length > 0 || this.#isSpent()) {
        if (this.#segments.active.bytes > SEGMENT_BYTES_MAX || this.#isSpent()) {
          await this.#segments.rotate(this.#nextSeq - this.#pendingRecords());
          this.#removeReleased();
        }
        if (this.#pending.length > 0) await this.#writeGroup();
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The active segment is delivered and large enough to be worth giving back. */
  #isSpent(): boolean {
    const { outstanding, bytes } = this.#segments.active;
    return outstanding.size === 0 && bytes > SEGMENT_DRAINED_BYTES_MAX;
  }

  #pendingRecords(): number {
    return this.#pending.reduce((sum, unit) => sum + unit.runs.length, 0);
  }

  async #writeGroup(): Promise<void> {
    const group = this.#takeGroup();
    const active = this.#segments.active;
    const runs = new Set<number>();
    for (const unit of group) {
      for (const { run, seq } of unit.runs) {
        active.outstanding.set(run, seq);
        runs.add(run);
      }
      if (unit.producerId !== undefined) active.producers.add(unit.producerId);
    }
    try {
      await active.write(group.flatMap((unit) => unit.puts));
    } catch (error) {
      this.#pending = [...group, ...this.#pending];
      throw error;
    }
    for (const unit of group) this.#pendingBytes -= unit.bytes;
    for (const unit of group) unit.listener.journaled();
    this.#options.onJournaled(runs);
  }

  #takeGroup(): Unit[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#pending.length && bytes < GROUP_BYTES_MAX)
      bytes += this.#pending[count++]?.bytes ?? 0;
    return this.#pending.splice(0, count);
  }

  #fail(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#failure = new StepwellError(
      "STEPWELL_JOURNAL_FAILED",
      `The journal could not be written: ${reason}.`,
      { cause: error },
    );
    this.#options.log("error", "the journal could not be written", { reason });
    for (const unit of this.#pending.splice(0)) unit.listener.failed(this.#failure);
    this.#pendingBytes = 0;
  }

  #removeReleased(): void {
    this.#removing = this.#removing
      .then(() => this.#segments.removeReleased((producerIds) => this.#retire(producerIds)))
      .catch((error: unknown) => {
        this.#options.log("error", "a delivered journal segment could not be removed", {
          reason: String(error),
        });
      });
  }

  /** Waits until all that was appended before is on disk. */
  async #barrier(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.append([], undefined, { journaled: resolve, failed: reject });
    });
  }

  /** Hands over what only a segment that is about to go knows. */
  async #retire(producerIds: readonly string[]): Promise<void> {
    const marks = new Map<string, ProducerMark>();
    for (const id of producerIds) {
      const mark = this.#marks.get(id);
      if (mark) marks.set(id, mark);
    }
    // A mark may be ahead of the disk; it may be kept elsewhere only once its records are there.
    await this.#barrier();
    if (marks.size > 0) await this.#options.retire(marks);
    await this.#options.secure();
    for (const [id, mark] of marks) {
      // A batch that came meanwhile made a newer mark, which is on its way to the active segment.
      if (this.#marks.get(id) === mark) this.#marks.delete(id);
    }
  }
}
