import type { ExecutionContext } from "ava";
import { Flusher } from "../../src/flush/flusher.js";
import { Journal } from "../../src/journal/journal.js";
import { DeadLetters } from "../../src/runs/dead-letters.js";
import { HomeHistory } from "../../src/runs/home-history.js";
import { Notices } from "../../src/runs/notices.js";
import { RunBook } from "../../src/runs/run-book.js";
import type { Sink } from "../../src/sinks/sink.js";
import { openStore } from "../../src/store/store.js";
import { appendTag } from "../support/append.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";
import { journalOptions } from "../support/journal-options.js";
import { keptLog } from "../support/logs.js";
import { startRun } from "../support/runs.js";
import { until } from "../support/until.js";

const TEXTS = { experimentName: "e", runName: "n", user: "", sourceName: "", parentRunId: "" };
const START = { ...TEXTS, startTimeMs: 5 };
const backend = { kind: "sqlite", databasePath: "/a.db", artifactRoot: "/a" } as const;
const TARGET = { trackerId: "t1", tracker: "one", backend };

/** lettersBytesMax bounds the dead letters; with none they have their own bound. */
export async function flusherOn(t: ExecutionContext, sink: Sink, lettersBytesMax?: number) {
  const folder = await scratchFolder(t);
  const clock = new SetClock();
  const { log } = keptLog();
  const store = await openStore(`${folder}/state`);
  const journalOf: { current?: Journal } = {};
  const journaled = (number: number) => journalOf.current?.totals(number);
  const runs = await RunBook.open({ store, clock, journaled, resolve: () => [TARGET] });
  const journal = await Journal.open(
    journalOptions(`${folder}/journal`, { log, secure: () => runs.secure() }),
  );
  journalOf.current = journal;
  const deadLetters = await DeadLetters.open(store, clock, lettersBytesMax);
  const firstSeq = () => journal.firstSeq;
  const history = await HomeHistory.open({ store, clock, firstSeq, keepId: async () => undefined });
  const told = { onAdvance: () => undefined, onRunDone: () => undefined };
  const flusher = new Flusher({
    ...{ sink, journal, runs, deadLetters, history, clock, log, notices: new Notices(), ...told },
    random: () => 0.5,
  });
  t.teardown(async () => {
    await flusher.close();
    await journal.close();
    await store.close();
  });
  return {
    flusher,
    deadLetters,
    runs,
    journal,
    history,
    target: TARGET,
    /** Journals one tag of a run and tells the flusher. */
    setTag: async (runId: string, key: string, value: string): Promise<void> => {
      const run = await startRun(runs, runId, START);
      await appendTag(journal, run, key, value);
      flusher.notify(run, TARGET);
    },
    /** Lets lanes send at once until something is so. */
    until: async (isDone: () => boolean): Promise<void> => {
      const look = () => {
        const isSo = isDone();
        if (!isSo) flusher.askAgain();
        return isSo;
      };
      await until("what lanes send is sent", look, (isSo) => isSo, { everyMs: 5 });
    },
  };
}
