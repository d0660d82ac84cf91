/**
 * How long something took, as a histogram of fixed size: an array of counters, so that a hot path pays a comparison or
 * ten and no library call, and whoever exports it reads what is there.
 */

/** Upper bounds of the buckets in seconds: from an fsync of an SSD to a request that hangs. One more bucket is above all. */
export const DURATION_BOUNDS: readonly number[] = [
  ...[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05],
  ...[0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
];

/** What is read of a histogram. */
export interface DurationCounts {
  /** How many were in each bucket: no sums of those below. */
  readonly counts: readonly number[];
  readonly sumSeconds: number;
}

export class Durations implements DurationCounts {
  readonly counts: number[] = new Array<number>(DURATION_BOUNDS.length + 1).fill(0);
  sumSeconds = 0;

  /** Counts one that took so many milliseconds. */
  add(ms: number): void {
    const seconds = Math.max(0, ms) / 1_000;
    let bucket = 0;
    while (bucket < DURATION_BOUNDS.length && seconds > (DURATION_BOUNDS[bucket] ?? 0)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sumSeconds += seconds;
  }
}
