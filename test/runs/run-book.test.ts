import test, { type ExecutionContext } from "ava";
import { StepwellError } from "../../src/errors/stepwell-error.js";
import type { RunStart } from "../../src/model/run.js";
import type { Target } from "../../src/model/target.js";
import type { RunPosition } from "../../src/runs/run.js";
import { RunBook } from "../../src/runs/run-book.js";
import { leaveOpen, offer, place, suggest } from "../../src/runs/run-start.js";
import type { Change, Store } from "../../src/store/contract.js";
import { openStore } from "../../src/store/store.js";
import { TABLES } from "../../src/store/tables.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";
import { archiveRun, endRun, startRun } from "../support/runs.js";

const RUN = "ab".repeat(16);
const START: RunStart = {
  experimentName: "e",
  runName: "n",
  startTimeMs: 5,
  user: "",
  sourceName: "",
  parentRunId: "",
};
const backend = { kind: "sqlite", databasePath: "/a.db", artifactRoot: "/a" } as const;
const TARGET: Target = { trackerId: "t1", tracker: "one", backend };

async function setUp(t: ExecutionContext) {
  const store = await openStore(await scratchFolder(t));
  t.teardown(() => store.close());
  const journal = new Map<number, RunPosition>();
  const trackers = { known: true };
  const resolve = () => {
    if (trackers.known) return [TARGET];
    throw new StepwellError("STEPWELL_TRACKER_UNKNOWN", "none");
  };
  const journaled = (number: number) => journal.get(number);
  const open = (alongside: () => readonly Change[] = () => [], of: Store = store) =>
    RunBook.open({ store: of, clock: new SetClock(), alongside, journaled, resolve });
  return { store, journal, trackers, open, book: await open() };
}

/** What somebody waits for until another says so. */
function opening() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

const at = (seq: number, points: number): RunPosition => ({ seq, points, bytes: points * 24 });

test("a run gets one number, whoever comes first, and keeps it after a restart", async (t) => {
  const { book, open } = await setUp(t);
  const [one, two, other] = await Promise.all([
    book.touch(RUN),
    startRun(book, RUN, START),
    book.touch("cd".repeat(16)),
  ]);
  t.is(one.number, two.number);
  t.not(one.number, other.number);
  const again = await open();
  t.is(again.find(RUN)?.number, one.number);
  t.deepEqual(again.find(RUN)?.start, START);
  const fresh = await again.touch("ef".repeat(16));
  t.false([one.number, other.number].includes(fresh.number));
});

test("what is known of a store is on disk no later than how far a run is delivered to it", async (t) => {
  const { store, open } = await setUp(t);
  let writes = 1;
  const mark = { table: TABLES.storeMark, key: "a" };
  const book = await open(() => [{ ...mark, value: writes }]);
  await startRun(book, RUN, START);
  t.is(await store.get(mark.table, mark.key), undefined, "a run that begins says nothing of a store");
  writes = 2;
  book.advance(RUN, "t1", at(7, 70));
  await endRun(book, RUN, { status: "FINISHED", endTimeMs: 9 });
  // As after a kill: what moved was written with the end alone.
  t.is((await open()).find(RUN)?.delivered["t1"]?.seq, 7);
  t.is(await store.get(mark.table, mark.key), 2);
});

test("a run that ended without a time goes to the archive as any", async (t) => {
  const { book } = await setUp(t);
  await startRun(book, RUN, START);
  await endRun(book, RUN, { status: "FINISHED", endTimeMs: 0 });
  await book.archive([RUN], () => undefined);
  t.is(book.find(RUN), undefined);
  t.like(await book.archived(RUN), { status: "FINISHED", endTimeMs: 0 });
});

test("a second start changes nothing", async (t) => {
  const { book } = await setUp(t);
  await startRun(book, RUN, START);
  const run = await startRun(book, RUN, { ...START, runName: "other" }, ["x"]);
  t.is(run.start?.runName, "n");
  t.deepEqual(run.askedTrackers, []);
});

test("a run without its tracker gets its targets once there is one", async (t) => {
  const { book, trackers } = await setUp(t);
  trackers.known = false;
  t.is((await startRun(book, RUN, START)).targets, undefined);
  t.deepEqual(await book.resolveWaiting(), []);
  trackers.known = true;
  t.deepEqual(
    (await book.resolveWaiting()).map((run) => run.targets),
    [[TARGET]],
  );
});

