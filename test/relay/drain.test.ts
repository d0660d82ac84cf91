/** Streams that are asked to go elsewhere: nothing of theirs is left in doubt. */
import anyTest, { type ExecutionContext } from "ava";
import { drainAgeMs } from "../../src/relay/sessions.js";
import { IN_DOUBT } from "../../src/sinks/relay/relay-sink.js";
import { until } from "../support/until.js";
import { Way } from "../support/way.js";
import { FakeStore } from "./fake-store.js";
import { type LaneCounts, runLanes } from "./lanes.js";
import { RawStream } from "./raw-stream.js";
import { packFor, relayFor, runId, sinkTo } from "./relay.js";

const HOMES = 8;

/** One after the other: streams that keep each other from this process are cut as dead ones, or too old when they open. */
const test = anyTest.serial;

function authorOf(home: number) {
  return { homeId: (home + 1).toString(16).padStart(32, "f"), incarnation: "1".repeat(32) };
}

function exactlyOnce(
  t: { deepEqual: (one: unknown, other: unknown) => void },
  store: FakeStore,
  all: LaneCounts[],
) {
  const expected = new Map(
    all.flatMap(({ points }) => [...points]).map(([run, count]) => [runId(run), count]),
  );
  t.deepEqual(Object.fromEntries(store.points), Object.fromEntries(expected));
}

/** Homes that send to two relays behind one address, while something is done to these. */
async function underLoad(
  t: ExecutionContext,
  streamAgeMs: number,
  work: (relays: Awaited<ReturnType<typeof relayFor>>[], store: FakeStore) => Promise<void>,
) {
  const store = new FakeStore();
  store.behind = () => new Promise((resolve) => setTimeout(resolve, 20));
  // Far more than it takes: this process is all of them, on a busy machine.
  const options = { store, streamAgeMs, streamDrainMs: 60_000 };
  const relays = [await relayFor(t, options), await relayFor(t, options)];
  const way = await Way.start(relays.map(({ port }) => ({ host: "127.0.0.1", port })));
  t.teardown(() => way.close());
  let isOver = false;
  // What the sink says of packs that were sent and have no outcome. A stream that a relay refuses while it ends, or that
  // a closing listener drops, was never welcomed: its packs were not sent, and are tried again.
  const doubts: unknown[] = [];
  const log = (_: string, message: string, facts: unknown) => {
    if (message === IN_DOUBT) doubts.push(facts);
  };
  const running = Array.from({ length: HOMES }, (_, home) => {
    const { sink } = sinkTo(t, `grpc://127.0.0.1:${way.port}`, { log });
    const runs = [0, 1, 2].map((run) => home * 10 + run + 1);
    return runLanes(sink, authorOf(home), runs, () => isOver);
  });
  let all: LaneCounts[];
  try {
    await until(
      "all homes send",
      () => store.points.size,
      (count) => count === HOMES * 3,
    );
    await work(relays, store);
  } finally {
    isOver = true;
    all = await Promise.all(running);
  }
  exactlyOnce(t, store, all);
  const outcomes = new Map<string, number>();
  for (const each of all)
    for (const [name, count] of each.outcomes) outcomes.set(name, (outcomes.get(name) ?? 0) + count);
  const known = /^(?:delivered|elsewhere|retry STEPWELL_SERVER_UNREACHABLE:.*)$/;
  t.deepEqual(
    [...outcomes.keys()].filter((name) => !known.test(name)),
    [],
  );
  return { store, outcomes, doubts };
}

test("a relay that ends under load leaves no pack in doubt, and its homes go on elsewhere at once", async (t) => {
  const { store, doubts } = await underLoad(t, 600_000, async (relays, ofAll) => {
    const before = ofAll.groups.length;
    await relays[0]?.server.close();
    t.is(relays[0]?.server.streams(), 0);
    await until(
      "the other goes on",
      () => ofAll.groups.length,
      (count) => count > before + 20,
    );
    // The last home may need a moment longer for its stream than others for their packs.
    await until(
      "all homes are there",
      () => relays[1]?.server.streams(),
      (count) => count === HOMES,
    );
  });
  t.deepEqual(doubts, []);
  t.is(store.moved, 0);
});

