/**
 * The runs of one segment: which are still to be delivered from it, and how many bytes of it that is.
 * The sum is kept, because it is asked for after nearly every delivery, with thousands of runs here.
 */
export class SegmentRuns {
  /** Runs that have undelivered records here, with the position of their last record. */
  readonly #outstanding = new Map<number, number>();
  /** Bytes of each run's records here; without those that could not be measured. */
  readonly #bytes = new Map<number, number>();
  /** Bytes of the outstanding runs that could be measured, and how many could not. */
  #measuredBytes = 0;
  #unmeasured = 0;
  #hadAny = false;

  /** Whether a run ever had a record here. */
  get hadAny(): boolean {
    return this.#hadAny;
  }

  /** Runs that have undelivered records here, with the position of their last record. */
  get outstanding(): ReadonlyMap<number, number> {
    return this.#outstanding;
  }

  /** Bytes of the runs that are outstanding; one that could not be measured may need all of the segment. */
  neededBytes(segmentBytes: number): number {
    return this.#measuredBytes + this.#unmeasured * segmentBytes;
  }

  /** Bytes of all runs that could be measured. */
  measuredBytes(): number {
    let sum = 0;
    for (const bytes of this.#bytes.values()) sum += bytes;
    return sum;
  }

  /** A record of so many bytes comes to the segment. */
  add(run: number, seq: number, bytes: number): void {
    this.release(run);
    this.#bytes.set(run, (this.#bytes.get(run) ?? 0) + bytes);
    this.#expect(run, seq);
  }

  /** The segment was found with records of the run; bytes is undefined where they could not be measured. */
  found(run: number, seq: number, bytes: number | undefined): void {
    this.release(run);
    if (bytes !== undefined) this.#bytes.set(run, bytes);
    this.#expect(run, seq);
  }

  /** The run has records here, through this one, that somebody wants to read again. */
  want(run: number, seq: number): void {
    const last = Math.max(seq, this.#outstanding.get(run) ?? 0);
    this.release(run);
    this.#expect(run, last);
  }

  /** Whether the run has records here; one that could not be measured may not be known. */
  mayHave(run: number): boolean {
    return this.#bytes.size === 0 || this.#bytes.has(run);
  }

  /** Nobody will read the run from here any more. */
  release(run: number): void {
    if (!this.#outstanding.delete(run)) return;
    const bytes = this.#bytes.get(run);
    if (bytes === undefined) this.#unmeasured -= 1;
    else this.#measuredBytes -= bytes;
  }

  /** Only these are in the segment any more. */
  keepOnly(needed: readonly number[]): void {
    const kept = new Set(needed);
    for (const run of this.#bytes.keys()) if (!kept.has(run)) this.#bytes.delete(run);
  }

  #expect(run: number, seq: number): void {
    this.#hadAny = true;
    this.#outstanding.set(run, seq);
    const bytes = this.#bytes.get(run);
    if (bytes === undefined) this.#unmeasured += 1;
    else this.#measuredBytes += bytes;
  }
}