test("a run is archived when it ended and is delivered in full, and its sums stay", async (t) => {
  const { book, journal, open } = await setUp(t);
  const { number } = await startRun(book, RUN, START);
  journal.set(number, at(9, 100));
  book.advance(RUN, "t1", at(9, 100));
  t.false(await archiveRun(book, RUN), "it goes on");
  await endRun(book, RUN, { status: "FINISHED", endTimeMs: 8 });
  journal.set(number, at(10, 120));
  t.false(await archiveRun(book, RUN), "its last entries are not delivered");
  book.advance(RUN, "t1", at(10, 120));
  const archiving = archiveRun(book, RUN);
  for (let turn = 0; turn < 3; turn++) {
    await Promise.resolve();
    t.like(book.totals(), { journaledPoints: 120, deliveredPoints: 120 }, "never counted twice");
  }
  t.true(await archiving);
  t.is(book.find(RUN), undefined);
  journal.clear();
  for (const each of [book, await open()]) {
    t.deepEqual(each.totals(), { journaledPoints: 120, deliveredPoints: 120, runs: 1 });
    t.is(each.highestSeq(), 10);
    t.like(await each.get(RUN.slice(0, 4)), { runId: RUN, status: "FINISHED", endTimeMs: 8 });
  }
});

test("an archived run that gets entries again comes back with its number, its cursor and its sums", async (t) => {
  const { book, journal } = await setUp(t);
  const { number } = await startRun(book, RUN, START);
  await endRun(book, RUN, { status: "FAILED", endTimeMs: 8 });
  journal.set(number, at(3, 30));
  book.advance(RUN, "t1", at(3, 30));
  t.true(await archiveRun(book, RUN));
  journal.clear();
  const back = await book.touch(RUN);
  t.is(back.number, number);
  t.deepEqual(book.journaled(back), at(3, 30));
  t.deepEqual(back.delivered["t1"], at(3, 30));
  t.like(book.totals(), { journaledPoints: 30, deliveredPoints: 30 });
});

test("a run that comes back from the archive is found at each moment of its way", async (t) => {
  const { book, store, open } = await setUp(t);
  await startRun(book, RUN, START);
  await endRun(book, RUN, { status: "FAILED", endTimeMs: 9 });
  t.true(await archiveRun(book, RUN));
  // What was written is there for readers before the writer hears of it.
  const [visible, heard] = [opening(), opening()];
  const late = await open(undefined, {
    ...store,
    write: async (changes, options) => {
      await store.write(changes, options);
      visible.open();
      await heard.opened;
    },
  });
  const coming = late.touch(RUN);
  await visible.opened;
  t.deepEqual(await store.list(TABLES.archivedRun), []);
  t.like(await late.list(), [{ runId: RUN }]);
  t.like(await late.get(RUN.slice(0, 8)), { runId: RUN });
  const whole = Promise.all([late.get(RUN), late.known(RUN)]);
  // A look at the archive is under way, and finds nothing.
  await store.get(TABLES.archivedRun, RUN);
  heard.open();
  t.like(await whole, [{ runId: RUN }, { runId: RUN }]);
  t.is(late.find(RUN), await coming);
});

test("cursors are on disk once they are secured", async (t) => {
  const { book, open } = await setUp(t);
  await startRun(book, RUN, START);
  book.advance(RUN, "t1", at(4, 40));
  await book.secure();
  t.deepEqual((await open()).find(RUN)?.delivered["t1"], at(4, 40));
});

test("a prefix that fits several runs is ambiguous, one that fits none is unknown", async (t) => {
  const { book } = await setUp(t);
  await book.touch(`aaaa${"0".repeat(28)}`);
  await book.touch(`aaaa${"1".repeat(28)}`);
  t.like(await t.throwsAsync(book.get("aaaa")), { code: "STEPWELL_NAME_AMBIGUOUS" });
  t.like(await t.throwsAsync(book.get("bbbb")), { code: "STEPWELL_RUN_UNKNOWN" });
});

