/**
 * Where the time comes from, so that tests can own it. There are two clocks, and each has its use:
 * the wall clock names a moment for people, backends and records, and may jump by days either way;
 * the monotonic one is for everything that waits, and means nothing outside of its process.
 */
export interface Clock {
  /** Milliseconds since 1970, of the wall clock. Never compared with a later reading to wait for something. */
  nowMs(): number;
  /** Milliseconds since an unknown moment, of a clock that never jumps. Never stored, never sent. */
  monotonicMs(): number;
}
