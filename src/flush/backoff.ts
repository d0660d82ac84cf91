import { RETRY_WAIT_MS_MAX, RETRY_WAIT_MS_MIN } from "../model/limits.js";

/**
 * How long to wait before the attempt that follows so many failed ones, in ms: drawn at
 * random between 0 and a bound that doubles (full jitter), so that lanes that failed
 * together don't come back together. A backend's own wish is a lower bound.
 */
export function retryWaitMs(failures: number, random: () => number, wishMs = 0): number {
  const bound = Math.min(RETRY_WAIT_MS_MAX, RETRY_WAIT_MS_MIN * 2 ** Math.min(failures - 1, 20));
  return Math.max(wishMs, Math.round(random() * bound));
}
