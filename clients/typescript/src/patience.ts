/** How long something is waited for. Times are of the monotonic clock: the wall clock may jump by a day. */
import type { Pipeline } from "./pipeline.js";

/** What decides whether to wait on. */
export interface Patience {
  /** Milliseconds that are left; 0 or less when it is over. */
  leftMs(pipeline: Pipeline): number;
  /** The bound in words, as the end of a sentence. */
  readonly within: string;
}

/** Patience that ends after so long, whatever comes. */
export function patienceOf(timeoutMs: number): Patience {
  const endMs = performance.now() + timeoutMs;
  return { leftMs: () => endMs - performance.now(), within: `within ${Math.round(timeoutMs)} ms` };
}

/**
 * Patience that begins again with each acknowledgement, and with a daemon that is reached: what goes on
 * arriving is waited for to its end, which is certain to come, as nothing is added any more.
 */
export function patienceBetween(quietMs: number): Patience {
  let endMs = performance.now() + quietMs;
  const reached = new WeakMap<Pipeline, number>();
  return {
    leftMs: (pipeline) => {
      const { counters } = pipeline;
      // A daemon that is lost again and again, and acknowledges nothing, is reached for the first time once.
      const now = counters.get("acknowledgedSequence") + Math.min(1, counters.get("connects"));
      if (now > (reached.get(pipeline) ?? now)) endMs = performance.now() + quietMs;
      reached.set(pipeline, now);
      return endMs - performance.now();
    },
    within: `within ${Math.round(quietMs)} ms after the last acknowledgement`,
  };
}
