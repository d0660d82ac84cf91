/**
 * How many requests a backend gets at a time: as many as make it faster, found by trying.
 *
 * On one machine a server on SQLite did 6,100 and 5,200 points/s with one request under way,
 * 10,700 and 8,900 with two, 8,500 and 7,600 with four; on other days one or four did best.
 * Nothing that a server says of itself tells which it is. Two are seldom far from the best.
 * A quick one gets more: packs of short runs are small, and at a server that answers at once it
 * is the way there and back that takes the time.
 */
import { QUICK_PACK_MS } from "../model/limits.js";

/** What was learned so far. */
export interface Pace {
  /** How many may be under way now; in a trial more or fewer than the best. */
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

/** How many requests may be under way at most, and at a backend that is quick. */
export interface PaceBounds {
  readonly requestsMax: number;
  readonly quickRequestsMax: number;
}

/** How a window went that always had as much to send as goes. */
export interface PaceWindow {
  /** Entries per ms. */
  readonly rate: number;
  /** How long a pack took. */
  readonly packMs: number;
}

export const FIRST_PACE: Pace = { limit: 2, best: 2, bestRate: 0, step: 1, restWindows: 1, patience: 1 };

const PATIENCE_MAX = 64;
/** A trial has to be so much better: less is the machine's noise. */
export const GAIN = 1.1;

/** The pace after a window. */
export function paceAfter(pace: Pace, { rate, packMs }: PaceWindow, bounds: PaceBounds): Pace {
  const { limit, best, bestRate, step, patience } = pace;
  const { requestsMax, quickRequestsMax } = bounds;
  const max = packMs <= QUICK_PACK_MS ? quickRequestsMax : requestsMax;
  if (limit > max) return { ...pace, limit: max, best: max, bestRate: 0, step: -1, restWindows: patience };
  if (limit === best) {
    const seen = { ...pace, bestRate: bestRate === 0 ? rate : (bestRate + rate) / 2 };
    if (pace.restWindows > 1) return { ...seen, restWindows: pace.restWindows - 1 };
    const next = neighbour(limit, step, requestsMax);
    const isPossible = next >= 1 && next <= max;
    const other = neighbour(limit, step === 1 ? -1 : 1, requestsMax);
    return { ...seen, limit: isPossible ? next : Math.min(max, Math.max(1, other)) };
  }
  if (rate >= bestRate * GAIN)
    return { limit, best: limit, bestRate: rate, step: limit > best ? 1 : -1, restWindows: 1, patience: 1 };
  const longer = Math.min(PATIENCE_MAX, patience * 4);
  return { ...pace, limit: best, step: limit > best ? -1 : 1, restWindows: longer, patience: longer };
}

/** The pace when there is less to send than would go: nothing tells how fast the backend is. */
export function paceAfterLull(pace: Pace): Pace {
  const { limit, best } = pace;
  return limit > best ? { ...pace, limit: best, step: -1 } : { ...pace, limit: best };
}

/** One by one up to what any backend may get; beyond that twice as many, or half. */
function neighbour(limit: number, step: 1 | -1, requestsMax: number): number {
  if (step === 1) return limit < requestsMax ? limit + 1 : limit * 2;
  return limit <= requestsMax ? limit - 1 : limit / 2;
}
