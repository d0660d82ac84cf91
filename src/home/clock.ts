import type { Clock } from "../model/clock.js";

/** The machine's clock. */
export const systemClock: Clock = { nowMs: () => Date.now() };
