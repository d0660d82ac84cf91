import test, { type ExecutionContext } from "ava";
import { StoreWatch } from "../../src/flush/store-watch.js";
import { Journal } from "../../src/journal/journal.js";
import type { RunStart } from "../../src/model/run.js";
import { HomeHistory } from "../../src/runs/home-history.js";
import { Notices } from "../../src/runs/notices.js";
import { deliveredTo, type RunPosition } from "../../src/runs/run.js";
import { RunBook } from "../../src/runs/run-book.js";
import { StoreMarks } from "../../src/runs/store-marks.js";
import type { Sink } from "../../src/sinks/sink.js";
import { openStore } from "../../src/store/store.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";
import { journalOptions } from "../support/journal-options.js";
import { keptLog } from "../support/logs.js";
import { archiveRun, endRun, startRun } from "../support/runs.js";
import { until } from "../support/until.js";

const RUN = "ab".repeat(16);
const TEXTS = { experimentName: "e", runName: "n", user: "", sourceName: "", parentRunId: "" };
const START: RunStart = { ...TEXTS, startTimeMs: 5 };
const BACKEND = { kind: "sqlite", databasePath: "/a.db", artifactRoot: "/a" } as const;
const TARGET = { trackerId: "t1", tracker: "one", backend: BACKEND };
const DELIVERED: RunPosition = { seq: 10, points: 100, bytes: 2_400 };

/** What is called while a store is compared. */
interface Meanwhile {
  readonly onAsked?: (book: RunBook) => unknown;
  readonly onRewound?: (deliverAgain: () => void, watch: StoreWatch) => void;
  readonly onSettled?: (book: RunBook) => void;
}

/** A home that delivered one run in full to a store that has forgotten all of it since. */
async function homeOfForgetful(t: ExecutionContext, meanwhile: Meanwhile = {}) {
  const folder = await scratchFolder(t);
  const clock = new SetClock();
  const { log } = keptLog();
  const store = await openStore(`${folder}/state`);
  const resolve = () => [TARGET];
  const openBook = (journaled: (number: number) => RunPosition | undefined) =>
    RunBook.open({ store, clock, journaled, resolve });
  const book = await openBook(() => DELIVERED);
  const journal = await Journal.open(journalOptions(`${folder}/journal`, { log }));
  const firstSeq = () => journal.firstSeq;
  const history = await HomeHistory.open({ store, clock, firstSeq, keepId: async () => undefined });
  await history.ready();
  await startRun(book, RUN, START);
  await endRun(book, RUN, { status: "FINISHED", endTimeMs: 8 });
  const cursor = { ...history.author, seq: DELIVERED.seq };
  const deliver = () => book.advance(RUN, TARGET.trackerId, { ...DELIVERED, cursor });
  deliver();
  await book.secure();
  const marks = await StoreMarks.open(store);
  await marks.keep(BACKEND, { homeId: history.homeId, writes: 5 });
  const { homeId } = history;
  const sink: Sink = {
    limits: { pointsMax: 1, textsMax: 1, packsMax: 1, requestsMax: 1 },
    send: async () => [],
    close: async () => undefined,
    cursors: {
      look: async () => ({ kind: "as left" }),
      standing: async (asked) => {
        await meanwhile.onAsked?.(book);
        return asked.map(() => ({ homeId, cursor: undefined }));
      },
    },
  };
  const told = { askAgain: () => undefined, notices: new Notices(), log };
  const watch: StoreWatch = new StoreWatch({
    ...{ marks, journal, history, runs: book, ...told },
    sinkOf: () => sink,
    settled: async () => meanwhile.onSettled?.(book),
    onRewound: () => meanwhile.onRewound?.(deliver, watch),
  });
  t.teardown(async () => {
    await watch.close();
    await journal.close();
    await store.close();
  });
  return {
    book,
    /** Compares the store; answers what the state store says of the run as soon as it says that this is done. */
    compare: async () => {
      await watch.wentBack(BACKEND, 3);
      const isDone = async () => !(await StoreMarks.open(store)).of(BACKEND).isComparing;
      await until("the store is compared", isDone, (isSo) => isSo, { everyMs: 1 });
      return (await openBook(() => undefined)).find(RUN)?.delivered[TARGET.trackerId];
    },
  };
}

test("that a store is compared is on disk no earlier than what it forgot", async (t) => {
  const { book, compare } = await homeOfForgetful(t);
  t.true(await archiveRun(book, RUN));
  t.like(await compare(), { seq: 0, forgot: DELIVERED });
});

test("a run that goes to the archive while its store is compared comes back from there", async (t) => {
  const archiving: Promise<boolean>[] = [];
  const { compare } = await homeOfForgetful(t, {
    onAsked: (book) => archiving.push(archiveRun(book, RUN)),
  });
  t.like(await compare(), { seq: 0, forgot: DELIVERED });
  t.deepEqual(await Promise.all(archiving), [true]);
});

test("a store that goes back once more while it is compared is compared once more", async (t) => {
  let rewound = 0;
  let again: Promise<void> | undefined;
  const { compare } = await homeOfForgetful(t, {
    onRewound: (deliverAgain, watch) => {
      rewound += 1;
      if (rewound > 1) return;
      deliverAgain();
      again = watch.wentBack(BACKEND, 2);
    },
  });
  t.like(await compare(), { seq: 0, forgot: DELIVERED });
  await again;
  t.is(rewound, 2);
});

test("a run whose lane has sent again what its store forgot is not set back once more", async (t) => {
  const { compare } = await homeOfForgetful(t, {
    onAsked: (book) => {
      const run = book.find(RUN);
      // By now it stands where it stood.
      if (run) book.advance(RUN, TARGET.trackerId, { ...deliveredTo(run, TARGET.trackerId) });
    },
  });
  t.like(await compare(), { ...DELIVERED, forgot: undefined });
});

test("what a store took just before it went back counts before it is compared", async (t) => {
  const more = { seq: 12, points: 120, bytes: 2_900 };
  const { compare } = await homeOfForgetful(t, {
    onSettled: (book) => {
      const run = book.find(RUN);
      const cursor = run && deliveredTo(run, TARGET.trackerId).cursor;
      if (cursor) book.advance(RUN, TARGET.trackerId, { ...more, cursor: { ...cursor, seq: more.seq } });
    },
  });
  t.like(await compare(), { seq: 0, forgot: more });
});

test("a run that comes back from the archive while live ones are compared is compared, too", async (t) => {
  let isBack = false;
  const { book, compare } = await homeOfForgetful(t, {
    onAsked: async (runs) => {
      if (!isBack) await runs.touch(RUN);
      isBack = true;
    },
  });
  const goesOn = "cd".repeat(16);
  await startRun(book, goesOn, START);
  book.advance(goesOn, TARGET.trackerId, DELIVERED);
  t.true(await archiveRun(book, RUN));
  t.like(await compare(), { seq: 0, forgot: DELIVERED });
});