test("streams that are moved by their age leave no pack in doubt", async (t) => {
  // Longer than a slow machine takes to open a stream: one that is asked to go before it is open delivers nothing.
  const ageMs = 1_500;
  const { store, doubts } = await underLoad(t, ageMs, async (_, ofAll) => {
    const before = ofAll.groups.length;
    const movedMs = performance.now() + 3 * ageMs;
    await until(
      "they go on",
      () => ofAll.groups.length,
      (count) => count > before + 100 && performance.now() > movedMs,
    );
  });
  t.deepEqual(doubts, []);
  t.is(store.moved, 0);
});

test("a relay that dies under load leaves packs in doubt, which the cursor settles", async (t) => {
  const { outcomes, doubts } = await underLoad(t, 600_000, async (relays, ofAll) => {
    const before = ofAll.groups.length;
    relays[0]?.server.kill();
    await until(
      "the other goes on",
      () => ofAll.groups.length,
      (count) => count > before + 50,
    );
  });
  t.true([...outcomes.keys()].some((name) => name.startsWith("retry STEPWELL_SERVER_UNREACHABLE")));
  t.true(doubts.length > 0);
});

test("a stream that stays though it was asked to go is ended in time, with what it has under way in doubt", async (t) => {
  const store = new FakeStore();
  // It hangs for as long as the test takes: what hangs for ever keeps this process for ten seconds more.
  store.gate = () => new Promise((resolve) => t.teardown(resolve));
  const times = { streamAgeMs: 100, streamDrainMs: 300, streamWritingMs: 100 };
  const { port } = await relayFor(t, { store, ...times });
  const stream = new RawStream(port);
  stream.open();
  stream.pack(1, packFor());
  t.is((await stream.answer("drain")).withinMs, 300);
  t.is(await stream.ended, "STEPWELL_RELAY_STOPPING");
  stream.close();
});

test("a commit that is on its way when a stream's time is over is answered before the end, and what waits comes again", async (t) => {
  const store = new FakeStore();
  store.limits = { ...store.limits, requestsMax: 1 };
  const commits: (() => void)[] = [];
  store.behind = () => new Promise((resolve) => commits.push(resolve));
  const times = { streamAgeMs: 100, streamDrainMs: 300, streamWritingMs: 600_000 };
  const { port } = await relayFor(t, { store, ...times });
  const stream = new RawStream(port);
  stream.open();
  stream.pack(1, packFor({ run: 1 }));
  await until(
    "it is being written",
    () => store.gated,
    (count) => count === 1,
  );
  stream.pack(2, packFor({ run: 2 }));
  const waited = await stream.outcome(2);
  t.like(waited, { $case: "retry", value: { code: "STEPWELL_RELAY_STOPPING" } });
  t.deepEqual(stream.all("outcome").length, 1);
  // One that comes as late as that is not begun, either.
  stream.pack(3, packFor({ run: 3 }));
  t.is((await stream.outcome(3))?.$case, "retry");
  for (const commit of commits) commit();
  t.is((await stream.outcome(1))?.$case, "delivered");
  t.is(await stream.ended, "STEPWELL_RELAY_STOPPING");
  t.deepEqual([...store.points.keys()], [runId(1)]);
  stream.close();
});

test("what still comes over a stream that is to go is taken", async (t) => {
  const { port } = await relayFor(t, { streamAgeMs: 50, streamDrainMs: 30_000 });
  const stream = new RawStream(port);
  stream.open();
  await stream.answer("drain");
  stream.pack(1, packFor());
  t.is((await stream.outcome(1))?.$case, "delivered");
  stream.call.end();
  t.is(await stream.ended, "ended");
  stream.close();
});

test("ages of streams differ by a fifth either way", (t) => {
  const ages = [0, 0.5, 1].map((drawn) => Math.round(drainAgeMs(1_000, drawn)));
  t.deepEqual(ages, [800, 1_000, 1_200]);
});
