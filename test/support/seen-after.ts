/** How long after a point it is seen, held against the second that is promised. */
import type { ExecutionContext } from "ava";

const SECOND_MS = 1_000;
/** Whoever shares the machine makes some later, and none earlier. */
const LATE_MS = 2_000;

/** Times from points to where they are seen: none is in vain, and most are within a second where nothing else goes on. */
export class SeenAfter {
  readonly #tookMs: number[] = [];

  /** Logs, waits until it is seen, and notes how long both took together. */
  async note(log: () => Promise<void>, seen: () => Promise<unknown>): Promise<void> {
    const beginMs = performance.now();
    await log();
    await seen();
    this.#tookMs.push(performance.now() - beginMs);
  }

  isWithinASecond(t: ExecutionContext, what: string): void {
    const sorted = [...this.#tookMs].sort((one, other) => one - other);
    t.log(`${what}: seen after ${this.#tookMs.map(Math.round).join(", ")} ms`);
    t.true(sorted.length >= 3, "a single one says nothing");
    t.true((sorted[0] ?? Infinity) < SECOND_MS, `${what}: the first one`);
    t.true((sorted[sorted.length >> 1] ?? Infinity) < LATE_MS, `${what}: the middle one`);
  }
}
