/** A home's runs, journal and store as far as curves see them, with what was logged: for tests that kill and damage. */
import { join } from "node:path";
import { Curves } from "../../src/curves/curves.js";
import type { RefillSources, StoredPage, StoredRange } from "../../src/curves/refill.js";
import type { WrittenRecord } from "../../src/journal/append.js";
import { Ledger } from "../../src/journal/ledger.js";
import type { JournalRecord } from "../../src/journal/record.js";
import { type BatchView, type ColumnView, encodeBatch } from "../../src/model/batch-view.js";
import type { Log } from "../../src/model/log.js";
import type { RangeQuestion } from "../../src/model/range-question.js";
import { newRun, type Run } from "../../src/runs/run.js";
import { columnOf, inOrder, type LoggedPoint } from "./logged-points.js";
import { encodedOddly } from "./odd-batch.js";

const RUN_ID = "0a".repeat(16);
const NUMBER = 7;
const NOBODY = { journaled: () => undefined, failed: () => undefined };

/** A record, with what it holds. */
interface LoggedRecord extends WrittenRecord {
  readonly columns: readonly ColumnView[];
}

export class LoggedRuns {
  run: Run = newRun(RUN_ID, NUMBER, 1_000);
  /** All that was logged under a key, in order. */
  readonly points = new Map<string, LoggedPoint[]>();
  readonly records: LoggedRecord[] = [];
  /** Records through here are not in the journal any more. */
  forgottenThrough = 0;
  /** Records through here are in the local store; undefined: the run has none. */
  storedThrough: number | undefined;
  /** No record is read again before. */
  mayRead: Promise<void> = Promise.resolve();
  /** How often records were read again. */
  reads = 0;
  curves: Curves;
  readonly #folder: string;
  readonly #log: Log;
  readonly #quotaBytes: number;
  readonly #ledger = new Ledger();
  #opening: Promise<void> = Promise.resolve();
  #nowMs = 0;

  constructor(folder: string, log: Log = () => undefined, quotaBytes = 2 ** 30) {
    this.#folder = join(folder, "curves");
    this.#log = log;
    this.#quotaBytes = quotaBytes;
    this.curves = this.#open();
  }

