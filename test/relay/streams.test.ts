/** What a relay makes of streams that are no daemon's, or half dead. */
import anyTest from "ava";
import type { DeliverRequest } from "../../src/gen/stepwell/v1/relay.js";
import { until } from "../support/until.js";
import { FakeStore } from "./fake-store.js";
import { RawStream } from "./raw-stream.js";
import { HOME_ID, packFor, relayFor, runId } from "./relay.js";

/** One after the other: what is to come within some hundred milliseconds is not to wait for others' work. */
const test = anyTest.serial;

test("a stream that does not begin with a valid RelayOpen is ended with its code", async (t) => {
  const { port } = await relayFor(t);
  const cases: [string, (stream: RawStream) => void][] = [
    ["STEPWELL_HANDSHAKE_INVALID", (stream) => stream.pack(1, packFor())],
    ["STEPWELL_HANDSHAKE_INVALID", (stream) => stream.open("not-an-id")],
    ["STEPWELL_HANDSHAKE_INVALID", (stream) => stream.raw(new Uint8Array(0))],
    ["STEPWELL_VERSION_MISMATCH", (stream) => stream.open(HOME_ID, { protocolMin: 2, protocolMax: 3 })],
    ["STEPWELL_VERSION_MISMATCH", (stream) => stream.open(HOME_ID, { protocolMin: 0, protocolMax: 0 })],
    ["STEPWELL_BATCH_MALFORMED", (stream) => stream.raw(Buffer.from("0a05ffffffffff", "hex"))],
  ];
  for (const [code, say] of cases) {
    const stream = new RawStream(port);
    say(stream);
    t.is(await stream.ended, code);
    stream.close();
  }
});

test("a daemon of a newer version that still speaks ours is welcomed, and what it says beyond it is passed over", async (t) => {
  const { port } = await relayFor(t);
  const stream = new RawStream(port);
  stream.open(HOME_ID, { protocolMin: 1, protocolMax: 2 });
  t.is((await stream.answer("welcome")).protocol, 1);
  stream.raw(Buffer.from("fa3e03616263", "hex"));
  stream.pack(1, packFor());
  t.is((await stream.outcome(1))?.$case, "delivered");
  stream.close();
});

test("a message that breaks the protocol ends its stream, and nobody else's", async (t) => {
  const { store, port } = await relayFor(t);
  const good = new RawStream(port);
  good.open("b".repeat(32));
  await good.answer("welcome");
  const bad: [string, (stream: RawStream) => void][] = [
    ["the wrong number", (stream) => stream.pack(2, packFor())],
    ["a second open", (stream) => stream.open()],
    ["noise", (stream) => stream.raw(Buffer.from("12".repeat(300), "hex"))],
    ["a number of a question", (stream) => stream.say({ $case: "look", value: { number: 7n } })],
    [
      "a question for no run",
      (stream) =>
        stream.say({
          $case: "cursorQuery",
          value: { number: 1n, questions: [{ runId: "x'", after: undefined }] },
        }),
    ],
    [
      "too many questions",
      (stream) => {
        const questions = Array.from({ length: 501 }, () => ({ runId: runId(1), after: undefined }));
        stream.say({ $case: "cursorQuery", value: { number: 1n, questions } });
      },
    ],
  ];
  for (const [what, say] of bad) {
    const stream = new RawStream(port);
    stream.open();
    await stream.answer("welcome");
    say(stream);
    t.is(await stream.ended, "STEPWELL_BATCH_MALFORMED", what);
    stream.close();
  }
  good.pack(1, packFor());
  t.is((await good.outcome(1))?.$case, "delivered");
  t.is(store.groups.flat().length, 1);
  good.close();
});

test("random bytes never end the relay", async (t) => {
  const { port } = await relayFor(t);
  let seed = 20_261_130;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  const streams = Array.from({ length: 60 }, () => {
    const stream = new RawStream(port);
    if (random() < 0.5) stream.open();
    for (let message = 0; message < 5; message++)
      stream.raw(Uint8Array.from({ length: Math.floor(random() * 200) }, () => Math.floor(random() * 256)));
    return stream;
  });
  const ends = await Promise.all(streams.map(({ ended }) => ended));
  t.true(
    ends.every((end) => /^STEPWELL_(BATCH_MALFORMED|HANDSHAKE_INVALID)$/.test(end)),
    ends.join(" "),
  );
  const good = new RawStream(port);
  good.open();
  good.pack(1, packFor());
  t.is((await good.outcome(1))?.$case, "delivered");
  for (const stream of [...streams, good]) stream.close();
});

