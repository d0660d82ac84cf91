/** What the journal knows in memory: the next position, each run's totals and each producer's mark, with appends that are under way. */
import type { AppendListener, NewMark, NewRecord } from "./append.js";
import type { Unit } from "./append-queue.js";
import { encodeMark, type ProducerMark } from "./mark.js";
import type { LiveRun } from "./options.js";
import {
  encodeGap,
  GAP_BYTES,
  type RunTotals,
  recordBytes,
  recordKey,
  type UnwrittenRecord,
} from "./record.js";
import type { Recovered } from "./recovery.js";
import type { SegmentPut } from "./segment-put.js";

/** A record that is in a segment from the first. */
export interface FirstRecord {
  readonly run: number;
  readonly seq: number;
  readonly put: SegmentPut;
}

export class Ledger {
  #nextSeq = 1;
  readonly #totals = new Map<number, RunTotals>();
  readonly #marks = new Map<string, ProducerMark>();

  /** Forgets everything and takes what was read. */
  load({ nextSeq, totals, marks }: Recovered): void {
    this.#totals.clear();
    this.#marks.clear();
    this.#nextSeq = nextSeq;
    for (const [run, through] of totals) this.#totals.set(run, through);
    for (const [id, mark] of marks) this.#marks.set(id, mark);
  }

  /** The position of the next record. */
  get nextSeq(): number {
    return this.#nextSeq;
  }

  totals(run: number): RunTotals | undefined {
    return this.#totals.get(run);
  }

  runs(): IterableIterator<number> {
    return this.#totals.keys();
  }

  adopt(run: number, totals: RunTotals): void {
    const known = this.#totals.get(run);
    if (!known || known.seq < totals.seq) this.#totals.set(run, totals);
  }

  forget(run: number): void {
    this.#totals.delete(run);
  }

  mark(producerId: string): ProducerMark | undefined {
    return this.#marks.get(producerId);
  }

  /** The marks of those of the producers that have one. */
  marksOf(producerIds: readonly string[]): Map<string, ProducerMark> {
    const marks = new Map<string, ProducerMark>();
    for (const id of producerIds) {
      const mark = this.#marks.get(id);
      if (mark) marks.set(id, mark);
    }
    return marks;
  }

  /** Forgets marks, but for those that were made anew meanwhile. */
  forgetMarks(marks: ReadonlyMap<string, ProducerMark>): void {
    for (const [id, mark] of marks) if (this.#marks.get(id) === mark) this.#marks.delete(id);
  }

  /** Gives records their positions and totals. */
  unitOf(records: readonly NewRecord[], mark: NewMark | undefined, listener: AppendListener): Unit {
    const unwritten: UnwrittenRecord[] = [];
    const runs = records.map(({ run, header, payload }) => {
      const seq = this.#nextSeq++;
      const bytes = recordBytes(payload);
      const through = this.#advance(run, seq, header.points, bytes);
      const key = recordKey(run, seq);
      unwritten.push({ key, header, through, payload });
      return { run, seq, bytes, points: header.points, pointsThrough: through.points, payload };
    });
    if (mark) this.#marks.set(mark.producerId, mark.mark);
    const markPut = mark && ({ type: "put", ...encodeMark(mark.producerId, mark.mark) } as const);
    const ofMark = markPut ? markPut.key.length + markPut.value.length : 0;
    const bytes = runs.reduce((sum, record) => sum + record.bytes, ofMark);
    return { records: unwritten, mark: markPut, runs, producerId: mark?.producerId, bytes, listener };
  }

  /** A gap in a run, behind all that is known of it. */
  gapOf({ number: run, through }: LiveRun): FirstRecord {
    this.adopt(run, through);
    const seq = this.#nextSeq++;
    const key = recordKey(run, seq);
    const value = encodeGap(key, this.#advance(run, seq, 0, GAP_BYTES));
    return { run, seq, put: { type: "put", key, value } };
  }

  #advance(run: number, seq: number, points: number, bytes: number): RunTotals {
    const before = this.#totals.get(run) ?? { seq: 0, points: 0, bytes: 0 };
    const through = { seq, points: before.points + points, bytes: before.bytes + bytes };
    this.#totals.set(run, through);
    return through;
  }
}
