/**
 * Points as they come: three columns of one metric's points, brought to where they can be read as numbers. Steps and timestamps
 * are int64 and stay so, as pairs of 32 bits (low, high): a double would lose their last digits, a bigint for each costs
 * more than all else that is done with a point.
 */
import type { ColumnSpan } from "../journal/append.js";
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

  /** The points of a column of the journal's, which has no more than RECORD_ENTRIES_MAX. */
  read({ steps, timestampsMs, values }: Pick<ColumnView, "steps" | "timestampsMs" | "values">): Points {
    // A message's columns begin anywhere: typed arrays can be laid over copies alone.
    this.#steps.set(steps);
    this.#timestampsMs.set(timestampsMs);
    this.#values.set(values);
    this.count = values.length / POINT_COLUMN_BYTES;
    return this;
  }

  /** The same of a column in a record's value. */
  readSpan(value: Uint8Array, { steps, timestampsMs, values, length }: ColumnSpan): Points {
    copy(value, steps, length, this.#steps);
    copy(value, timestampsMs, length, this.#timestampsMs);
    copy(value, values, length, this.#values);
    this.count = length / POINT_COLUMN_BYTES;
    return this;
  }
}

/** What the call of `set` costs is more than a few bytes do. */
const FEW_BYTES = 4 * POINT_COLUMN_BYTES;

function copy(from: Uint8Array, start: number, length: number, to: Uint8Array): void {
  if (length > FEW_BYTES) return to.set(from.subarray(start, start + length));
  for (let index = 0; index < length; index++) to[index] = from[start + index] as number;
}
