/** Many lanes at a backend that takes nothing: it is asked once for all, and then all go on in their order. */
import test from "ava";
import type { Pack } from "../../src/model/pack.js";
import type { FaultScope, Outcome, Sink } from "../../src/sinks/sink.js";
import { flusherOn } from "./flusher-on.js";

const LANES = 300;
const runIdOf = (index: number) => `${index}`.padStart(32, "0");

/** A backend that works or doesn't, as the test says. */
class SwitchedSink implements Sink {
  readonly limits = { pointsMax: 1_000, textsMax: 100, packsMax: 10, requestsMax: 4 };
  readonly cursors = undefined;
  /** The runs of each request. */
  readonly requests: string[][] = [];
  readonly delivered: string[] = [];
  failsFor: (runId: string) => FaultScope | undefined = () => undefined;
  /** Requests under way together, at most. */
  peak = 0;
  #busy = 0;

  async send(packs: readonly Pack[]): Promise<Outcome[]> {
    this.requests.push(packs.map(({ runId }) => runId));
    this.peak = Math.max(this.peak, ++this.#busy);
    await new Promise(setImmediate);
    this.#busy -= 1;
    return packs.map(({ runId }) => {
      const scope = this.failsFor(runId);
      if (scope) return { kind: "retry", scope, code: "STEPWELL_SERVER_UNREACHABLE", reason: "away" };
      this.delivered.push(runId);
      return { kind: "delivered", refused: [] };
    });
  }

  async close(): Promise<void> {}
}

test("a backend that is down gets one pack of one lane at a time, each time another lane's", async (t) => {
  const sink = new SwitchedSink();
  sink.failsFor = () => "backend";
  const { flusher, setTag, until } = await flusherOn(t, sink);
  await setTag(runIdOf(0), "a", "b");
  await until(() => flusher.trouble !== undefined);
  const before = sink.requests.length;
  for (let index = 1; index < LANES; index++) await setTag(runIdOf(index), "a", "b");
  t.is(sink.requests.length, before, "what arrives asks nothing");
  sink.peak = 0;
  for (let probes = 1; probes <= 20; probes++) {
    flusher.askAgain();
    const had = sink.requests.length;
    for (const end = performance.now() + 10_000; sink.requests.length === had && performance.now() < end; )
      await new Promise(setImmediate);
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    t.is(sink.requests.length, had + 1, "one asked, one probe");
  }
  const probes = sink.requests.slice(before);
  t.is(sink.peak, 1);
  t.true(probes.every((runIds) => runIds.length === 1));
  t.is(new Set(probes.flat()).size, probes.length, "one lane can't be asked for all others for ever");
  sink.failsFor = () => undefined;
  await until(() => flusher.trouble === undefined);
  await until(() => [...flusher.lanes()].length === 0);
  t.is(new Set(sink.delivered).size, LANES, "each lane has had its turn");
  t.is(sink.delivered.length, LANES);
});

test("lanes go on in the order of their waiting, and none starves beside one with ever more", async (t) => {
  const sink = new SwitchedSink();
  sink.failsFor = () => "backend";
  const { flusher, setTag, until } = await flusherOn(t, sink);
  await setTag(runIdOf(999), "a", "b");
  await until(() => flusher.trouble !== undefined);
  for (let index = 0; index < 50; index++) await setTag(runIdOf(index), "a", "b");
  const news: Promise<void>[] = [];
  sink.failsFor = (runId) => {
    // It has news whenever it was served.
    if (runId === runIdOf(999)) news.push(setTag(runIdOf(999), "a", "b"));
    return undefined;
  };
  await until(() => sink.delivered.includes(runIdOf(49)));
  const others = sink.delivered.filter((runId) => runId !== runIdOf(999));
  t.deepEqual(
    others,
    Array.from({ length: 50 }, (_, index) => runIdOf(index)),
  );
  sink.failsFor = () => undefined;
  await Promise.all(news);
  await until(() => [...flusher.lanes()].length === 0);
  t.is([...flusher.lanes()].length, 0);
});

test("one lane that makes the backend fail, or fails for itself, costs the others nothing", async (t) => {
  for (const scope of ["unclear", "run"] as const) {
    const sink = new SwitchedSink();
    sink.failsFor = (runId) => (runId === runIdOf(7) ? scope : undefined);
    const { flusher, setTag, until } = await flusherOn(t, sink);
    for (let index = 0; index < 40; index++) await setTag(runIdOf(index), "a", "b");
    await until(() => sink.delivered.length === 39);
    t.is(sink.delivered.length, 39, scope);
    t.is(flusher.trouble, undefined);
    t.like([...flusher.lanes()], [{ runId: runIdOf(7) }]);
    sink.failsFor = () => undefined;
    await until(() => [...flusher.lanes()].length === 0);
    t.is(sink.delivered.length, 40);
  }
});

test("a sink that throws costs the lanes of its request a wait, and is asked again", async (t) => {
  const sink = new SwitchedSink();
  const send = sink.send.bind(sink);
  sink.send = () => Promise.reject(new Error("a bug"));
  const { flusher, setTag, until } = await flusherOn(t, sink);
  for (let index = 0; index < 5; index++) await setTag(runIdOf(index), "a", "b");
  await until(() => [...flusher.lanes()].some(({ state }) => state.kind === "held"));
  sink.send = send;
  await until(() => [...flusher.lanes()].length === 0);
  t.is(sink.delivered.length, 5);
});
