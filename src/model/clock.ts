/** Where the time comes from, so that tests can own it. */
export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number;
}
