import { setTimeout as sleep } from "node:timers/promises";

/** A token bucket: so many requests a second and no more, in the order in which they come. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #nowMs: () => number;
  #freeAtMs = Number.NEGATIVE_INFINITY;

  /** nowMs is of a monotonic clock. */
  constructor(perSecond: number, nowMs: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#nowMs = nowMs;
  }

  /** How long the next request has to wait, in ms; it counts from now on. A quarter of a second's requests may come at once. */
  reserve(): number {
    const nowMs = this.#nowMs();
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs - 250) + 1000 / this.#perSecond;
    return Math.max(0, this.#freeAtMs - nowMs);
  }

  /** Waits for its turn. */
  async take(): Promise<void> {
    const waitMs = this.reserve();
    if (waitMs > 0) await sleep(waitMs);
  }
}
