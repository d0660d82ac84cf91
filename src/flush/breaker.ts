/**
 * The breaker of a backend: what its lanes' outcomes say of the backend itself.
 *
 *   closed  -> closed    a pack got there, or lanes failed for reasons that may be their own
 *   closed  -> open      nothing gets there: an outcome said so, or several lanes failed in a row
 *   open    -> probing   the wait is over, and one pack of one lane goes
 *   probing -> closed    it got there
 *   probing -> open      it did not, and the wait grows
 *   probing -> open      it says nothing of the backend: another lane's pack goes at once
 *
 * While it is not closed nobody else sends, so that a backend that is down is asked once for all lanes,
 * however many they are. Each probe is another lane's: one whose own pack makes the backend fail can't
 * keep it open.
 */
import type { ErrorCode } from "../errors/table.js";
import { BREAKER_SUSPECTS, HOLD_WAIT_MS } from "../model/limits.js";
import type { Outcome } from "../sinks/sink.js";
import { retryWaitMs } from "./backoff.js";

export type Breaker =
  /** Packs go. The suspects are lanes that failed since one got there, for reasons that may be their own. */
  | { readonly kind: "closed"; readonly suspects: readonly string[] }
  | OpenBreaker
  /** One pack is on its way; the state before it tells why the others wait. */
  | { readonly kind: "probing"; readonly before: OpenBreaker };

export interface OpenBreaker {
  readonly kind: "open";
  /** Why: what passes is tried again with a growing wait, what somebody has to mend now and then. */
  readonly why: "retrying" | "held";
  /** When the next probe goes, in ms of a monotonic clock. */
  readonly dueMs: number;
  /** Failures in a row that count for the wait. */
  readonly failures: number;
  readonly code: ErrorCode;
  readonly reason: string;
}

export type BreakerEvent =
  /** The pack of one lane goes though the breaker is open. */
  | { readonly kind: "probe" }
  /** A lane's pack has its outcome. */
  | {
      readonly kind: "outcome";
      readonly lane: string;
      readonly isProbe: boolean;
      readonly outcome: Outcome;
    }
  /** Somebody asks for a try now. */
  | { readonly kind: "hurry" };

type Failure = Outcome & { readonly kind: "retry" | "hold" };

export const CLOSED: Breaker = { kind: "closed", suspects: [] };

/** The breaker's state after an event. */
export function afterEvent(
  breaker: Breaker,
  event: BreakerEvent,
  nowMs: number,
  random: () => number,
): Breaker {
  switch (event.kind) {
    case "probe":
      return breaker.kind === "open" ? { kind: "probing", before: breaker } : breaker;
    case "hurry":
      return breaker.kind === "open" ? { ...breaker, dueMs: Math.min(breaker.dueMs, nowMs) } : breaker;
    case "outcome": {
      const { lane, isProbe, outcome } = event;
      // Whatever a backend says of a pack, it works.
      if (outcome.kind !== "retry" && outcome.kind !== "hold") return CLOSED;
      if (breaker.kind === "closed") return afterFailure(breaker.suspects, lane, outcome, nowMs, random);
      // What was under way when it opened tells nothing new.
      if (!isProbe || breaker.kind === "open") return breaker;
      if (outcome.scope === "run") return { ...breaker.before, dueMs: nowMs };
      return opened(breaker.before.failures, outcome, nowMs, random);
    }
  }
}

/** Why lanes wait for the backend; undefined while packs go. */
export function troubleOf(breaker: Breaker): OpenBreaker | undefined {
  return breaker.kind === "probing" ? breaker.before : breaker.kind === "open" ? breaker : undefined;
}

function afterFailure(
  suspects: readonly string[],
  lane: string,
  failure: Failure,
  nowMs: number,
  random: () => number,
): Breaker {
  switch (failure.scope) {
    case "run":
      return { kind: "closed", suspects };
    case "backend":
      return opened(0, failure, nowMs, random);
    case "unclear": {
      const more = suspects.includes(lane) ? suspects : [...suspects, lane];
      if (more.length < BREAKER_SUSPECTS) return { kind: "closed", suspects: more };
      return opened(0, failure, nowMs, random);
    }
  }
}

function opened(failuresBefore: number, failure: Failure, nowMs: number, random: () => number): OpenBreaker {
  const { code, reason } = failure;
  const failures = failuresBefore + 1;
  if (failure.kind === "hold")
    return { kind: "open", why: "held", dueMs: nowMs + HOLD_WAIT_MS, failures, code, reason };
  const dueMs = nowMs + retryWaitMs(failures, random, failure.afterMs);
  return { kind: "open", why: "retrying", dueMs, failures, code, reason };
}
