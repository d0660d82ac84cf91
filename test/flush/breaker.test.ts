import test from "ava";
import fc from "fast-check";
import { afterEvent, type Breaker, type BreakerEvent, CLOSED, troubleOf } from "../../src/flush/breaker.js";
import {
  BREAKER_SUSPECTS,
  HOLD_WAIT_MS,
  RETRY_WAIT_MS_MAX,
  RETRY_WAIT_MS_MIN,
} from "../../src/model/limits.js";
import type { FaultScope, Outcome } from "../../src/sinks/sink.js";

const DELIVERED: Outcome = { kind: "delivered", refused: [] };
const REFUSED: Outcome = { kind: "refused", code: "STEPWELL_RUN_DELETED", reason: "deleted" };
const MOVED: Outcome = { kind: "elsewhere", homeId: "h", cursor: undefined };
const retry = (scope: FaultScope): Outcome => ({
  kind: "retry",
  scope,
  code: "STEPWELL_SERVER_UNREACHABLE",
  reason: "away",
});
const hold = (scope: FaultScope): Outcome => ({
  kind: "hold",
  scope,
  code: "STEPWELL_NOT_AUTHENTICATED",
  reason: "no",
});

/** The state after outcomes of lanes, at the time 0 and with the longest waits. */
function after(breaker: Breaker, ...outcomes: readonly (readonly [string, Outcome, "probe"?])[]): Breaker {
  return outcomes.reduce<Breaker>(
    (state, [lane, outcome, probe]) =>
      afterEvent(state, { kind: "outcome", lane, isProbe: probe !== undefined, outcome }, 0, () => 1),
    breaker,
  );
}

const probing = (breaker: Breaker) => afterEvent(breaker, { kind: "probe" }, 0, () => 1);

test("a backend's own trouble opens it at once, whether it passes or somebody has to mend it", (t) => {
  t.like(after(CLOSED, ["a", retry("backend")]), {
    ...{ kind: "open", why: "retrying", failures: 1, dueMs: RETRY_WAIT_MS_MIN },
    ...{ code: "STEPWELL_SERVER_UNREACHABLE", reason: "away" },
  });
  t.like(after(CLOSED, ["a", hold("backend")]), { kind: "open", why: "held", dueMs: HOLD_WAIT_MS });
});

test("a run's own trouble never opens it", (t) => {
  const many = Array.from({ length: 50 }, (_, index) => [`${index}`, retry("run")] as const);
  t.like(after(CLOSED, ...many), { kind: "closed" });
  t.like(after(CLOSED, ["a", hold("run")]), { kind: "closed" });
});

test("what may be one run's trouble opens it only when several lanes have it and nothing gets there meanwhile", (t) => {
  const lanes = Array.from(
    { length: BREAKER_SUSPECTS },
    (_, index) => [`${index}`, retry("unclear")] as const,
  );
  t.like(after(CLOSED, ...lanes), { kind: "open", failures: 1 });
  t.like(after(CLOSED, ...lanes.map(([, outcome]) => ["a", outcome] as const)), { kind: "closed" });
  const [first, ...others] = lanes;
  if (!first) return t.fail();
  t.like(after(CLOSED, first, ["b", DELIVERED], ...others), { kind: "closed" });
});

test("one probe goes; it closes the breaker, or the wait grows", (t) => {
  let breaker = after(CLOSED, ["a", retry("backend")]);
  for (let failures = 2; failures <= 12; failures++) {
    breaker = after(probing(breaker), ["b", retry("unclear"), "probe"]);
    const dueMs = Math.min(RETRY_WAIT_MS_MAX, RETRY_WAIT_MS_MIN * 2 ** (failures - 1));
    t.like(breaker, { kind: "open", failures, dueMs });
  }
  for (const outcome of [DELIVERED, REFUSED, MOVED])
    t.deepEqual(after(probing(breaker), ["c", outcome, "probe"]), CLOSED, "whatever it says, it works");
});

test("a probe that says nothing of the backend lets the next lane try at once, and the wait does not grow", (t) => {
  const open = after(CLOSED, ["a", retry("backend")], ["b", retry("backend")]);
  t.like(after(probing(open), ["c", hold("run"), "probe"]), { kind: "open", failures: 1, dueMs: 0 });
});

test("what was under way when it opened makes no wait longer", (t) => {
  const open = after(CLOSED, ["a", retry("backend")]);
  t.is(after(open, ["b", retry("backend")], ["c", hold("backend")]), open);
  const probe = probing(open);
  t.is(after(probe, ["b", retry("backend")]), probe);
  t.deepEqual(after(probe, ["b", DELIVERED]), CLOSED);
});

test("somebody who asks lets the probe go now, and a wait that is over stays over", (t) => {
  const open = after(CLOSED, ["a", hold("backend")]);
  t.like(
    afterEvent(open, { kind: "hurry" }, 50, () => 1),
    { kind: "open", dueMs: 50 },
  );
  t.like(
    afterEvent(open, { kind: "hurry" }, HOLD_WAIT_MS + 1, () => 1),
    { dueMs: HOLD_WAIT_MS },
  );
  t.is(
    afterEvent(CLOSED, { kind: "hurry" }, 0, () => 1),
    CLOSED,
  );
});

const EVENT: fc.Arbitrary<BreakerEvent> = fc.oneof(
  fc.constant({ kind: "probe" } as const),
  fc.constant({ kind: "hurry" } as const),
  fc.record({
    kind: fc.constant("outcome" as const),
    lane: fc.constantFrom("a", "b", "c", "d"),
    isProbe: fc.boolean(),
    outcome: fc.oneof(
      fc.constantFrom(DELIVERED, MOVED, REFUSED),
      fc.constantFrom<FaultScope>("backend", "run", "unclear").map(retry),
      fc.constantFrom<FaultScope>("backend", "run", "unclear").map(hold),
    ),
  }),
);

test("whatever comes, only a backend that works closes it, and only its failures open it", (t) => {
  fc.assert(
    fc.property(fc.array(EVENT, { maxLength: 60 }), (events) => {
      let breaker: Breaker = CLOSED;
      for (const [nowMs, event] of events.entries()) {
        const before = breaker;
        breaker = afterEvent(before, event, nowMs, () => 0.5);
        const outcome = event.kind === "outcome" ? event.outcome : undefined;
        const works = outcome !== undefined && outcome.kind !== "retry" && outcome.kind !== "hold";
        if (works) t.is(breaker.kind, "closed");
        if (before.kind !== "closed" && breaker.kind === "closed") t.true(works);
        if (before.kind === "closed" && breaker.kind !== "closed")
          t.true(outcome !== undefined && "scope" in outcome && outcome.scope !== "run");
        if (breaker.kind === "closed") t.true(breaker.suspects.length < BREAKER_SUSPECTS);
        t.is(troubleOf(breaker) === undefined, breaker.kind === "closed");
        // Nobody waits longer than the longest wait.
        t.true((troubleOf(breaker)?.dueMs ?? nowMs) <= nowMs + Math.max(HOLD_WAIT_MS, RETRY_WAIT_MS_MAX));
      }
    }),
  );
});
