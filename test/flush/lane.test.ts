import test from "ava";
import fc from "fast-check";
import { retryWaitMs } from "../../src/flush/backoff.js";
import { afterOutcome, type WaitingState } from "../../src/flush/lane.js";
import { HOLD_WAIT_MS, RETRY_WAIT_MS_MAX, RETRY_WAIT_MS_MIN } from "../../src/model/limits.js";

const READY: WaitingState = { kind: "ready", dueMs: 0 };
const RETRY = { kind: "retry", scope: "run", code: "STEPWELL_DATABASE_LOCKED", reason: "busy" } as const;

test("the wait before a retry is drawn from 0 to a bound that doubles and stops growing", (t) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, draw) => {
        const waitMs = retryWaitMs(failures, () => draw);
        const boundMs = Math.min(RETRY_WAIT_MS_MAX, RETRY_WAIT_MS_MIN * 2 ** Math.min(failures - 1, 20));
        t.true(waitMs >= 0 && waitMs <= boundMs);
        t.is(
          retryWaitMs(failures, () => 1),
          boundMs,
        );
      },
    ),
  );
});

test("a backend's own wish is waited for at least", (t) => {
  t.is(
    retryWaitMs(1, () => 0, 7_000),
    7_000,
  );
  const state = afterOutcome(READY, { ...RETRY, afterMs: 7_000 }, 100, () => 0);
  t.is(state.dueMs, 7_100);
});

test("failures add up until something is delivered", (t) => {
  let state = READY as WaitingState;
  for (let failures = 1; failures <= 3; failures++) {
    state = afterOutcome(state, RETRY, 0, () => 1);
    t.like(state, { kind: "retrying", failures, code: "STEPWELL_DATABASE_LOCKED", reason: "busy" });
  }
  state = afterOutcome(state, { kind: "delivered", refused: [] }, 5, () => 1);
  t.deepEqual(state, { kind: "ready", dueMs: 5 });
  t.like(
    afterOutcome(state, RETRY, 0, () => 1),
    { failures: 1 },
  );
});

test("what is the backend's trouble leaves no wait with the lane: the breaker waits for all", (t) => {
  const outcome = { ...RETRY, scope: "backend" } as const;
  t.deepEqual(
    afterOutcome(READY, outcome, 7, () => 1),
    { kind: "ready", dueMs: 7 },
  );
});

test("a held lane asks again after a while, for as long as it takes", (t) => {
  const hold = {
    kind: "hold",
    scope: "run",
    code: "STEPWELL_DATABASE_NOT_UNDERSTOOD",
    reason: "no",
  } as const;
  const held = afterOutcome(READY, hold, 10, () => 1);
  t.like(held, { kind: "held", dueMs: 10 + HOLD_WAIT_MS });
  t.like(
    afterOutcome(held, hold, 20, () => 1),
    { kind: "held", dueMs: 20 + HOLD_WAIT_MS },
  );
});
