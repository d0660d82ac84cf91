/**
 * How long a tracker has been away. One that has just gone may be back in a moment, so that whoever asks should ask
 * again; once it has been away for a while, nobody should wait for it.
 */
import type { Clock } from "../model/clock.js";
import { GATEWAY_BLINK_MS } from "../model/limits.js";

export type Absence = "new" | "lasting" | "unknown";

export class AbsenceWatch {
  readonly #clock: Clock;
  #since: { readonly atMs: number; readonly monotonicMs: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** It is away now. */
  note(): Absence {
    const monotonicMs = this.#clock.monotonicMs();
    this.#since ??= { atMs: this.#clock.nowMs(), monotonicMs };
    return monotonicMs - this.#since.monotonicMs < GATEWAY_BLINK_MS ? "new" : "lasting";
  }

  /** When it went away, in milliseconds since 1970. */
  get sinceMs(): number | undefined {
    return this.#since?.atMs;
  }

  /** It is back. */
  end(): void {
    this.#since = undefined;
  }
}
