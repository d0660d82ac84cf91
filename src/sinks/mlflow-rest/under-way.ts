/**
 * How many packs a server gets at a time: as many as make it faster, found by trying.
 *
 * One server on SQLite, measured three times on a busy machine, did best with one request
 * under way twice (2,690 points/s, and 2,090 with two, 2,125 with four) and best with four
 * once: nothing that a server says of itself tells which it is.
 */
import { SERVER_REQUESTS_MAX, SLOW_REQUEST_MS } from "../../model/limits.js";

/** What was learned so far. */
export interface Pace {
  /** How many may be under way now. */
  readonly limit: number;
  /** The limit that did best, and how it did in the last window, in entries per ms. */
  readonly best: number;
  readonly bestRate: number;
  /** Where the next trial goes. */
  readonly step: 1 | -1;
  /** Windows until the next trial, and how many there were before this one. */
  readonly restWindows: number;
  readonly patience: number;
}

/** All that a server gets, and fewer are tried soon. */
export const FIRST_PACE: Pace = {
  limit: SERVER_REQUESTS_MAX,
  best: SERVER_REQUESTS_MAX,
  bestRate: 0,
  step: -1,
  restWindows: 1,
  patience: 1,
};

const PATIENCE_MAX = 64;
/** A trial has to be so much better: less is the machine's noise. */
const GAIN = 1.1;
/** Packs of one window, after those that were under way when it began. */
const WINDOW_PACKS = 4;

/** The pace after a window in which packs were always waiting. */
export function paceAfter(pace: Pace, rate: number): Pace {
  const { limit, best, bestRate, step, patience } = pace;
  if (limit === best) {
    if (pace.restWindows > 1) return { ...pace, bestRate: rate, restWindows: pace.restWindows - 1 };
    const next = limit + step;
    const isPossible = next >= 1 && next <= SERVER_REQUESTS_MAX;
    return { ...pace, bestRate: rate, limit: isPossible ? next : limit - step };
  }
  if (rate > bestRate * GAIN)
    return { limit, best: limit, bestRate: rate, step: limit > best ? 1 : -1, restWindows: 1, patience: 1 };
  const longer = Math.min(PATIENCE_MAX, patience * 2);
  return { ...pace, limit: best, step: step === 1 ? -1 : 1, restWindows: longer, patience: longer };
}

export class UnderWay {
  readonly #nowMs: () => number;
  #pace = FIRST_PACE;
  #busy = 0;
  #waiting: (() => void)[] = [];
  #window = { sinceMs: 0, entries: 0, packs: 0, skip: 0 };

  /** nowMs is of a monotonic clock. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Does the work when its turn comes; it answers how many entries it brought there. */
  async run<Result extends { readonly entries: number }>(work: () => Promise<Result>): Promise<Result> {
    if (this.#busy >= this.#pace.limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#busy += 1;
    let isBusy = true;
    const release = () => {
      if (isBusy) this.#busy -= 1;
      isBusy = false;
      this.#admit();
    };
    // One that hangs takes nobody's place.
    const timer = setTimeout(release, SLOW_REQUEST_MS);
    try {
      const result = await work();
      this.#learn(result.entries);
      return result;
    } finally {
      clearTimeout(timer);
      release();
    }
  }

  #admit(): void {
    for (let free = this.#pace.limit - this.#busy; free > 0; free--) this.#waiting.shift()?.();
  }

  /** Only what happens while others wait tells how fast the server is. */
  #learn(entries: number): void {
    if (this.#waiting.length === 0 || entries === 0) return this.#begin();
    if (this.#window.skip > 0) {
      this.#window.skip -= 1;
      this.#window.sinceMs = this.#nowMs();
      return;
    }
    this.#window.entries += entries;
    this.#window.packs += 1;
    if (this.#window.packs < WINDOW_PACKS) return;
    const tookMs = Math.max(1, this.#nowMs() - this.#window.sinceMs);
    this.#pace = paceAfter(this.#pace, this.#window.entries / tookMs);
    this.#begin();
  }

  #begin(): void {
    this.#window = { sinceMs: this.#nowMs(), entries: 0, packs: 0, skip: this.#pace.limit };
  }
}
