import test, { type ExecutionContext } from "ava";
import { type DeadLetter, DeadLetters, type LetterSelection } from "../../src/runs/dead-letters.js";
import { openStore } from "../../src/store/store.js";
import { TABLES } from "../../src/store/tables.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";

const ALL: LetterSelection = { runId: "", tracker: "" };
const [RUN, OTHER] = ["ab".repeat(16), "cd".repeat(16)];

async function setUp(t: ExecutionContext) {
  const store = await openStore(await scratchFolder(t));
  t.teardown(() => store.close());
  const open = (bytesMax?: number) => DeadLetters.open(store, new SetClock(), bytesMax);
  return { store, open, letters: await open() };
}

function letterOf(runId: string, tracker: string, entries: number, payload = "AAAA"): DeadLetter {
  return { runId, tracker, code: "STEPWELL_PARAM_CHANGED", reason: "no", entries, payload };
}

async function numbersOf(letters: DeadLetters, selection: LetterSelection, after = 0): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { number } of letters.list(selection, after)) numbers.push(number);
  return numbers;
}

test("letters are listed by run and tracker, from a number on, and taken by their numbers", async (t) => {
  const { letters } = await setUp(t);
  await letters.park([letterOf(RUN, "a", 1), letterOf(RUN, "b", 2)]);
  await letters.park([letterOf(OTHER, "a", 4)]);
  t.deepEqual(await numbersOf(letters, ALL), [1, 2, 3]);
  t.deepEqual(await numbersOf(letters, ALL, 1), [2, 3]);
  t.deepEqual(await numbersOf(letters, { runId: RUN, tracker: "" }), [1, 2]);
  t.deepEqual(await numbersOf(letters, { runId: RUN, tracker: "a" }), [1]);
  t.deepEqual(await numbersOf(letters, { ...ALL, numbers: [3, 1, 3] }), [1, 3]);
  await t.throwsAsync(numbersOf(letters, { ...ALL, numbers: [1, 9] }), {
    code: "STEPWELL_DEAD_LETTER_UNKNOWN",
  });
  t.like(await letters.get(2), { number: 2, tracker: "b", entries: 2, parkedMs: 1_000_000 });
});

test("what is dropped is gone at once and after a restart, and no number is used twice", async (t) => {
  const { letters, open } = await setUp(t);
  await letters.park([letterOf(RUN, "a", 1), letterOf(RUN, "b", 2), letterOf(OTHER, "a", 4)]);
  t.deepEqual(await letters.drop({ runId: "", tracker: "a" }), { letters: 2, entries: 5 });
  t.deepEqual([letters.letters, letters.entries], [1, 2]);
  const again = await open();
  t.deepEqual([again.letters, again.entries], [1, 2]);
  t.deepEqual(await again.drop(ALL), { letters: 1, entries: 2 });
  const empty = await open();
  t.is(empty.entries, 0);
  await empty.park([letterOf(RUN, "a", 8)]);
  t.deepEqual(await numbersOf(empty, ALL), [4]);
});

test("a choice with an unknown number drops nothing", async (t) => {
  const { letters } = await setUp(t);
  await letters.park([letterOf(RUN, "a", 1)]);
  await t.throwsAsync(letters.drop({ ...ALL, numbers: [1, 2] }), { code: "STEPWELL_DEAD_LETTER_UNKNOWN" });
  t.is(letters.entries, 1);
});

test("letters that were parked before there were sums are counted, and their numbers go on", async (t) => {
  const { store, open, letters } = await setUp(t);
  await letters.park([letterOf(RUN, "a", 3), letterOf(RUN, "a", 5)]);
  await store.write([{ table: TABLES.counter, key: "dead-letters", value: undefined }], { sync: true });
  const again = await open();
  t.deepEqual([again.letters, again.entries], [2, 8]);
  await again.park([letterOf(RUN, "a", 1)]);
  t.deepEqual(await numbersOf(again, ALL), [1, 2, 3]);
});

