/**
 * How many packs a server gets at a time: as many as make it faster, found by trying.
 *
 * A loop by hand into one server on SQLite did best with one under way twice, with two twice and
 * with four twice, each on another day: nothing that a server says of itself tells which it is.
 * So it begins in the middle, and trials double and halve: in a simulation of such servers the first
 * 120 packs came to 0.84 to 0.95 of the best, and to 0.77 to 0.97 with single steps from four.
 */
import { SERVER_REQUESTS_MAX, SLOW_REQUEST_MS } from "../../model/limits.js";

/** What was learned so far. */
export interface Pace {
  /** How many may be under way now. */
  readonly limit: number;
  /** The limit that did best, and how it does, in entries per ms; later windows count more. */
  readonly best: number;
  readonly bestRate: number;
  /** Whether the next trial doubles or halves. */
  readonly factor: 2 | 0.5;
  /** Windows until the next trial, and how many there were before this one. */
  readonly restWindows: number;
  readonly patience: number;
}

/** In the middle, and more are tried soon. */
export const FIRST_PACE: Pace = {
  limit: 2,
  best: 2,
  bestRate: 0,
  factor: 2,
  restWindows: 1,
  patience: 1,
};

const PATIENCE_MAX = 64;
/** Each trial in vain lets so many times more windows pass before the next one. */
const PATIENCE_GROWTH = 4;
/** A trial has to be so much better: less is the machine's noise. */
const GAIN = 1.1;
/** Packs of one window, after those that were under way when it began. */
const WINDOW_PACKS = 4;

/** The pace after a window in which packs were always waiting. */
export function paceAfter(pace: Pace, rate: number): Pace {
  const { limit, best, factor, patience } = pace;
  if (limit === best) {
    const bestRate = pace.bestRate === 0 ? rate : (pace.bestRate + rate) / 2;
    if (pace.restWindows > 1) return { ...pace, bestRate, restWindows: pace.restWindows - 1 };
    const next = limit * factor;
    const isPossible = next >= 1 && next <= SERVER_REQUESTS_MAX;
    return { ...pace, bestRate, limit: isPossible ? next : limit / factor };
  }
  if (rate > pace.bestRate * GAIN)
    return {
      limit,
      best: limit,
      bestRate: rate,
      factor: limit > best ? 2 : 0.5,
      restWindows: 1,
      patience: 1,
    };
  const longer = Math.min(PATIENCE_MAX, patience * PATIENCE_GROWTH);
  return { ...pace, limit: best, factor: factor === 2 ? 0.5 : 2, restWindows: longer, patience: longer };
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
