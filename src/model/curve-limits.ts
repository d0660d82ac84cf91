/** Bounds of the curves that are kept of runs. */

/** Memory for curves: what came of runs since it was saved, and what was read of them last. */
export const CURVES_MEMORY_BYTES = 12 * 1024 * 1024;
/** Buckets of one curve: as many as its share of the room is, within these. */
export const CURVE_BUCKETS_MAX = 2_048;
export const CURVE_BUCKETS_MIN = 16;
/** What one call may name and ask for: an answer stays below gRPC's usual 4 MB. */
export const CURVE_RUNS_MAX = 100;
export const CURVE_PATTERNS_MAX = 100;
export const CURVE_KEYS_MAX = 1_000;
export const CURVE_KEYS_LISTED_MAX = 10_000;
export const CURVE_BUCKETS_READ_MAX = 40_000;
/** How often a watcher is told of changes, and how much at once. */
export const CURVES_TOLD_MS = 250;
export const CURVE_RUNS_TOLD_MAX = 1_000;
export const CURVE_KEYS_TOLD_MAX = 1_000;