test("letters are handed over in portions, and only those that are taken go", async (t) => {
  const { letters } = await setUp(t);
  await letters.park(Array.from({ length: 5 }, (_, index) => letterOf(RUN, "a", index, "A".repeat(1_000))));
  const portions: number[][] = [];
  await letters.takeEach(ALL, 2_000, async (portion) => {
    portions.push(portion.map(({ number }) => number));
    // What is parked now is not handed over: it would go round and round.
    await letters.park([letterOf(OTHER, "a", 1)]);
    return portion.filter(({ number }) => number % 2 === 1);
  });
  t.deepEqual(portions, [[1, 2], [3, 4], [5]]);
  t.deepEqual(await numbersOf(letters, ALL), [2, 4, 6, 7, 8]);
});

test("two who take at the same time never get the same letter", async (t) => {
  const { letters } = await setUp(t);
  await letters.park(Array.from({ length: 20 }, () => letterOf(RUN, "a", 1)));
  const seen: number[] = [];
  const take = () =>
    letters.takeEach(ALL, 500, async (portion) => {
      seen.push(...portion.map(({ number }) => number));
      return portion;
    });
  await Promise.all([take(), take(), letters.park([letterOf(RUN, "a", 1)])]);
  t.is(new Set(seen).size, seen.length);
  t.is(letters.entries + seen.length, 21);
});

test("beyond their bytes they say that they are full, until some are dropped", async (t) => {
  const { open } = await setUp(t);
  const letters = await open(5_000);
  await letters.park([letterOf(RUN, "a", 1, "A".repeat(4_000))]);
  t.is(letters.fullness, undefined);
  await letters.park([letterOf(RUN, "a", 1, "A".repeat(4_000))]);
  t.is(letters.fullness?.code, "STEPWELL_DEAD_LETTERS_FULL");
  t.regex(letters.fullness?.message ?? "", /^2 dead letters hold 8\d\d\d bytes; 5000 are allowed\.$/);
  t.truthy((await open(5_000)).fullness, "also after a restart");
  await letters.drop({ ...ALL, numbers: [1] });
  t.is(letters.fullness, undefined);
});

test("a letter takes the place of others, as far as they are still there, and the sums go with it", async (t) => {
  const { letters, open } = await setUp(t);
  await letters.park([letterOf(RUN, "a", 1), letterOf(RUN, "a", 2), letterOf(RUN, "a", 4)]);
  await letters.drop({ ...ALL, numbers: [2] });
  await letters.parkInPlaceOf([1, 2, 1], letterOf(RUN, "a", 8));
  t.deepEqual(await numbersOf(letters, ALL), [3, 4]);
  for (const each of [letters, await open()]) t.like(each, { letters: 2, entries: 12 });
});

test("letters that somebody else replaces while they are taken or dropped count once", async (t) => {
  const { letters, open } = await setUp(t);
  await letters.park([letterOf(RUN, "a", 1), letterOf(RUN, "a", 2), letterOf(RUN, "a", 4)]);
  await letters.takeEach(ALL, 1_000_000, async (portion) => {
    await letters.parkInPlaceOf([1, 3], letterOf(RUN, "a", 8));
    return portion;
  });
  t.deepEqual(await numbersOf(letters, ALL), [4]);
  for (const each of [letters, await open()]) t.like(each, { letters: 1, entries: 8 });
});

test("a letter that goes while those of some numbers are listed is left out", async (t) => {
  const { letters } = await setUp(t);
  await letters.park([letterOf(RUN, "a", 1), letterOf(RUN, "a", 2), letterOf(RUN, "a", 4)]);
  const seen: number[] = [];
  for await (const { number } of letters.list({ ...ALL, numbers: [1, 2, 3] })) {
    seen.push(number);
    if (number === 1) await letters.parkInPlaceOf([2], letterOf(RUN, "a", 8));
  }
  t.deepEqual(seen, [1, 3]);
});
