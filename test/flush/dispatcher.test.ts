import { mock } from "node:test";
import test, { type ExecutionContext } from "ava";
import { Dispatcher } from "../../src/flush/dispatcher.js";
import { Batch } from "../../src/gen/stepwell/v1/ingest.js";
import { Journal } from "../../src/journal/journal.js";
import { OPEN_RUN_WAIT_MS, RUN_START_WAIT_MS } from "../../src/model/limits.js";
import { DeadLetters } from "../../src/runs/dead-letters.js";
import { HomeHistory } from "../../src/runs/home-history.js";
import { Notices } from "../../src/runs/notices.js";
import { ParamBook } from "../../src/runs/param-book.js";
import { RunBook } from "../../src/runs/run-book.js";
import { leaveOpen } from "../../src/runs/run-start.js";
import { openStore } from "../../src/store/store.js";
import { TABLES } from "../../src/store/tables.js";
import { appendTag } from "../support/append.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";
import { journalOptions } from "../support/journal-options.js";
import { keptLog } from "../support/logs.js";
import { startRun } from "../support/runs.js";

const RUN = "ab".repeat(16);
const TEXTS = { experimentName: "e", runName: "n", user: "", sourceName: "", parentRunId: "" };
const START = { ...TEXTS, startTimeMs: 5 };

async function setUp(t: ExecutionContext) {
  const folder = await scratchFolder(t);
  const clock = new SetClock();
  const { log } = keptLog();
  const store = await openStore(`${folder}/state`);
  const journalOf: { current?: Journal } = {};
  const resolve = () => [];
  const runs = await RunBook.open({
    store,
    clock,
    journaled: (number) => journalOf.current?.totals(number),
    resolve,
  });
  const journal = await Journal.open(
    journalOptions(`${folder}/journal`, {
      log,
      secure: () => runs.secure(),
      onJournaled: (numbers) => dispatcher.onJournaled(numbers),
    }),
  );
  journalOf.current = journal;
  const deadLetters = await DeadLetters.open(store, clock);
  const openSink = () => {
    throw new Error("no backend is to be asked");
  };
  const params = new ParamBook(store);
  const firstSeq = () => journal.firstSeq;
  const history = await HomeHistory.open({ store, clock, firstSeq, keepId: async () => undefined });
  const dispatcher = new Dispatcher({
    journal,
    runs,
    params,
    deadLetters,
    history,
    notices: new Notices(),
    clock,
    random: () => 0.5,
    log,
    openSink,
  });
  t.teardown(async () => {
    await dispatcher.close();
    await journal.close();
    await store.close();
  });
  const pass = async (ms: number, isDone: () => boolean) => {
    clock.move(ms);
    mock.timers.tick(ms);
    // Timers are mocked here, and so is what `until` pauses with.
    const deadline = performance.now() + 120_000;
    do await turn();
    while (!isDone() && performance.now() < deadline);
  };
  return { clock, pass, store, runs, journal, deadLetters, dispatcher };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

// Their own clock for the whole process: nothing that waits may stand in this file.
test.serial(
  "entries whose run does not begin within 60 s become dead letters, and what comes later does not",
  async (t) => {
    mock.timers.enable({ apis: ["setTimeout"] });
    t.teardown(() => mock.timers.reset());
    const { pass, store, runs, journal, deadLetters, dispatcher } = await setUp(t);
    const run = await runs.touch(RUN);
    const append = () => appendTag(journal, run, "a", "b");
    await append();
    await append();
    t.like([...dispatcher.lanes()][0], { state: "waiting", runId: RUN });
    await pass(RUN_START_WAIT_MS - 1, () => true);
    t.is(deadLetters.entries, 0);
    await pass(1, () => dispatcher.overview(0).count === 0);
    t.is(deadLetters.entries, 2);
    t.deepEqual([...dispatcher.lanes()], []);
    const [letter] = await store.list<{ runId: string; code: string; payload: string }>(TABLES.deadLetter);
    t.like(letter?.value, { runId: RUN, code: "STEPWELL_RUN_UNKNOWN" });
    t.deepEqual(Batch.decode(Buffer.from(letter?.value.payload ?? "", "base64")).tags, [
      { key: "a", value: "b" },
    ]);
    t.true(await dispatcher.drain(0), "nothing waits any more");
    await append();
    t.is(dispatcher.overview(0).count, 1, "a later entry waits anew");
  },
);

test.serial(
  "of a run whose start comes just when that has been waited for long enough nothing is parked",
  async (t) => {
    mock.timers.enable({ apis: ["setTimeout"] });
    t.teardown(() => mock.timers.reset());
    const { clock, runs, journal, deadLetters, dispatcher } = await setUp(t);
    const run = await runs.touch(RUN);
    await appendTag(journal, run, "a", "b");
    const read = journal.read.bind(journal);
    let isRead = false;
    journal.read = async (...asked) => {
      const found = await read(...asked);
      await startRun(runs, RUN, START);
      isRead = true;
      return found;
    };
    clock.move(RUN_START_WAIT_MS);
    mock.timers.tick(RUN_START_WAIT_MS);
    const deadline = performance.now() + 120_000;
    while (!isRead && performance.now() < deadline) await turn();
    await dispatcher.close();
    t.true(isRead);
    t.is(deadLetters.entries, 0);
    t.is(runs.find(RUN)?.parked, undefined);
  },
);

test.serial("a run that its program logs nothing to is placed after a while, where it is sent", async (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.teardown(() => mock.timers.reset());
  const { pass, runs, journal, dispatcher } = await setUp(t);
  await leaveOpen(runs, RUN);
  const run = await startRun(runs, RUN, START);
  await appendTag(journal, run, "of its", "start");
  const isOpen = () => runs.find(RUN)?.isOpen ?? false;
  await pass(OPEN_RUN_WAIT_MS - 1, () => true);
  t.true(isOpen());
  t.is(dispatcher.overview(0).count, 0);
  await pass(1, () => !isOpen());
  t.like(runs.find(RUN), { isOffered: true, targets: [], start: { experimentName: "e" } });
});
