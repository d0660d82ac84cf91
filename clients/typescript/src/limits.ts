/** Bounds of this client's own machinery, with their unit last; those that all clients share stand in contract.ts. */

/** How long a logged entry waits for company before it is handed to the sender. */
export const LINGER_MS = 5;
/** Smallest limit that a batch is cut to: it holds any single entry. */
export const BATCH_BYTES_MIN = 64 * 1024;
/** Memory that a metric's first point takes beside the point. */
export const COLUMN_BYTES = 1_536;
/**
 * Batches that may wait for an acknowledgement before small ones are held back to grow:
 * an outage would otherwise be stored as thousands of batches of a few points each.
 */
export const SMALL_BATCHES_HELD_MAX = 256;
/** How long a call about runs, stacks or secrets is tried, unless its caller says otherwise. */
export const CALL_WAIT_MS = 20_000;
/** The longest that a caller may say. */
export const CALL_WAIT_MS_MAX = 86_400_000;
/** How much longer the answer to a drain may take to arrive. */
export const DRAIN_ANSWER_MS = 5_000;
/** Bound of the first wait before a call is made again; the wait is drawn at random from 0 to the bound, which doubles. */
export const CALL_PAUSE_MS_MIN = 50;
/** The highest such bound. */
export const CALL_PAUSE_MS_MAX = 1_000;
/** How often the daemon tells its state to who watches it, unless the caller says otherwise, and how often at most and at least. */
export const WATCH_INTERVAL_MS = 1_000;
export const WATCH_INTERVAL_MS_MIN = 50;
export const WATCH_INTERVAL_MS_MAX = 60_000;