test("a run that ended and goes on is not archived until it ends again", async (t) => {
  const { book, open } = await setUp(t);
  await startRun(book, RUN, START);
  await endRun(book, RUN, { status: "FAILED", endTimeMs: 9 });
  await endRun(book, RUN, { status: "RUNNING", endTimeMs: 0 });
  t.false(await archiveRun(book, RUN));
  t.like((await open()).find(RUN), { status: "RUNNING", endTimeMs: 0 });
  await endRun(book, RUN, { status: "FINISHED", endTimeMs: 10 });
  t.true(await archiveRun(book, RUN));
});

test("a run that something is being prepared for stays live, however much of it is delivered", async (t) => {
  const { book, journal } = await setUp(t);
  const { number } = await startRun(book, RUN, START);
  journal.set(number, at(3, 10));
  const letGo = book.holds.take(RUN);
  await endRun(book, RUN, { status: "FAILED", endTimeMs: 9 });
  book.advance(RUN, "t1", at(3, 10));
  t.false(await archiveRun(book, RUN), "its end is not in the journal yet");
  t.truthy(book.find(RUN));
  letGo();
  t.true(await archiveRun(book, RUN));
});

test("what comes for a run while it goes to the archive waits, and brings it back", async (t) => {
  const { book, open } = await setUp(t);
  const { number } = await startRun(book, RUN, START);
  await endRun(book, RUN, { status: "FAILED", endTimeMs: 9 });
  t.truthy(book.findFree(RUN));
  const archiving = archiveRun(book, RUN);
  t.is(book.findFree(RUN), undefined);
  const coming = book.touch(RUN);
  t.true(await archiving);
  t.is((await coming).number, number);
  t.is(book.findFree(RUN)?.number, number);
  t.is((await open()).find(RUN)?.number, number, "it is on disk before anything of it can be journaled");
});

test("a cursor that is written beside a change does not take the change back", async (t) => {
  const { book, open } = await setUp(t);
  await startRun(book, RUN, START);
  book.advance(RUN, "t1", at(3, 10));
  const ending = endRun(book, RUN, { status: "FAILED", endTimeMs: 9 });
  // The change is on its way to the disk, and the book does not show it yet.
  await Promise.resolve();
  await Promise.all([ending, book.secure()]);
  const again = await open();
  t.is(again.find(RUN)?.status, "FAILED");
  t.deepEqual(again.find(RUN)?.delivered["t1"], at(3, 10));
});

test("an open run goes nowhere, after a restart too, until it is placed: once, and in one experiment", async (t) => {
  const { book, open } = await setUp(t);
  await leaveOpen(book, RUN);
  t.like(await startRun(book, RUN, START), { isOpen: true, targets: undefined, status: "RUNNING" });
  t.deepEqual(await book.resolveWaiting(), []);
  const again = await open();
  const placed = await Promise.all(["mine", "other"].map((name) => place(again, RUN, name)));
  t.deepEqual(placed, [true, false]);
  t.like(again.find(RUN), {
    isOpen: undefined,
    targets: [TARGET],
    start: { ...START, experimentName: "mine" },
  });
  await leaveOpen(again, RUN);
  t.is(again.find(RUN)?.isOpen, undefined);
  t.false(await place(again, "cd".repeat(16), "mine"));
});

test("an open run that is placed because nothing happened is still its program's first run there, once", async (t) => {
  const { book, open } = await setUp(t);
  await leaveOpen(book, RUN);
  await startRun(book, RUN, START);
  await suggest(book, RUN, "mine");
  const again = await open();
  t.like(await offer(again, RUN), { isOffered: true, targets: [TARGET], start: { experimentName: "mine" } });
  t.is(await offer(again, RUN), undefined);
  await suggest(again, RUN, "too late");
  t.false(await place(again, RUN, "other"));
  const placed = [await place(again, RUN, "mine"), await place(again, RUN, "mine")];
  t.deepEqual(placed, [true, false]);
  t.like(again.find(RUN), { isOffered: undefined, start: { experimentName: "mine" } });
});

test("an offered run that ended is no program's first run", async (t) => {
  const { book } = await setUp(t);
  await leaveOpen(book, RUN);
  await startRun(book, RUN, START);
  await offer(book, RUN);
  await endRun(book, RUN, { status: "FINISHED", endTimeMs: 9 });
  t.false(await place(book, RUN, "e"));
});
