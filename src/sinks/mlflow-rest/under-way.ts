/**
 * How many packs a server gets at a time: as many as make it faster, found by trying.
 *
 * On one machine a server on SQLite did 6,100 and 5,200 points/s with one request under way,
 * 10,700 and 8,900 with two, 8,500 and 7,600 with four; on other days one or four did best.
 * Nothing that a server says of itself tells which it is. Two are seldom far from the best.
 */
import { SERVER_REQUESTS_MAX, SLOW_REQUEST_MS } from "../../model/limits.js";

/** What was learned so far. */
export interface Pace {
  /** How many may be under way now; in a trial one more or one less than the best. */
  readonly limit: number;
  readonly best: number;
  /** How the best did lately, in entries per ms; 0 before it was seen. */
  readonly bestRate: number;
  /** Where the next trial goes. */
  readonly step: 1 | -1;
  /** Windows until the next trial, and how many there were before this one. */
  readonly restWindows: number;
  readonly patience: number;
}

export const FIRST_PACE: Pace = { limit: 2, best: 2, bestRate: 0, step: 1, restWindows: 1, patience: 1 };

const PATIENCE_MAX = 64;
/** A trial has to be so much better: less is the machine's noise. */
const GAIN = 1.1;
/** Packs of one window, after those that were under way when it began: one in ten waits for a server's disk. */
const WINDOW_PACKS = 8;

/** The pace after a window in which there was always as much to send as goes. */
export function paceAfter(pace: Pace, rate: number): Pace {
  const { limit, best, bestRate, step, patience } = pace;
  if (limit === best) {
    const seen = { ...pace, bestRate: bestRate === 0 ? rate : (bestRate + rate) / 2 };
    if (pace.restWindows > 1) return { ...seen, restWindows: pace.restWindows - 1 };
    const next = limit + step;
    const isPossible = next >= 1 && next <= SERVER_REQUESTS_MAX;
    return { ...seen, limit: isPossible ? next : limit - step };
  }
  if (rate >= bestRate * GAIN)
    return { limit, best: limit, bestRate: rate, step: limit > best ? 1 : -1, restWindows: 1, patience: 1 };
  const longer = Math.min(PATIENCE_MAX, patience * 4);
  return { ...pace, limit: best, step: limit > best ? -1 : 1, restWindows: longer, patience: longer };
}

/** The pace when there is less to send than would go: nothing tells how fast the server is. */
export function paceAfterLull(pace: Pace): Pace {
  const { limit, best } = pace;
  return limit > best ? { ...pace, limit: best, step: -1 } : { ...pace, limit: best };
}

export class UnderWay {
  readonly #nowMs: () => number;
  #pace = FIRST_PACE;
  #busy = 0;
  #waiting: (() => void)[] = [];
  #window = { sinceMs: 0, entries: 0, packs: 0, skip: FIRST_PACE.limit };

  /** nowMs is of a monotonic clock. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  /** Does the work when its turn comes; it answers how many entries it brought there. */
  async run<Result extends { readonly entries: number }>(work: () => Promise<Result>): Promise<Result> {
    if (this.#busy < this.#pace.limit) this.#busy += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
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
    while (this.#busy < this.#pace.limit) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#busy += 1;
      next();
    }
  }

  #learn(entries: number): void {
    const { limit, best, bestRate } = this.#pace;
    // This one counts among those that are under way.
    if (this.#busy + this.#waiting.length < Math.max(limit, best) || entries === 0) {
      this.#pace = paceAfterLull(this.#pace);
      return this.#begin();
    }
    if (this.#window.skip > 0) {
      this.#window.skip -= 1;
      this.#window.sinceMs = this.#nowMs();
      return;
    }
    this.#window.entries += entries;
    this.#window.packs += 1;
    const tookMs = Math.max(1, this.#nowMs() - this.#window.sinceMs);
    // The most that it can be: as if the packs that are missing came now.
    const rate = ((this.#window.entries / this.#window.packs) * WINDOW_PACKS) / tookMs;
    // A trial that can no longer be good enough ends.
    const isLost = limit !== best && rate < bestRate * GAIN;
    if (this.#window.packs < WINDOW_PACKS && !isLost) return;
    this.#pace = paceAfter(this.#pace, rate);
    this.#begin();
  }

  #begin(): void {
    this.#window = { sinceMs: this.#nowMs(), entries: 0, packs: 0, skip: this.#pace.limit };
  }
}
