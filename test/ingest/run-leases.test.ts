import test, { type ExecutionContext } from "ava";
import type { Batch } from "../../src/gen/stepwell/v1/ingest.js";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import { RunLeases } from "../../src/ingest/run-leases.js";
import { LEASE_KEPT_MS } from "../../src/model/limits.js";
import { LeaseBook } from "../../src/state/lease-book.js";
import { RunBook } from "../../src/state/run-book.js";
import { openStore } from "../../src/store/store.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";

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
  await runs.start(RUN, START, []);
  const entered: Partial<Batch>[] = [];
  const journal = { fails: false };
  const door = {
    enter: async (entries: Partial<Batch>) => {
      if (journal.fails) throw new Error("the daemon dies");
      entered.push(entries);
    },
  };
  const open = async () => {
    const book = await LeaseBook.open(store, clock);
    return { book, leases: new RunLeases({ door, book, runs, clock }) };
  };
  return { ...(await open()), open, runs, entered, journal, clock };
}

const loseAll = async (leases: RunLeases) => {
  for (const lease of [...leases.held()]) await lease.lose("gone");
};

test("a lost run is ended with the reason; when its process is back it goes on without it", async (t) => {
  const { book, leases, entered } = await setUp(t);
  await book.hold(RUN, PROCESS);
  await loseAll(leases);
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
  const { book, leases, open, entered, journal } = await setUp(t);
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
});

test("a run that was ended by whoever runs it is not ended again", async (t) => {
  const { book, leases, runs, entered } = await setUp(t);
  await book.hold(RUN, PROCESS);
  await runs.end(RUN, { status: "FINISHED", endTimeMs: 9 });
  await loseAll(leases);
  t.deepEqual(entered, []);
  t.is(book.find(RUN), undefined);
});

test("a run that several processes run is lost with the last of them; a lease that ended long ago is forgotten", async (t) => {
  const { book, leases, open, clock, entered } = await setUp(t);
  await book.hold(RUN, PROCESS);
  await book.hold(RUN, { ...PROCESS, pid: 43 });
  const [first, second] = [...leases.held()];
  t.is(second?.process.pid, 43);
  await first?.lose("gone");
  await first?.lose("gone");
  t.deepEqual(entered, []);
  await loseAll(leases);
  t.is(entered.length, 1);
  clock.move(LEASE_KEPT_MS + 1);
  t.deepEqual((await open()).book.all(), []);
});
