import test from "ava";
import { FairQueue } from "../../src/relay/fair-queue.js";

function queueOf(...items: [flow: string, key: string, bytes: number][]) {
  const queue = new FairQueue<{ flow: string; key: string; bytes: number }>();
  for (const [flow, key, bytes] of items) queue.add({ flow, key, bytes });
  return queue;
}

/** The next group of so many bytes at most, as keys. */
function next(queue: ReturnType<typeof queueOf>, bytesMax: number): string[] {
  let bytes = 0;
  const group = queue.next((item) => {
    if (bytes > 0 && bytes + item.bytes > bytesMax) return false;
    bytes += item.bytes;
    return true;
  });
  queue.done(group);
  return group.map(({ key }) => key);
}

test("a home with a thousand packs and one with a single pack share a group", (t) => {
  const many = Array.from({ length: 1000 }, (_, index): [string, string, number] => [
    "many",
    `m${index}`,
    10_000,
  ]);
  const queue = queueOf(...many, ["one", "o", 10_000]);
  const group = next(queue, 200_000);
  t.true(group.includes("o"), group.join(" "));
  t.is(group.length, 20);
});

test("two homes that always have more get as much as each other, whatever the size of their packs", (t) => {
  const small = Array.from({ length: 2000 }, (_, index): [string, string, number] => [
    "small",
    `s${index}`,
    1_000,
  ]);
  const large = Array.from({ length: 60 }, (_, index): [string, string, number] => [
    "large",
    `l${index}`,
    200_000,
  ]);
  const queue = queueOf(...small, ...large);
  const got = { s: 0, l: 0 };
  for (let round = 0; round < 20; round++)
    for (const key of next(queue, 400_000))
      got[key.startsWith("s") ? "s" : "l"] += key.startsWith("s") ? 1_000 : 200_000;
  const ratio = got.s / got.l;
  t.true(ratio > 0.3 && ratio < 3, JSON.stringify(got));
});

test("of one run only one pack is under way, and a home's packs keep their order", (t) => {
  const queue = queueOf(["home", "a", 10], ["home", "a", 20], ["home", "b", 30]);
  const first = queue.next(() => true);
  t.deepEqual(
    first.map(({ bytes }) => bytes),
    [10, 30],
  );
  t.deepEqual(
    queue.next(() => true),
    [],
  );
  queue.done(first);
  t.deepEqual(next(queue, 100), ["a"]);
  t.is(queue.size, 0);
});

test("a pack that is larger than any group goes alone, and keeps nobody waiting for ever", (t) => {
  const queue = queueOf(["home", "large", 5_000_000], ["home", "small", 10], ["other", "o", 10]);
  const groups = [next(queue, 1_000), next(queue, 1_000), next(queue, 1_000)].flat();
  t.deepEqual(groups.sort(), ["large", "o", "small"]);
  t.is(queue.size, 0);
});

test("a large pack gets its turn beside homes that always have more", (t) => {
  const small = Array.from({ length: 20 }, (_, home) =>
    Array.from({ length: 300 }, (_, index): [string, string, number] => [
      `h${home}`,
      `h${home}/${index}`,
      10_000,
    ]),
  );
  const queue = queueOf(...small.flat(), ["large", "large", 900_000]);
  const groups = Array.from({ length: 30 }, () => next(queue, 1_000_000));
  t.true(groups.flat().includes("large"));
});

test("what nobody waits for is taken out", (t) => {
  const queue = queueOf(["home", "a", 10], ["gone", "b", 10], ["gone", "c", 10]);
  const removed = queue.removeAll(({ flow }) => flow === "gone");
  t.deepEqual(
    removed.map(({ key }) => key),
    ["b", "c"],
  );
  t.is(queue.size, 1);
  t.deepEqual(next(queue, 100), ["a"]);
});
