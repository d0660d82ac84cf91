/**
 * How long a tracker has been away. One that has just gone may be back in a moment, so that whoever asks should ask
 * again; once it has been away for a while, nobody should wait for it.
 */
import type { Clock } from "../model/clock.js";
import { GATEWAY_BLINK_MS } from "../model/limits.js";

export type Absence = "new" | "lasting" | "unknown";

export class AbsenceWatch {
  readonly #clock: Clock;
  #sinceMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** It is away now. */
  note(): Absence {
    const nowMs = this.#clock.monotonicMs();
    this.#sinceMs ??= nowMs;
    return nowMs - this.#sinceMs < GATEWAY_BLINK_MS ? "new" : "lasting";
  }

  /** It is back. */
  end(): void {
    this.#sinceMs = undefined;
  }
}
