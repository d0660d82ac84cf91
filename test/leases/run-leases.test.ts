import test, { type ExecutionContext } from "ava";
import type { Batch } from "../../src/gen/stepwell/v1/ingest.js";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import type { RunEndNote } from "../../src/home/end-note.js";
import { LeaseTally } from "../../src/leases/lease-tally.js";
import { RunLeases } from "../../src/leases/run-leases.js";
import { END_NOTE_MS } from "../../src/model/limits.js";
import { LeaseBook } from "../../src/runs/lease-book.js";
import { RunBook } from "../../src/runs/run-book.js";
import { openStore } from "../../src/store/store.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";
import { endRun, startRun } from "../support/runs.js";

const RUN = "ab".repeat(16);
const PROCESS = { bootId: "boot", pidNamespace: "7", pid: 42, startTicks: "100" };
const START = {
  ...{ experimentName: "e", runName: "n", startTimeMs: 5, user: "", sourceName: "" },
  parentRunId: "",
};

async function setUp(t: ExecutionContext) {
  const store = await openStore(await scratchFolder(t));
  t.teardown(() => store.close());
  const clock = new SetClock();
  const runs = await RunBook.open({ store, clock, journaled: () => undefined, resolve: () => [] });
  await startRun(runs, RUN, START);
  const entered: Partial<Batch>[] = [];
  const journal = { fails: false };
  const door = {
    enter: async (entries: Partial<Batch>) => {
      if (journal.fails) throw new Error("the daemon dies");
      entered.push(entries);
    },
  };
  const notes = new Map<string, Required<RunEndNote> & { readonly leftMs: number }>();
  const ends = {
    find: async (runId: string) => notes.get(runId),
    before: async (timeMs: number) => [...notes.values()].filter(({ leftMs }) => leftMs < timeMs),
    remove: async (runId: string) => void notes.delete(runId),
  };
  const note = (process = PROCESS) =>
    notes.set(RUN, { runId: RUN, process, status: "FAILED", endTimeMs: 7, leftMs: clock.monotonicMs() });
  const tally = new LeaseTally();
  const open = async () => {
    const book = await LeaseBook.open(store, clock);
    return { book, leases: new RunLeases({ door, book, runs, clock, ends, tally }) };
  };
  return { ...(await open()), open, store, runs, entered, journal, clock, notes, note, tally };
}

const loseAll = async (leases: RunLeases) => {
  for (const lease of [...leases.held()]) await lease.lose("gone");
};

test("a lost run is ended with the reason; when its process is back it goes on without it", async (t) => {
  const { book, leases, entered, tally } = await setUp(t);
  await book.hold(RUN, PROCESS);
  await loseAll(leases);
  t.is(tally.lost, 1);
  t.like(entered[0], { tags: [{ key: "stepwell.end_reason", value: "gone" }] });
  t.is(entered[0]?.runEnd?.status, RunStatus.RUN_STATUS_KILLED);
  t.deepEqual([...leases.held()], []);
  await leases.regain({ ...PROCESS, startTicks: "101" });
  t.is(entered.length, 1);
  await leases.regain(PROCESS);
  t.like(entered[1], { removedTags: ["stepwell.end_reason"] });
  t.is(entered[1]?.runEnd?.status, RunStatus.RUN_STATUS_RUNNING);
  t.is([...leases.held()].length, 1);
});

test("an end that was decided and not journaled when the daemon died is journaled by the next one", async (t) => {
  const { book, leases, open, entered, journal, tally } = await setUp(t);
  await book.hold(RUN, PROCESS);
  journal.fails = true;
  await t.throwsAsync(loseAll(leases));
  journal.fails = false;
  const next = await open();
  await next.leases.resume();
  t.is(entered[0]?.runEnd?.status, RunStatus.RUN_STATUS_KILLED);
  t.is(next.book.find(RUN)?.state, "ended");
  await next.leases.resume();
  t.is(entered.length, 1);
  t.is(tally.lost, 1, "counted once");
});

