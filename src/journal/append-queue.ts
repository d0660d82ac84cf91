import type { StepwellError } from "../errors/stepwell-error.js";
import { systemClock } from "../home/clock.js";
import { GROUP_BYTES_MAX } from "../model/limits.js";
import type { AppendListener, WrittenRecord } from "./append.js";
import { encodeRecord, recordBytes, type UnwrittenRecord } from "./record.js";
import type { SegmentPut } from "./segment-put.js";
import { WriteTally } from "./write-tally.js";

/** One append, which is written whole or not at all. */
export interface Unit {
  readonly records: readonly UnwrittenRecord[];
  /** The producer's mark: of those that are written together the last one counts. */
  readonly mark: SegmentPut | undefined;
  readonly runs: readonly WrittenRecord[];
  readonly producerId: string | undefined;
  readonly bytes: number;
  readonly listener: AppendListener;
}

/** Memory for the value of most records. */
const RECORD_MEMORY_BYTES = 64 * 1024;

/**
 * What is written for a group: its records, and the last mark of each producer. A record's value is there until the
 * next one is asked for: LevelDB copies it, and one in memory of its own each would double what is allocated.
 */
export function* putsOf(group: readonly Unit[]): Generator<SegmentPut> {
  let memory = Buffer.allocUnsafe(RECORD_MEMORY_BYTES);
  for (const { records } of group) {
    for (const record of records) {
      const size = recordBytes(record.payload);
      if (size > memory.length) memory = Buffer.allocUnsafe(size);
      yield { type: "put", key: record.key, value: encodeRecord(record, memory) };
    }
  }
  const marks = new Map<string, SegmentPut>();
  for (const { producerId, mark } of group) if (producerId !== undefined && mark) marks.set(producerId, mark);
  yield* marks.values();
}

/** Appends that wait for an fsync, in their order. */
export class AppendQueue {
  #units: Unit[] = [];
  #bytes = 0;
  readonly #tally: WriteTally;
  /** When the group that is being written was taken, of the monotonic clock. */
  #tookMs = 0;

  constructor(tally = new WriteTally()) {
    this.#tally = tally;
  }

  get isEmpty(): boolean {
    return this.#units.length === 0;
  }

  /** Bytes that wait, with the group that is being written. */
  get bytes(): number {
    return this.#bytes;
  }

  push(unit: Unit): void {
    this.#units.push(unit);
    this.#bytes += unit.bytes;
  }

  /** What the next fsync is for. Its bytes count until it is settled. */
  takeGroup(): Unit[] {
    this.#tookMs = systemClock.monotonicMs();
    let bytes = 0;
    let count = 0;
    while (count < this.#units.length && bytes < GROUP_BYTES_MAX) bytes += this.#units[count++]?.bytes ?? 0;
    return this.#units.splice(0, count);
  }

  /** The group is on disk. */
  settle(group: readonly Unit[]): void {
    this.#tally.fsyncs.add(systemClock.monotonicMs() - this.#tookMs);
    for (const unit of group) this.#bytes -= unit.bytes;
    for (const unit of group) unit.listener.journaled();
  }

  /** The group and all that waits behind it are not known to be on disk. */
  fail(group: readonly Unit[], error: StepwellError): void {
    this.#tally.failures += 1;
    const failed = [...group, ...this.#units];
    this.#units = [];
    for (const unit of failed) this.#bytes -= unit.bytes;
    for (const unit of failed) unit.listener.failed(error);
  }

  /** The first position that waits, if one does. */
  firstSeq(): number | undefined {
    for (const unit of this.#units) {
      if (unit.runs[0]) return unit.runs[0].seq;
    }
    return undefined;
  }

  /** Whether a record of the run waits. */
  holds(run: number): boolean {
    return this.#units.some((unit) => unit.runs.some((each) => each.run === run));
  }
}
