/** Runs that the journal has and the run book does not have among those that go on. */
import test, { type ExecutionContext } from "ava";
import { settleStrangers } from "../../src/flush/strangers.js";
import { Journal } from "../../src/journal/journal.js";
import { DeadLetters } from "../../src/runs/dead-letters.js";
import { releasedSeq } from "../../src/runs/run.js";
import { RunBook } from "../../src/runs/run-book.js";
import { openStore } from "../../src/store/store.js";
import { appendTag } from "../support/append.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";
import { journalOptions } from "../support/journal-options.js";
import { keptLog } from "../support/logs.js";
import { archiveRun, endRun, startRun } from "../support/runs.js";

const RUN = "ab".repeat(16);
const TEXTS = { experimentName: "e", runName: "n", user: "", sourceName: "", parentRunId: "" };
const BACKEND = { kind: "sqlite", databasePath: "/a.db", artifactRoot: "/a" } as const;
const TARGET = { trackerId: "t1", tracker: "one", backend: BACKEND };

async function setUp(t: ExecutionContext) {
  const folder = await scratchFolder(t);
  const clock = new SetClock();
  const { log } = keptLog();
  const store = await openStore(`${folder}/state`);
  const journal = await Journal.open(journalOptions(`${folder}/journal`, { log }));
  const journaled = (number: number) => journal.totals(number);
  const runs = await RunBook.open({ store, clock, journaled, resolve: () => [TARGET] });
  const deadLetters = await DeadLetters.open(store, clock);
  t.teardown(async () => {
    await journal.close();
    await store.close();
  });
  const append = (number: number, key: string) => appendTag(journal, { number, runId: RUN }, key, "v");
  const options = { journal, runs, deadLetters, log };
  return { ...options, options, append };
}

/** A run that ended, was delivered in full and went to the archive; its record is still in the journal. */
async function archivedRun({ runs, journal, append }: Awaited<ReturnType<typeof setUp>>) {
  const { number } = await startRun(runs, RUN, { ...TEXTS, startTimeMs: 5 });
  await append(number, "a");
  const run = await endRun(runs, RUN, { status: "FINISHED", endTimeMs: 9 });
  runs.advance(RUN, TARGET.trackerId, runs.journaled(run));
  if (!(await archiveRun(runs, RUN))) throw new Error("the run did not go to the archive");
  return { number, through: journal.totals(number)?.seq ?? 0 };
}

test("an archived run is forgotten, and nothing of it is parked", async (t) => {
  const parts = await setUp(t);
  const { number } = await archivedRun(parts);
  await settleStrangers(parts.options, [number]);
  t.is(parts.journal.totals(number), undefined);
  t.false(parts.journal.holds(number, 0));
  t.is(parts.deadLetters.entries, 0);
});

test("what comes for an archived run while it is looked up stays in the journal", async (t) => {
  const parts = await setUp(t);
  const { runs, journal, append, deadLetters } = parts;
  const { number, through } = await archivedRun(parts);
  const settled = settleStrangers(parts.options, [number]);
  const back = await runs.touch(RUN);
  await append(number, "late");
  await settled;
  t.is(releasedSeq(back), through);
  t.true(journal.holds(number, through), "the late record is there");
  t.is((await journal.read(number, through, { points: 9, texts: 9, records: 9 })).length, 1);
  t.true((runs.journaled(back).seq ?? 0) > through, "its lane knows that something waits");
  t.is(deadLetters.entries, 0);
});

test("what comes for an archived run before its turn stays in the journal", async (t) => {
  const parts = await setUp(t);
  const { runs, journal, append, deadLetters } = parts;
  const { number, through } = await archivedRun(parts);
  await runs.touch(RUN);
  await append(number, "late");
  await settleStrangers(parts.options, [number]);
  t.true(journal.holds(number, through));
  t.is(deadLetters.entries, 0);
});

test("a run that is nowhere becomes dead letters, and then goes", async (t) => {
  const { options, journal, append, deadLetters } = await setUp(t);
  await append(7, "a");
  await append(7, "b");
  await settleStrangers(options, [7]);
  t.is(deadLetters.entries, 2);
  t.is(journal.totals(7), undefined);
  t.false(journal.holds(7, 0));
});