test("an end of the process's own that may not have been journaled before it went is told as it was", async (t) => {
  const { book, leases, runs, entered, tally } = await setUp(t);
  await book.hold(RUN, PROCESS);
  await endRun(runs, RUN, { status: "FINISHED", endTimeMs: 9 });
  await loseAll(leases);
  t.deepEqual(entered, [
    { runId: RUN, removedTags: [], runEnd: { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 9n } },
  ]);
  t.is(book.find(RUN), undefined);
  t.is(tally.lost, 0);
});

test("a run that several processes run is lost with the last of them", async (t) => {
  const { book, leases, entered } = await setUp(t);
  await book.hold(RUN, PROCESS);
  await book.hold(RUN, { ...PROCESS, pid: 43 });
  const [first, second] = [...leases.held()];
  t.is(second?.process.pid, 43);
  await first?.lose("gone");
  await first?.lose("gone");
  t.deepEqual(entered, []);
  await loseAll(leases);
  t.is(entered.length, 1);
});

test("runs that were lost last can be gone on with after a restart, however the clock was set; the first are forgotten", async (t) => {
  const { book, store, clock } = await setUp(t);
  const runIds = ["1", "2", "3"].map((digit) => digit.repeat(32));
  for (const runId of runIds) {
    await book.hold(runId, PROCESS);
    const lease = book.find(runId);
    if (lease) await book.completeEnd(await book.beginEnd(lease, "gone"));
    clock.move(1);
  }
  for (const days of [400, -800]) {
    clock.jump(days * 86_400_000);
    t.is((await LeaseBook.open(store, clock)).all().length, 3);
  }
  const kept = (await LeaseBook.open(store, clock, 2)).all().map(({ runId }) => runId);
  t.deepEqual(kept.sort(), runIds.slice(1));
});

test("a run whose process noted its end before it went ended as it noted", async (t) => {
  const { book, leases, entered, notes, note } = await setUp(t);
  await book.hold(RUN, PROCESS);
  note();
  await loseAll(leases);
  t.deepEqual(entered, [
    { runId: RUN, removedTags: [], runEnd: { status: RunStatus.RUN_STATUS_FAILED, endTimeMs: 7n } },
  ]);
  t.is(book.find(RUN), undefined);
  t.is(notes.size, 0);
});

test("a note of a run that is held waits until its process is gone, and is nothing to others that go on with it", async (t) => {
  const { book, leases, entered, notes, note, clock } = await setUp(t);
  await book.hold(RUN, PROCESS);
  note();
  clock.move(2 * END_NOTE_MS);
  await leases.resume();
  t.deepEqual(entered, []);
  note({ ...PROCESS, pid: 43 });
  await loseAll(leases);
  t.is(entered[0]?.runEnd?.status, RunStatus.RUN_STATUS_KILLED);
  t.is(notes.size, 1);
});

test("a note that is found after the daemon ended the run as killed takes that back", async (t) => {
  const { book, leases, entered, notes, note, clock } = await setUp(t);
  await book.hold(RUN, PROCESS);
  await loseAll(leases);
  note();
  clock.move(END_NOTE_MS + 1);
  await leases.resume();
  t.is(entered[1]?.runEnd?.status, RunStatus.RUN_STATUS_FAILED);
  t.deepEqual(entered[1]?.removedTags, ["stepwell.end_reason"]);
  t.is(notes.size, 0);
});

test("a note of an end that came after all, or of a run that never did, goes after a while", async (t) => {
  const { book, leases, entered, notes, note, clock, runs } = await setUp(t);
  note();
  for (const left of [1, 1, 0]) {
    clock.move(END_NOTE_MS + 1 - left);
    await leases.resume();
    t.is(notes.size, left);
  }
  await book.hold(RUN, PROCESS);
  await endRun(runs, RUN, { status: "FINISHED", endTimeMs: 9 });
  note();
  await loseAll(leases);
  t.is(entered.length, 1);
  t.is(notes.size, 0);
});
