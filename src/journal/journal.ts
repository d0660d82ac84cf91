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
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { StepwellError, toStepwellError } from "../errors/stepwell-error.js";
import { GROUP_BYTES_MAX, SEGMENT_BYTES_MAX, SEGMENT_DRAINED_BYTES_MAX, SEGMENTS_OPEN_MAX } from "../model/limits.js";
import type { Log } from "../model/log.js";
import { encodeMark, laterMark, markKey, type ProducerMark } from "./mark.js";
import { encodeRecord, type JournalRecord, type RecordHeader, recordBytes, recordKey, type RunTotals } from "./record.js";
import { type ReadBudget, Segment, type SegmentPut } from "./segment.js";

/** One record to write. */
export interface NewRecord {
  readonly run: number;
  readonly header: RecordHeader;
  readonly payload: Uint8Array;
}

/** How far a producer is with the records that are written beside it. */
export interface NewMark {
  readonly producerId: string;
  readonly mark: ProducerMark;
}

/** Told once what became of an append. */
export interface AppendListener {
  /** It is on disk. */
  journaled(): void;
  /** It may be on disk or not: nothing is acknowledged. */
  failed(error: StepwellError): void;
}

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
  readonly #sealed: Segment[] = [];
  #active!: Segment;
  #nextSeq = 1;
  #pending: Unit[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> | undefined;
  #failure: StepwellError | undefined;
  #removing: Promise<void> = Promise.resolve();
  #reading: Promise<unknown> = Promise.resolve();
  #reads = 0;
  readonly #totals = new Map<number, RunTotals>();
  readonly #marks = new Map<string, ProducerMark>();

  private constructor(options: JournalOptions) {
    this.#options = options;
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
    return this.#sealed.reduce((sum, segment) => sum + segment.bytes, this.#active.bytes);
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
    const reading = this.#reading.then(() => this.#readFirst(run, afterSeq, budget));
    this.#reading = reading.catch(() => undefined);
    return await reading;
  }

  /** Every backend has the run through a position: segments with nothing else in them go. */
  release(run: number, throughSeq: number): void {
    for (const segment of [...this.#sealed, this.#active]) {
      const last = segment.outstanding.get(run);
      if (last !== undefined && last <= throughSeq) segment.outstanding.delete(run);
    }
    this.#removing = this.#removing.then(() => this.#removeReleased()).catch((error: unknown) => {
      this.#options.log("error", "a delivered journal segment could not be removed", { reason: String(error) });
    });
    this.#kick();
  }

  /** Writes what is pending and closes. Nothing may be appended any more. */
  async close(): Promise<void> {
    await this.#writing;
    this.#failure ??= new StepwellError("STEPWELL_DAEMON_STOPPING", "The daemon is stopping.");
    await this.#removing;
    await this.#reading;
    for (const segment of [...this.#sealed, this.#active]) await segment.close();
  }

  #advance(run: number, seq: number, points: number, bytes: number): RunTotals {
    const before = this.#totals.get(run) ?? { seq: 0, points: 0, bytes: 0 };
    const through = { seq, points: before.points + points, bytes: before.bytes + bytes };
    this.#totals.set(run, through);
    return through;
  }

  async #recover(): Promise<void> {
    const { folder, log, seqFloor } = this.#options;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    let nextSeq = Math.max(1, seqFloor);
    let nextNumber = 1;
    for (const name of (await readdir(folder)).sort()) {
      if (name.endsWith(".dropped")) await rm(`${folder}/${name}`, { recursive: true, force: true });
      const number = /^\d{8}/.test(name) ? Number.parseInt(name, 10) : 0;
      nextNumber = Math.max(nextNumber, number + 1);
      if (!/^\d{8}$/.test(name)) continue;
      try {
        nextSeq = Math.max(nextSeq, await this.#recoverSegment(`${folder}/${name}`, number));
      } catch (error) {
        if (toStepwellError(error).code === "STEPWELL_STORE_NEWER") throw error;
        await rename(`${folder}/${name}`, `${folder}/${name}.damaged`);
        log("error", "a journal segment is damaged and was set aside", { segment: name, reason: String(error) });
      }
    }
    if (nextNumber === 1 && seqFloor > 1) {
      // The journal was taken away. Backends may stand further than the cursors that were written.
      log("error", "the journal is missing; what it still held is lost", { folder });
      nextSeq += LOST_JOURNAL_MARGIN;
    }
    this.#nextSeq = nextSeq;
    this.#active = await this.#createSegment(nextNumber);
  }

  async #recoverSegment(folder: string, number: number): Promise<number> {
    const { segment, contents } = await Segment.recover(folder, number);
    let nextSeq = contents.firstSeq;
    for (const [run, totals] of contents.totals) {
      this.adopt(run, totals);
      nextSeq = Math.max(nextSeq, totals.seq + 1);
    }
    for (const [producerId, mark] of contents.marks) {
      this.#marks.set(producerId, laterMark(this.#marks.get(producerId), mark));
    }
    await segment.close();
    this.#sealed.push(segment);
    return nextSeq;
  }

  async #createSegment(number: number): Promise<Segment> {
    const { folder } = this.#options;
    const segment = await Segment.create(`${folder}/${String(number).padStart(8, "0")}`, number, this.#nextSeq);
    // The folder's own entry has to survive a power cut as well.
    const handle = await open(folder);
    await handle.sync().finally(() => handle.close());
    return segment;
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
        if (this.#active.bytes > SEGMENT_BYTES_MAX || this.#isSpent()) await this.#rotate();
        if (this.#pending.length > 0) await this.#writeGroup();
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The active segment is delivered and large enough to be worth giving back. */
  #isSpent(): boolean {
    return this.#active.outstanding.size === 0 && this.#active.bytes > SEGMENT_DRAINED_BYTES_MAX;
  }

  async #rotate(): Promise<void> {
    const next = await this.#createSegment(this.#active.number + 1);
    this.#sealed.push(this.#active);
    this.#active = next;
    this.#reading = this.#reading.then(() => this.#closeSurplus(SEGMENTS_OPEN_MAX)).catch(() => undefined);
    this.#removing = this.#removing.then(() => this.#removeReleased());
  }

  async #writeGroup(): Promise<void> {
    const group = this.#takeGroup();
    const runs = new Set<number>();
    for (const unit of group) {
      for (const { run, seq } of unit.runs) {
        this.#active.outstanding.set(run, seq);
        runs.add(run);
      }
      if (unit.producerId !== undefined) this.#active.producers.add(unit.producerId);
    }
    try {
      await this.#active.write(group.flatMap((unit) => unit.puts));
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
    while (count < this.#pending.length && bytes < GROUP_BYTES_MAX) bytes += this.#pending[count++]?.bytes ?? 0;
    return this.#pending.splice(0, count);
  }

  #fail(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#failure = new StepwellError("STEPWELL_JOURNAL_FAILED", `The journal could not be written: ${reason}.`, { cause: error });
    this.#options.log("error", "the journal could not be written", { reason });
    for (const unit of this.#pending.splice(0)) unit.listener.failed(this.#failure);
    this.#pendingBytes = 0;
  }

  async #readFirst(run: number, afterSeq: number, budget: ReadBudget): Promise<JournalRecord[]> {
    for (const segment of [...this.#sealed, this.#active]) {
      if ((segment.outstanding.get(run) ?? 0) <= afterSeq) continue;
      await this.#openForReading(segment);
      const records = await segment.read(run, afterSeq, budget);
      if (records.length > 0) return records;
    }
    return [];
  }

  async #openForReading(segment: Segment): Promise<void> {
    if (!segment.isOpen) {
      await this.#closeSurplus(SEGMENTS_OPEN_MAX - 1);
      await segment.open();
    }
    segment.lastRead = ++this.#reads;
  }

  /** Closes the sealed segments that were not read for longest. */
  async #closeSurplus(openMax: number): Promise<void> {
    const open = this.#sealed.filter((segment) => segment.isOpen).sort((one, other) => one.lastRead - other.lastRead);
    for (const segment of open.slice(0, Math.max(0, open.length - openMax))) await segment.close();
  }

  async #removeReleased(): Promise<void> {
    for (const segment of this.#sealed.filter((each) => each.outstanding.size === 0)) {
      await this.#reading;
      await this.#retireMarks(segment);
      await this.#options.secure();
      await segment.remove();
      this.#sealed.splice(this.#sealed.indexOf(segment), 1);
    }
  }

  /** Hands over the marks that no other segment has. */
  async #retireMarks(segment: Segment): Promise<void> {
    const others = [...this.#sealed, this.#active].filter((other) => other !== segment);
    const marks = new Map<string, ProducerMark>();
    for (const producerId of segment.producers) {
      const mark = this.#marks.get(producerId);
      if (mark && !others.some((other) => other.producers.has(producerId))) marks.set(producerId, mark);
    }
    if (marks.size > 0) await this.#options.retire(marks);
    for (const [producerId, mark] of marks) {
      // A batch that came meanwhile made a newer mark, which is on its way to the active segment.
      if (this.#marks.get(producerId) === mark) this.#marks.delete(producerId);
    }
  }
}