  /** The run's file. */
  get file(): string {
    return join(this.#folder, `${RUN_ID}.curves`);
  }

  /** Points of the run. */
  get total(): number {
    return this.records.at(-1)?.pointsThrough ?? 0;
  }

  /** Logs pieces of keys as one record. Records for one tracker alone say what was logged before. */
  log(pieces: ReadonlyMap<string, readonly LoggedPoint[]>, onlyTrackerId = ""): void {
    const columns = [...pieces].map(([key, points]) => columnOf(points, key));
    const points = [...pieces.values()].reduce((sum, each) => sum + each.length, 0);
    const batch: BatchView = {
      ...{ sequence: 1n, runId: RUN_ID, start: undefined, end: undefined, onlyTrackerId, columns },
      ...{ params: [], tags: [], removedTags: [], calls: [] },
    };
    // Every other one as no client of ours sends it.
    const payload = this.records.length % 2 === 0 ? encodeBatch(batch) : encodedOddly(batch);
    const header = { points, params: 0, tags: 0, startsRun: false, endsRun: false, receivedMs: 0 };
    const unit = this.#ledger.unitOf([{ run: NUMBER, header, payload }], undefined, NOBODY);
    const [written] = unit.runs;
    if (!written) throw new RangeError("nothing was written");
    const record = { ...written, columns: onlyTrackerId ? [] : columns };
    this.records.push(record);
    if (!onlyTrackerId)
      for (const [key, some] of pieces) this.points.set(key, [...(this.points.get(key) ?? []), ...some]);
    this.curves.take([{ runs: [record] }]);
  }

  /** The run ends. */
  end(): void {
    this.run = { ...this.run, status: "FINISHED" };
  }

  /** Time passes. */
  pass(ms: number): void {
    this.#nowMs += ms;
  }

  /** The daemon ends, and another one starts. */
  async restart(): Promise<void> {
    // One that has not yet looked through its folder would remove what the next one writes; a process that ended can't.
    await this.#opening;
    // A close waits a moment only, and on a busy machine the next one would meet what it still writes.
    await this.curves.save();
    await this.curves.close();
    this.curves = this.#open();
  }

  /** The daemon is killed, and another one starts: it has not yet come so far as to save anything. */
  async kill(): Promise<void> {
    await this.#opening;
    this.curves = this.#open();
  }

  #open(): Curves {
    const sources: RefillSources = {
      records: (_run, afterSeq) => this.#recordsAfter(afterSeq),
      stored: () => (this.storedThrough === undefined ? undefined : this.#pages(this.storedThrough)),
      storedRange: async (_run, question) => this.#range(question),
      hasStore: () => this.storedThrough !== undefined,
    };
    const curves: Curves = new Curves({
      ...{ folder: this.#folder, quotaBytes: this.#quotaBytes, sources, log: this.#log, seed: "seed" },
      clock: { nowMs: () => 0, monotonicMs: () => this.#nowMs },
      runs: {
        // One that was killed hears of nothing any more.
        byNumber: () => (this.curves === curves ? this.run : newRun(RUN_ID, NUMBER, 1_000)),
        known: async () => this.run,
        live: () => [this.run].values(),
        journaled: () => ({ seq: this.records.length, points: this.total, bytes: 0 }),
      },
    });
    this.#opening = curves.open();
    return curves;
  }

  async *#recordsAfter(afterSeq: number): AsyncGenerator<JournalRecord> {
    this.reads += 1;
    await this.mayRead;
    for (const { seq, points, pointsThrough, payload } of this.records) {
      if (seq <= Math.max(afterSeq, this.forgottenThrough)) continue;
      yield {
        ...{ seq, points, params: 0, tags: 0, startsRun: false, endsRun: false, receivedMs: 0, isGap: false },
        ...{ through: { seq, points: pointsThrough, bytes: 0 }, payload },
      };
    }
  }

  /** As the local store answers it: by place, what stands at one place as it was logged, and one more than is wanted tells that it is cut. */
  #range({ key, isByTime, from, to, fromMs, toMs, most }: RangeQuestion): StoredRange | undefined {
    const through = this.storedThrough;
    if (through === undefined) return undefined;
    const stored = this.records.slice(0, through).reduce((sum, { points }) => sum + points, 0);
    const within = (this.points.get(key) ?? []).slice(0, stored).filter(({ step, timestampMs }) => {
      const place = isByTime ? timestampMs : step;
      return place >= from && place <= to && timestampMs >= fromMs && timestampMs <= toMs;
    });
    const some = inOrder(within, isByTime ? "time" : "step").slice(0, most + 1);
    const { steps, timestampsMs, values } = columnOf(some);
    const points = {
      ...{ count: some.length, steps: halvesOf(steps), timestampsMs: halvesOf(timestampsMs) },
      values: new Float64Array(values.slice().buffer),
    };
    return { points, isCut: some.length > most, throughSeq: through };
  }

  async *#pages(through: number): AsyncGenerator<StoredPage> {
    const records = this.records.filter(({ seq }) => seq <= through);
    for (const { columns } of records) {
      const some = columns.map(({ key = "", steps, timestampsMs, values }) => ({
        key,
        points: {
          ...{ count: values.length / 8, steps: halvesOf(steps), timestampsMs: halvesOf(timestampsMs) },
          values: new Float64Array(values.slice().buffer),
        },
      }));
      yield { columns: some, next: 1n, cursor: undefined };
    }
    const last = records.at(-1);
    const cursor = { seq: through, points: last?.pointsThrough ?? 0 };
    yield { columns: [], next: undefined, cursor };
  }
}

function halvesOf(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.slice().buffer);
}
