import type { Clock } from "../../src/model/clock.js";

/** A clock that stands still until it is moved. */
export class SetClock implements Clock {
  #nowMs = 1_000_000;

  nowMs(): number {
    return this.#nowMs;
  }

  move(byMs: number): void {
    this.#nowMs += byMs;
  }
}
