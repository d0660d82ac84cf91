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
