import type { Clock } from "../model/clock.js";

/** The machine's clocks. */
export const systemClock: Clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };
