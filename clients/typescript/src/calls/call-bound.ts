import { StepwellClientError } from "../errors.js";
import { CALL_WAIT_MS, CALL_WAIT_MS_MAX } from "../limits.js";

/** How long a call may take. */
export interface CallOptions {
  /** Milliseconds, from 1 to 86,400,000. Default: 20,000. */
  readonly timeoutMs?: number | undefined;
  /** Gives the call up: it rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Ends a call when its time is over, its caller gives it up, or the client is closed: whatever comes first. */
export class CallBound {
  readonly timeoutMs: number;
  /** What kept the call from being done so far. */
  trouble: StepwellClientError | undefined;
  readonly #controller = new AbortController();
  readonly #given: AbortSignal | undefined;
  readonly #giveUp = () => this.abort(this.#given?.reason);
  readonly #timer: NodeJS.Timeout;
  #isOverdue = false;

  /** Throws STEPWELL_SETTING_INVALID, and the signal's reason where it was given up before. */
  constructor({ timeoutMs = CALL_WAIT_MS, signal }: CallOptions) {
    checkMs("timeoutMs", timeoutMs, 1, CALL_WAIT_MS_MAX);
    signal?.throwIfAborted();
    this.timeoutMs = timeoutMs;
    this.#given = signal;
    signal?.addEventListener("abort", this.#giveUp);
    // Of the monotonic clock: gRPC's own deadline would be of the wall clock, which may jump.
    this.#timer = setTimeout(() => {
      this.#isOverdue = true;
      this.#controller.abort();
    }, timeoutMs);
  }

  /** Fires when the call is to end. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether its time is over, and nothing else ended it. */
  get isOverdue(): boolean {
    return this.#isOverdue;
  }

  /** From now on time does not count. */
  stopTimer(): void {
    clearTimeout(this.#timer);
  }

  /** Ends the call for a reason. */
  abort(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** The call has ended. */
  release(): void {
    this.stopTimer();
    this.#given?.removeEventListener("abort", this.#giveUp);
  }
}

/** Throws STEPWELL_SETTING_INVALID unless it is a time within the bounds. */
export function checkMs(name: string, ms: number, msMin: number, msMax: number): void {
  if (typeof ms === "number" && ms >= msMin && ms <= msMax) return;
  const sentence = `${name} must be a number of milliseconds from ${msMin} to ${msMax}.`;
  throw new StepwellClientError("STEPWELL_SETTING_INVALID", sentence);
}
