import test from "ava";
import type { RelayOutcome } from "../../../src/gen/stepwell/v1/relay.js";
import { PacksUnderWay } from "../../../src/sinks/relay/packs-under-way.js";
import { until } from "../../support/until.js";

/** A stream that writes down what is written to it. A pack without an answer keeps the test's process for a minute. */
function streamFor(answerMs = 60_000) {
  const written: number[] = [];
  const silences: string[] = [];
  const packs = new PacksUnderWay({
    write: (bytes) => void written.push(bytes[0] ?? 0),
    onSilence: ({ code }) => void silences.push(code),
    ...{ relay: "grpc://here", answerMs },
  });
  /** Sends a pack of so many bytes; the first one is its number. */
  const send = (bytes: number) =>
    packs.deliver((number) => {
      const pack = new Uint8Array(bytes);
      pack[0] = number;
      return pack;
    });
  const answer = (number: number) =>
    packs.answered({
      number: BigInt(number),
      result: undefined,
      run: undefined,
      runUrl: "",
    } satisfies RelayOutcome);
  return { packs, written, silences, send, answer };
}

test("nothing goes before the relay's welcome, and then what its window takes, in order", async (t) => {
  const { packs, written, send, answer } = streamFor();
  const sent = [1, 2, 3, 4].map(() => send(1_000));
  t.deepEqual(written, []);
  // Each counts 2,048 bytes more than it has.
  packs.open(7_000, 10_000);
  t.deepEqual(written, [1, 2]);
  answer(1);
  t.deepEqual(written, [1, 2, 3]);
  answer(3);
  answer(2);
  t.deepEqual(written, [1, 2, 3, 4]);
  answer(4);
  t.is((await Promise.all(sent)).length, 4);
  t.is(packs.underWay, 0);
});

test("a single pack that is larger than the window goes when nothing is under way", (t) => {
  const { packs, written, send, answer } = streamFor();
  packs.open(100, 10_000);
  void send(5_000);
  void send(5_000);
  t.deepEqual(written, [1]);
  answer(1);
  t.deepEqual(written, [1, 2]);
  answer(2);
});

test("one that is larger than a message may be is not sent, and takes no number", async (t) => {
  const { packs, written, send, answer } = streamFor();
  packs.open(50_000, 4_000);
  t.deepEqual(await send(4_001), { kind: "too large", bytes: 4_001, bytesMax: 4_000 });
  void send(4_000);
  t.deepEqual(written, [1]);
  answer(1);
});

test("a smaller window keeps back what comes, a larger one lets it go, and a pause holds all of it", async (t) => {
  const { packs, written, send, answer } = streamFor();
  packs.open(50_000, 10_000);
  void send(1_000);
  packs.credit(3_048, 0);
  void send(1_000);
  t.deepEqual(written, [1]);
  packs.credit(50_000, 0);
  t.deepEqual(written, [1, 2]);
  answer(1);
  answer(2);
  packs.credit(50_000, 200);
  const paused = send(1_000);
  t.deepEqual(written, [1, 2]);
  await until(
    "the pause is over",
    () => written,
    (all) => all.length > 2,
  );
  t.deepEqual(written, [1, 2, 3]);
  answer(3);
  await paused;
});

test("what waits when the stream is retired is to go elsewhere; what was sent waits for its outcome", async (t) => {
  const { packs, send, answer } = streamFor();
  packs.open(3_048, 10_000);
  const first = send(1_000);
  const second = send(1_000);
  packs.retire();
  t.deepEqual(await second, { kind: "retired" });
  t.true(packs.underWay > 0);
  answer(1);
  t.like(await first, { number: 1n });
});

test("a pack that finds no room in time is told so alone; one without an outcome in time tells of the whole stream", async (t) => {
  const { packs, silences, send } = streamFor(100);
  packs.open(3_048, 10_000);
  const first = send(1_000);
  await t.throwsAsync(send(1_000), { code: "STEPWELL_SERVER_BUSY" });
  t.deepEqual(silences, ["STEPWELL_SERVER_UNREACHABLE"]);
  packs.retire();
  void first;
});
