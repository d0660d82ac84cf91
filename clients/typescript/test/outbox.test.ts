import test from "ava";
import { Outbox } from "../src/sender/outbox.js";

function filled(batches: number, windowBytes: number): Outbox {
  const outbox = new Outbox();
  for (let sequence = 1; sequence <= batches; sequence++) outbox.add(batchOf(sequence));
  outbox.welcome(0, windowBytes);
  return outbox;
}

function batchOf(sequence: number) {
  return { sequence, bytes: new Uint8Array(100), entries: 10, points: 8 };
}

function takeAll(outbox: Outbox): number[] {
  const taken: number[] = [];
  for (let next = outbox.take(); next; next = outbox.take()) taken.push(next.batch.sequence);
  return taken;
}

function rejection(sequence: number, index: number, entries: number, entryKind = 1) {
  return { sequence, index, entries, entryKind, code: "C", message: "", remedy: "" };
}

test("no more is sent than the window allows, and an acknowledgement opens it again", (t) => {
  const outbox = filled(10, 350);
  t.deepEqual(takeAll(outbox), [1, 2, 3]);
  t.deepEqual(outbox.acknowledge(2), { bytes: 200, entries: 20, points: 16 });
  t.deepEqual(takeAll(outbox), [4, 5]);
  t.is(outbox.firstUnacknowledgedSequence, 3);
});

test("a batch that is larger than the whole window goes alone", (t) => {
  const outbox = filled(2, 50);
  t.deepEqual(takeAll(outbox), [1]);
  outbox.acknowledge(1);
  t.deepEqual(takeAll(outbox), [2]);
});

test("after Welcome what the daemon has is settled and the rest goes again in order, once per stream", (t) => {
  const outbox = filled(6, 1_000);
  takeAll(outbox);
  outbox.acknowledge(2);
  t.deepEqual(outbox.welcome(4, 1_000), { bytes: 200, entries: 20, points: 16 });
  t.is(outbox.take()?.isFirst, false);
  t.deepEqual(takeAll(outbox), [6]);
  outbox.add(batchOf(7));
  t.is(outbox.take()?.isFirst, true);
  outbox.acknowledge(7);
  t.true(outbox.isEmpty);
  t.is(outbox.firstUnacknowledgedSequence, 8);
});

test("a daemon that knows nothing of the producer gets everything that is held", (t) => {
  const outbox = filled(4, 1_000);
  takeAll(outbox);
  outbox.acknowledge(2);
  outbox.welcome(0, 1_000);
  t.deepEqual(takeAll(outbox), [3, 4]);
});

test("a rewind goes back once, however often the daemon asks for it", (t) => {
  const outbox = filled(6, 1_000);
  t.deepEqual(takeAll(outbox), [1, 2, 3, 4, 5, 6]);
  outbox.acknowledge(2);
  outbox.rewind(4);
  outbox.rewind(4);
  t.deepEqual(takeAll(outbox), [4, 5, 6]);
  outbox.rewind(4);
  t.deepEqual(takeAll(outbox), []);
  outbox.acknowledge(6);
  t.true(outbox.isEmpty);
});

test("a refused entry counts once, and not as acknowledged, however often its batch is sent", (t) => {
  const outbox = filled(1, 1_000);
  takeAll(outbox);
  t.is(outbox.reject(rejection(1, 0, 3)).entries, 3);
  outbox.welcome(0, 1_000);
  takeAll(outbox);
  t.is(outbox.reject(rejection(1, 0, 3)).entries, 0);
  t.is(outbox.reject(rejection(1, 0, 1, 2)).entries, 1);
  t.deepEqual(outbox.acknowledge(1), { bytes: 100, entries: 6, points: 5 });
});

test("long queues keep their order when their settled front is given back", (t) => {
  const outbox = filled(0, 1e9);
  const sent: number[] = [];
  for (let sequence = 1; sequence <= 5_000; sequence++) {
    outbox.add(batchOf(sequence));
    if (sequence % 3 === 0) sent.push(...takeAll(outbox));
    if (sequence % 700 === 0) outbox.acknowledge(sequence - 50);
  }
  sent.push(...takeAll(outbox));
  outbox.acknowledge(5_000);
  t.deepEqual(
    sent,
    Array.from({ length: 5_000 }, (_, i) => i + 1),
  );
  t.true(outbox.isEmpty);
});
