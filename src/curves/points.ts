/**
 * Points as they come: three columns of one metric's points, brought to where they can be read as numbers. Steps and timestamps
 * are int64 and stay so, as pairs of 32 bits (low, high): a double would lose their last digits, a bigint for each costs
 * more than all else that is done with a point.
 */
import { type ColumnView, POINT_COLUMN_BYTES } from "../model/batch-view.js";
import { RECORD_ENTRIES_MAX } from "../model/limits.js";

/** Points of one metric in the order in which they were logged. */
export interface Points {
  readonly count: number;
  /** Pairs of 32 bits: the low half, the high half. */
  readonly steps: Int32Array;
  readonly timestampsMs: Int32Array;
  readonly values: Float64Array;
}

/** Takes one column at a time: what it gave before is overwritten by the next. */
export class PointReader implements Points {
  count = 0;
  readonly steps = new Int32Array(2 * RECORD_ENTRIES_MAX);
  readonly timestampsMs = new Int32Array(2 * RECORD_ENTRIES_MAX);
  readonly values = new Float64Array(RECORD_ENTRIES_MAX);
  readonly #steps = new Uint8Array(this.steps.buffer);
  readonly #timestampsMs = new Uint8Array(this.timestampsMs.buffer);
  readonly #values = new Uint8Array(this.values.buffer);
  readonly #valueWords = new Int32Array(this.values.buffer);

  /** The points of a column of the journal's, which has no more than RECORD_ENTRIES_MAX. */
  read({ steps, timestampsMs, values }: Pick<ColumnView, "steps" | "timestampsMs" | "values">): Points {
    // A message's columns begin anywhere: typed arrays can be laid over copies alone.
    this.#steps.set(steps);
    this.#timestampsMs.set(timestampsMs);
    this.#values.set(values);
    this.count = values.length / POINT_COLUMN_BYTES;
    return this;
  }

  /** The same of a column in other bytes: where its lists begin, and the bytes of each. */
  readAt(bytes: Uint8Array, steps: number, timestampsMs: number, values: number, length: number): Points {
    this.count = length / POINT_COLUMN_BYTES;
    if (this.count > FEW_POINTS) {
      this.#steps.set(bytes.subarray(steps, steps + length));
      this.#timestampsMs.set(bytes.subarray(timestampsMs, timestampsMs + length));
      this.#values.set(bytes.subarray(values, values + length));
      return this;
    }
    const words = 2 * this.count;
    for (let word = 0, at = 0; word < words; word++, at += 4) {
      this.steps[word] = wordAt(bytes, steps + at);
      this.timestampsMs[word] = wordAt(bytes, timestampsMs + at);
      this.#valueWords[word] = wordAt(bytes, values + at);
    }
    return this;
  }
}

/** What the calls of `subarray` and `set` cost is more than a few points do. */
const FEW_POINTS = 12;

function wordAt(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
