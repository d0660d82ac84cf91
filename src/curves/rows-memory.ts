/**
 * Memory for the buckets of many curves that are dropped together: a few large pieces, out of which each curve has its rows.
 * A run may have thousands of curves of a kilobyte each; a piece of memory for each of them would cost as much again, and
 * leave holes between what others have.
 */

/** Doubles of one bucket. */
export const STRIDE = 10;

/** Where rows of buckets lie. */
export interface RowsMemory {
  /** Room for so many rows or a few more. */
  take(rows: number): Float64Array<ArrayBuffer>;
  /** What was taken is not used any more. */
  give(doubles: Float64Array<ArrayBuffer>): void;
}

/** Each for itself: what is not used any more goes by itself. */
export const SINGLE_ROWS: RowsMemory = {
  take: (rows) => new Float64Array(rows * STRIDE),
  give: () => undefined,
};

/** Of longer ones there are few. */
const SLAB_SIZE_MAX = 32;
/** The first piece: of a short run with a point or two it is all. Each one after it is twice as large, up to a bound. */
const SLAB_ROWS_MIN = 4;
const SLAB_ROWS_MAX = 3_200;

export class SlabMemory implements RowsMemory {
  #slab: Float64Array<ArrayBuffer> | undefined;
  #slabRows = 0;
  #used = 0;
  /** What was given back, by its rows; made with the first of them, which a short run never has. */
  #free: Map<number, Float64Array<ArrayBuffer>[]> | undefined;

  take(rows: number): Float64Array<ArrayBuffer> {
    const size = sizeOf(rows);
    const again = this.#free?.get(size)?.pop();
    if (again) return again;
    if (size > SLAB_SIZE_MAX) return new Float64Array(size * STRIDE);
    if (!this.#slab || this.#used + size > this.#slabRows) {
      this.#slabRows = Math.min(Math.max(2 * this.#slabRows, SLAB_ROWS_MIN, size), SLAB_ROWS_MAX);
      this.#slab = new Float64Array(this.#slabRows * STRIDE);
      this.#used = 0;
    }
    const start = this.#used * STRIDE;
    this.#used += size;
    return this.#slab.subarray(start, start + size * STRIDE);
  }

  give(doubles: Float64Array<ArrayBuffer>): void {
    const size = doubles.length / STRIDE;
    if (size > SLAB_SIZE_MAX) return;
    this.#free ??= new Map();
    const free = this.#free.get(size);
    if (free) free.push(doubles);
    else this.#free.set(size, [doubles]);
  }
}

/** Few different sizes, so that what was given back fits again: 1, 2, 4, 6, 8, 12, 16, 24, 32 and so on. */
function sizeOf(rows: number): number {
  if (rows <= 2) return rows;
  let size = 4;
  while (size < rows) size = (size & (size - 1)) === 0 ? size * 1.5 : (size / 3) * 4;
  return size;
}
