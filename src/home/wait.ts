/** Waiting with a deadline. Times are of the monotonic clock. */

import { PASSPHRASE_MS_MAX } from "../model/limits.js";
import { systemClock } from "./clock.js";

/** How long a call may take that has nothing to wait for, in milliseconds. */
export const CALL_MS_MAX = 10_000;
/** The same where the keychain has to be asked: it may take 10 s for each of a few calls, and ask somebody for a password. */
export const KEYCHAIN_CALL_MS_MAX = 60_000;
/** The same where a passphrase is tried, which may wait for another change of secrets. */
export const PASSPHRASE_CALL_MS_MAX = 2 * PASSPHRASE_MS_MAX;

/** A point in time; nothing is waited for after it. */
export interface Deadline {
  /** Milliseconds until then; 0 when it has passed. */
  leftMs(): number;
}

/** The deadline that comes after so many milliseconds. */
export function deadlineAfter(timeoutMs: number): Deadline {
  const end = systemClock.monotonicMs() + timeoutMs;
  return { leftMs: () => Math.max(0, end - systemClock.monotonicMs()) };
}

/** Resolves after so many milliseconds. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Asks every 25 ms until the answer is not undefined; undefined when the deadline passes first. */
export async function poll<Value>(
  deadline: Deadline,
  ask: () => Promise<Value | undefined> | Value | undefined,
): Promise<Value | undefined> {
  for (;;) {
    const value = await ask();
    if (value !== undefined) return value;
    if (deadline.leftMs() === 0) return undefined;
    await sleep(Math.min(25, deadline.leftMs()));
  }
}

/** Waits for work so long and no longer; answers whether it ended in time. Rejects when the work does in that time. */
export async function within(ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  return await Promise.race([work.then(() => true), late]).finally(() => clearTimeout(timer));
}