test("a pack that no store could take is refused with its code, and the next one goes through", async (t) => {
  const { store, port } = await relayFor(t);
  const stream = new RawStream(port);
  stream.open();
  const good = packFor();
  const after = { homeId: HOME_ID, incarnation: "1", seq: 9 };
  const bad: [string, ReturnType<typeof packFor>][] = [
    ["STEPWELL_RUN_ID_INVALID", { ...good, runId: "run" }],
    ["STEPWELL_BATCH_MALFORMED", { ...good, records: [] }],
    ["STEPWELL_BATCH_MALFORMED", { ...good, records: [Buffer.from("ffff", "hex")] }],
    ["STEPWELL_BATCH_MALFORMED", { ...good, after }],
    ["STEPWELL_BATCH_MALFORMED", { ...good, after: { ...after, homeId: "x" } }],
    ["STEPWELL_BATCH_MALFORMED", { ...good, lastSeq: 2 ** 53 }],
    ["STEPWELL_BATCH_MALFORMED", { ...good, author: { homeId: HOME_ID, incarnation: "1".repeat(65) } }],
    ["STEPWELL_BATCH_MALFORMED", { ...good, records: Array.from({ length: 1001 }, () => new Uint8Array(0)) }],
    ["STEPWELL_BATCH_MALFORMED", packFor({ records: [1001] })],
    ["STEPWELL_VALUE_TOO_LONG", packFor({ tags: [{ key: "note", value: "x".repeat(8001) }] })],
    ["STEPWELL_KEY_INVALID", packFor({ tags: [{ key: "../note", value: "x" }] })],
  ];
  let number = 0;
  for (const [code, pack] of bad) {
    stream.pack(++number, pack);
    const result = await stream.outcome(number);
    t.is(result?.$case === "refused" ? result.value.code : result?.$case, code);
  }
  stream.pack(++number, good);
  t.is((await stream.outcome(number))?.$case, "delivered");
  t.is(store.groups.flat().length, 1);
  stream.close();
});

test("streams that never open are ended in time, and cost those that do nothing", async (t) => {
  const { port, server } = await relayFor(t, { greetingMs: 300 });
  const silent = Array.from({ length: 50 }, () => new RawStream(port));
  const good = new RawStream(port);
  good.open();
  await good.answer("welcome");
  const ends = await Promise.all(silent.map(({ ended }) => ended));
  t.deepEqual(new Set(ends), new Set(["STEPWELL_STREAMS_FULL"]));
  t.is(server.streams(), 1);
  good.pack(1, packFor());
  t.is((await good.outcome(1))?.$case, "delivered");
  for (const stream of [...silent, good]) stream.close();
});

test("what a home has under way is dropped when it is gone, and the store is not asked for it", async (t) => {
  const store = new FakeStore();
  store.limits = { ...store.limits, requestsMax: 1 };
  const { port, server } = await relayFor(t, { store });
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  store.gate = () => gate;
  const gone = new RawStream(port);
  const stays = new RawStream(port);
  gone.open();
  stays.open("b".repeat(32));
  gone.pack(1, packFor({ run: 1 }));
  await stays.answer("welcome");
  await until(
    "the first group is under way",
    () => store.gated,
    (gated) => gated === 1,
  );
  for (let number = 2; number <= 20; number++) gone.pack(number, packFor({ run: number }));
  stays.pack(1, packFor({ run: 99 }));
  await until(
    "packs wait",
    () => server.waiting(),
    (waiting) => waiting >= 19,
  );
  gone.close();
  await until(
    "they are dropped",
    () => server.waiting(),
    (waiting) => waiting <= 2,
  );
  open();
  t.is((await stays.outcome(1))?.$case, "delivered");
  const written = store.groups.flat().length;
  t.true(written <= 4, `${written} packs were written`);
  stays.close();
});

test("a home that reads nothing of what it is told is not read any further", async (t) => {
  const { store, port } = await relayFor(t);
  const reason = "x".repeat(60_000);
  store.answers = () => ({ kind: "refused", code: "STEPWELL_ENTRY_REFUSED", reason });
  const deaf = new RawStream(port);
  deaf.open();
  await deaf.answer("welcome");
  deaf.call.pause();
  for (let number = 1; number <= 400; number++) deaf.pack(number, packFor({ run: number }));
  const other = new RawStream(port);
  other.open("b".repeat(32));
  other.pack(1, packFor());
  t.is((await other.outcome(1))?.$case, "refused");
  // 24 MB of answers: what is not read stays with its home, in packs that were not taken.
  const taken = () => store.groups.flat().length;
  let last = -1;
  await until(
    "it is not read any more",
    () => {
      const before = last;
      last = taken();
      return before === last;
    },
    (isStill) => isStill,
    { everyMs: 500 },
  );
  t.true(taken() < 200, `${taken()} packs were taken`);
  deaf.call.resume();
  await until("it is read on", taken, (count) => count === 401);
  for (const stream of [deaf, other]) stream.close();
});

test("questions are answered, and more of them than may wait end the stream", async (t) => {
  const { store, port } = await relayFor(t);
  const stream = new RawStream(port);
  stream.open();
  stream.pack(1, packFor());
  await stream.outcome(1);
  stream.say({ $case: "look", value: { number: 1n } });
  t.is((await stream.answer("looked")).writes, 1n);
  store.writesOf = () => new Promise(() => undefined);
  const ask = (number: bigint): DeliverRequest["message"] => ({ $case: "look", value: { number } });
  for (let number = 2n; number <= 11n; number++) stream.say(ask(number));
  t.is(await stream.ended, "STEPWELL_BATCH_MALFORMED");
  stream.close();
});
