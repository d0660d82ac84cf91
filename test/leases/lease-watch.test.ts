import test from "ava";
import { LeaseWatch } from "../../src/leases/lease-watch.js";
import { LEASE_RETURN_MS, LEASE_SETTLE_MS } from "../../src/model/limits.js";
import type { ProcessId } from "../../src/model/process.js";

const HERE: ProcessId = { bootId: "boot", pidNamespace: "7", pid: 42, startTicks: "100" };
const ELSEWHERE: ProcessId = { ...HERE, pidNamespace: "8" };

function setUp(process: ProcessId) {
  const state = {
    nowMs: 1_000,
    alive: true,
    held: true,
    lost: [] as string[],
    regained: 0,
    fails: 0,
    warned: 0,
    looks: 0,
    /** Looks that leave some for the next one. */
    behind: 0,
  };
  const lose = async (reason: string) => {
    if (state.fails-- > 0) throw new Error("journal full");
    state.lost.push(reason);
    state.held = false;
  };
  const keeper = {
    held: () => (state.held ? [{ process, lose }] : []),
    get isBehind() {
      return state.behind > 0;
    },
    resume: async () => {
      state.looks += 1;
      state.behind -= 1;
    },
    regain: async () => {
      state.regained += 1;
      state.held = true;
    },
  };
  const found = () => (state.alive ? { startTicks: "100", isZombie: false } : undefined);
  const watch = new LeaseWatch({
    machine: { bootId: "boot", pidNamespace: "7", processAt: found },
    keepers: [keeper],
    log: () => {
      state.warned += 1;
    },
    returnMs: LEASE_RETURN_MS,
    monotonicMs: () => state.nowMs,
  });
  return { state, watch };
}

test("a process that is gone loses its lease once its stream has been read to its end", async (t) => {
  const { state, watch } = setUp(HERE);
  await watch.connected(HERE);
  state.alive = false;
  await watch.look();
  t.deepEqual(state.lost, []);
  watch.disconnected(HERE);
  await watch.look();
  t.is(state.lost.length, 1);
});

test("a stream that a forked child holds open delays the end by the time to settle, not for ever", async (t) => {
  const { state, watch } = setUp(HERE);
  await watch.connected(HERE);
  state.alive = false;
  await watch.look();
  state.nowMs += LEASE_SETTLE_MS - 1;
  await watch.look();
  t.deepEqual(state.lost, []);
  state.nowMs += 1;
  await watch.look();
  t.is(state.lost.length, 1);
});

test("a live process keeps its lease for hours without a stream", async (t) => {
  const { state, watch } = setUp(HERE);
  for (let hour = 0; hour < 5; hour++, state.nowMs += 3_600_000) await watch.look();
  t.deepEqual(state.lost, []);
});

test("a process elsewhere has a minute to come back, from the start of the daemon or the end of its stream", async (t) => {
  const { state, watch } = setUp(ELSEWHERE);
  await watch.look();
  state.nowMs += LEASE_RETURN_MS - 1;
  await watch.look();
  t.deepEqual(state.lost, []);
  await watch.connected(ELSEWHERE);
  state.nowMs += 10 * LEASE_RETURN_MS;
  await watch.look();
  watch.disconnected(ELSEWHERE);
  await watch.look();
  t.deepEqual(state.lost, []);
  state.nowMs += LEASE_RETURN_MS;
  await watch.look();
  t.is(state.lost.length, 1);
  await watch.connected(ELSEWHERE);
  t.true(state.held);
  await watch.look();
  t.is(state.lost.length, 1);
});

test("an end that can't be journaled now is tried again", async (t) => {
  const { state, watch } = setUp(HERE);
  state.alive = false;
  state.fails = 2;
  for (let look = 0; look < 3; look++) await watch.look();
  t.is(state.lost.length, 1);
  t.is(state.warned, 2);
});

test("who waits for all of processes that are gone waits for looks that see a part, and for streams that are read", async (t) => {
  const { state, watch } = setUp(HERE);
  state.behind = 3;
  await watch.settle(60_000);
  t.is(state.looks, 3);
  await watch.connected(HERE);
  state.alive = false;
  const settling = watch.settle(60_000);
  await watch.look();
  t.deepEqual(state.lost, []);
  watch.disconnected(HERE);
  await settling;
  t.is(state.lost.length, 1);
});

test("a stream that a forked child holds open is not waited for longer than others", async (t) => {
  const { state, watch } = setUp(HERE);
  await watch.connected(HERE);
  state.alive = false;
  await watch.look();
  state.nowMs += LEASE_SETTLE_MS;
  await watch.settle(60_000);
  t.is(state.lost.length, 1);
});
