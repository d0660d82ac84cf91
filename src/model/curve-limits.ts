/** Bounds of the curves that are kept of runs. */

/** Bytes of files of curves in the home; with 0 there are no curves at all. */
export const CURVES_QUOTA_BYTES = 512 * 1024 * 1024;
/** Files of curves: a home of many short runs would fill its volume with names. */
export const CURVE_FILES_MAX = 10_000;
/** Bytes of one run's file, or so: its metrics share them. */
export const CURVE_RUN_BYTES_MAX = 40 * 1024 * 1024;
/** Memory for what came of runs since it was saved; beyond the second nothing more is held before it is. */
export const CURVES_HELD_BYTES = 7 * 1024 * 1024;
export const CURVES_HELD_BYTES_MAX = 10 * 1024 * 1024;
/** Memory for curves that were read from files last, and for the lists of what is in files. */
export const CURVES_READ_BYTES = 3 * 1024 * 1024;
export const CURVE_LISTS_BYTES = 4 * 1024 * 1024;
/** Buckets of one curve: as many as its share of the room is, within these. */
export const CURVE_BUCKETS_MAX = 2_048;
export const CURVE_BUCKETS_MIN = 8;
/** Metrics of one run that have a curve: those that came first. */
export const CURVE_KEYS_KEPT_MAX = 10_000;
/** Points of a run that has no file where a local store has them: they are read in a moment. */
export const CURVE_SHORT_RUN_POINTS = 1_000;
/** How long what came of a run that goes on stays in memory alone: the journal has it as well. */
export const CURVES_SAVE_MS = 60_000;
/**
 * How soon after a save another one may be because there is too much in memory, and how many times as long as that took:
 * until then buckets are put together.
 */
export const CURVES_PRESSED_SAVE_MS_MIN = 1_000;
export const CURVES_PRESSED_SAVE_TIMES = 50;
/** How often it is looked what is to be saved, and how many runs are then: more would cost those that log. */
export const CURVES_LOOK_MS = 1_000;
export const CURVES_SAVED_AT_ONCE_MAX = 20;
/** How long whoever looks at a run waits for what is read again of it; then what is there is shown. */
export const CURVE_REFILL_WAIT_MS = 250;
/** How soon what could not be read again, or kept, is tried once more. */
export const CURVES_RETRY_MS = 10_000;
/** How long the daemon's end may wait for curves to be saved: what is not can be read again. */
export const CURVES_CLOSE_MS_MAX = 3_000;
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
