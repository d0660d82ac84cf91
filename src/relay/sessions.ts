/**
 * All streams of a relay: how much each may have under way, when each is asked to go on elsewhere, and what all
 * are told.
 *
 * A balancer that spreads connections leaves a relay that came back empty until connections end. So each stream
 * is asked to go at an age that differs by a fifth either way: neither do they all come back in one moment.
 */
import { StepwellError } from "../errors/stepwell-error.js";
import type { Session } from "./session.js";

/** Bytes of packs without an outcome, of all streams together; a stream's window is its share of them, within bounds. */
const BACKLOG_BYTES_MAX = 16 * 1024 * 1024;
const WINDOW_BYTES_MIN = 16 * 1024;
const WINDOW_BYTES_MAX = 4 * 1024 * 1024;
/** How long a stream may take whose caller is not let in any more. */
const DISMISS_MS = 5_000;
/** The age differs by so much of it either way. */
const AGE_SPREAD = 0.2;

export interface SessionsOptions {
  readonly random: () => number;
  /** At about which age a stream is asked to go. */
  readonly ageMs: number;
  /** How long it may take then. */
  readonly drainMs: number;
  /** How much longer, where some of it is being written: a commit that is on its way is answered before the end. */
  readonly writingMs: number;
}

/** The age at which a stream is asked to go; `drawn` is a random number from 0 to 1. */
export function drainAgeMs(ageMs: number, drawn: number): number {
  return ageMs * (1 - AGE_SPREAD + 2 * AGE_SPREAD * drawn);
}

export class Sessions {
  readonly #options: SessionsOptions;
  readonly #open = new Map<Session, NodeJS.Timeout>();
  /** The window that was told last. */
  #windowBytes = WINDOW_BYTES_MAX;
  #isStopping = false;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  /** What a stream may have under way. */
  get windowBytes(): number {
    return this.#windowBytes;
  }

  /** A stream was opened. */
  add(session: Session): void {
    const { ageMs, random } = this.#options;
    this.#after(session, drainAgeMs(ageMs, random()), () => this.#drain(session));
    this.#share();
    if (this.#isStopping) this.#drain(session);
  }

  /** A stream is over. */
  leave(session: Session): void {
    clearTimeout(this.#open.get(session));
    if (this.#open.delete(session)) this.#share();
  }

  /** Asks one to go on over another stream, soon. */
  dismiss(session: Session): void {
    if (session.isOpen && this.#open.has(session))
      this.#drain(session, Math.min(DISMISS_MS, this.#options.drainMs));
  }

  /** Those that are open. */
  get all(): Session[] {
    return [...this.#open.keys()];
  }

  /** The backend is another, or in another life. */
  tellBackend(): void {
    for (const session of this.#open.keys()) session.tellBackend();
  }

  /** Asks all to go elsewhere, spread over a part of the time that they have; those that do not are ended after it. */
  stop(): void {
    this.#isStopping = true;
    const { random, drainMs } = this.#options;
    for (const [session, timer] of this.#open) {
      clearTimeout(timer);
      this.#after(session, (random() * Math.min(2_000, drainMs)) / 4, () => this.#drain(session));
    }
  }

  #drain(session: Session, drainMs = this.#options.drainMs): void {
    clearTimeout(this.#open.get(session));
    session.drain(drainMs);
    this.#after(session, drainMs, () => {
      this.#after(session, this.#options.writingMs, () => session.stop(drained(drainMs)));
      session.expire(drained(drainMs));
    });
  }

  #after(session: Session, waitMs: number, then: () => void): void {
    this.#open.set(session, setTimeout(then, waitMs));
  }

  /** Tells a window that changed by half or more: each stream that comes and goes would tell all others else. */
  #share(): void {
    const share = BACKLOG_BYTES_MAX / Math.max(1, this.#open.size);
    const windowBytes = Math.floor(Math.min(WINDOW_BYTES_MAX, Math.max(WINDOW_BYTES_MIN, share)));
    const isNear = windowBytes <= this.#windowBytes * 1.5 && windowBytes >= this.#windowBytes / 1.5;
    const isBound = windowBytes === WINDOW_BYTES_MAX || windowBytes === WINDOW_BYTES_MIN;
    if (windowBytes === this.#windowBytes || (isNear && !isBound)) return;
    this.#windowBytes = windowBytes;
    for (const session of this.#open.keys()) session.credit(windowBytes);
  }
}

function drained(ms: number): StepwellError {
  const sentence = `The relay asked for the stream's end ${ms / 1000} s ago.`;
  return new StepwellError("STEPWELL_RELAY_STOPPING", sentence);
}
