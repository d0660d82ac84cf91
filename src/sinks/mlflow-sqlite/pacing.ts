/**
 * Pacing: how long to leave a database alone after a transaction, so that MLflow gets at it.
 *
 * SQLite has no queue for its lock: who waits looks again after 1, 2, 5, 10 .. 100 ms and
 * gets it only if it is free at that moment. So a share of all time is left free, once a
 * second a pause is longer than that longest wait, and both grow when somebody else wrote.
 */

/** What the next pause depends on. Times are of a monotonic clock, in ms. */
export interface Pace {
  /** When the last long pause ended. */
  readonly breathedMs: number;
  /** When somebody else's write was last seen. */
  readonly foreignMs: number;
}

/** One transaction as it went. */
export interface Transaction {
  readonly startedMs: number;
  readonly endedMs: number;
  /** Whether somebody else had written since the one before. */
  readonly sawForeignWrite: boolean;
}

/** The pace before the first transaction. */
export const FIRST_PACE: Pace = { breathedMs: Number.NEGATIVE_INFINITY, foreignMs: Number.NEGATIVE_INFINITY };

const PAUSE_MS_MIN = 5;
/** Free time for each ms of a transaction: alone, and in company. */
const SHARE = 0.5;
const SHARE_IN_COMPANY = 1.5;
const PAUSE_IN_COMPANY_MS_MIN = 20;
/** How long somebody else's write counts as company. */
const COMPANY_MS = 3_000;
const BREATH_EVERY_MS = 1_000;
/** Longer than SQLite's longest wait between two looks at a lock. */
const BREATH_MS = 120;

/** The pause after a transaction, and the pace for the next. */
export function paceAfter(
  pace: Pace,
  transaction: Transaction,
): { readonly pauseMs: number; readonly pace: Pace } {
  const { startedMs, endedMs, sawForeignWrite } = transaction;
  const foreignMs = sawForeignWrite ? endedMs : pace.foreignMs;
  // What was idle for longer than a breath has left the lock free already.
  const breathedMs = startedMs - pace.breathedMs > 2 * BREATH_EVERY_MS ? startedMs : pace.breathedMs;
  if (endedMs - breathedMs >= BREATH_EVERY_MS) {
    return { pauseMs: BREATH_MS, pace: { breathedMs: endedMs + BREATH_MS, foreignMs } };
  }
  const tookMs = endedMs - startedMs;
  const pauseMs =
    endedMs - foreignMs < COMPANY_MS
      ? Math.max(PAUSE_IN_COMPANY_MS_MIN, tookMs * SHARE_IN_COMPANY)
      : Math.max(PAUSE_MS_MIN, tookMs * SHARE);
  return { pauseMs, pace: { breathedMs, foreignMs } };
}
