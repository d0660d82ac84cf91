import type { Clock } from "../../src/model/clock.js";

/** A clock that stands still until it is moved. */
export class SetClock implements Clock {
  #nowMs = 1_000_000;
  #monotonicMs = 5_000;

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  /** Time passes. */
  move(byMs: number): void {
    this.#nowMs += byMs;
    this.#monotonicMs += byMs;
  }

  /** Somebody sets the wall clock; no time passes. */
  jump(byMs: number): void {
    this.#nowMs += byMs;
  }
}
