import test, { type ExecutionContext } from "ava";
import { Batch } from "../../src/gen/stepwell/v1/ingest.js";
import { retryLetters } from "../../src/ingest/letter-retry.js";
import { Journal } from "../../src/journal/journal.js";
import { NO_ENTRIES } from "../../src/model/no-entries.js";
import { type DeadLetter, DeadLetters } from "../../src/runs/dead-letters.js";
import { RunBook } from "../../src/runs/run-book.js";
import { openStore } from "../../src/store/store.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";
import { journalOptions } from "../support/journal-options.js";
import { pointsOf } from "../support/producer.js";
import { archiveRun, endRun, startRun } from "../support/runs.js";

const ALL = { runId: "", tracker: "" };
const EVERYTHING = { points: 1e9, texts: 1e9, records: 1e9 };
const RUN = "ab".repeat(16);
const START = {
  experimentName: "e",
  runName: "n",
  startTimeMs: 5,
  user: "",
  sourceName: "",
  parentRunId: "",
};
const backend = { kind: "sqlite", databasePath: "/a.db", artifactRoot: "/a" } as const;
const TARGET = { trackerId: "t1", tracker: "one", backend };

async function setUp(t: ExecutionContext) {
  const folder = await scratchFolder(t);
  const clock = new SetClock();
  const store = await openStore(`${folder}/state`);
  const journalOf: { current?: Journal } = {};
  const journaled = (number: number) => journalOf.current?.totals(number);
  const runs = await RunBook.open({ store, clock, journaled, resolve: () => [TARGET] });
  const journal = await Journal.open(journalOptions(`${folder}/journal`));
  journalOf.current = journal;
  const deadLetters = await DeadLetters.open(store, clock);
  t.teardown(async () => {
    await journal.close();
    await store.close();
  });
  return { journal, runs, deadLetters, clock };
}

function letterOf(points: number): DeadLetter {
  const entries = { tags: [{ key: "k", value: "v" }], metrics: pointsOf("loss", points) };
  const batch = { ...NO_ENTRIES, ...entries, sequence: 7n, runId: RUN };
  const payload = Buffer.from(Batch.encode(batch).finish()).toString("base64");
  return {
    runId: RUN,
    tracker: "",
    code: "STEPWELL_RUN_UNKNOWN",
    reason: "late",
    entries: points + 1,
    payload,
  };
}

test("letters of a run that never began stay and say so, and go once it has begun", async (t) => {
  const { journal, runs, deadLetters, clock } = await setUp(t);
  await deadLetters.park([letterOf(3), letterOf(4)]);
  const parts = { journal, runs, deadLetters, clock };
  const unknown = await retryLetters(parts, ALL);
  t.deepEqual(
    unknown.kept.map(({ number, fault }) => [number, fault.code]),
    [
      [1, "STEPWELL_RUN_UNKNOWN"],
      [2, "STEPWELL_RUN_UNKNOWN"],
    ],
  );
  const run = await runs.touch(RUN);
  const early = await retryLetters(parts, ALL);
  t.regex(early.kept[0]?.fault.message ?? "", /has not begun; its letters can be sent once it has/);
  t.is(deadLetters.letters, 2);
  await startRun(runs, RUN, START);
  t.deepEqual((await retryLetters(parts, ALL)).retried, { letters: 2, entries: 9 });
  t.is(deadLetters.letters, 0);
  const records = await journal.read(run.number, 0, EVERYTHING);
  t.deepEqual(
    records.map(({ points, tags, through }) => [points, tags, through.points]),
    [
      [0, 1, 0],
      [0, 1, 0],
    ],
    "its points were counted when they came first",
  );
});

test("a letter of a run that was archived brings it back", async (t) => {
  const { journal, runs, deadLetters, clock } = await setUp(t);
  const { number } = await startRun(runs, RUN, START);
  await endRun(runs, RUN, { status: "FINISHED", endTimeMs: 9 });
  t.true(await archiveRun(runs, RUN));
  t.is(runs.find(RUN), undefined);
  await deadLetters.park([letterOf(2)]);
  await retryLetters({ journal, runs, deadLetters, clock }, ALL);
  t.is(runs.find(RUN)?.number, number);
  t.is((await journal.read(number, 0, EVERYTHING)).length, 1);
});

test("letters stay when the journal does not take them, and notes of lost entries always do", async (t) => {
  const { journal, runs, deadLetters, clock } = await setUp(t);
  await startRun(runs, RUN, START);
  await deadLetters.park([letterOf(2), { ...letterOf(0), code: "STEPWELL_RECORD_DAMAGED", payload: "" }]);
  await journal.close();
  const { retried, kept } = await retryLetters({ journal, runs, deadLetters, clock }, ALL);
  t.deepEqual(retried, { letters: 0, entries: 0 });
  t.is(kept.length, 2);
  t.is(kept.find(({ number }) => number === 1)?.fault.code, "STEPWELL_DAEMON_STOPPING");
  t.is(kept.find(({ number }) => number === 2)?.fault.code, "STEPWELL_RECORD_DAMAGED");
  t.is(deadLetters.letters, 2);
});
