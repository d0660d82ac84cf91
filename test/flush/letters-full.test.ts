import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { Flusher } from "../../src/flush/flusher.js";
import { Batch } from "../../src/gen/stepwell/v1/ingest.js";
import { Journal } from "../../src/journal/journal.js";
import type { Pack } from "../../src/model/pack.js";
import type { Cursor, Outcome, Sink } from "../../src/sinks/sink.js";
import { DeadLetters } from "../../src/state/dead-letters.js";
import { RunBook } from "../../src/state/run-book.js";
import { openStore } from "../../src/store/store.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";
import { keptLog } from "../support/logs.js";

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

/** A backend that refuses every pack for good. */
class RefusingSink implements Sink {
  readonly limits = { pointsMax: 1_000, textsMax: 100, packsMax: 10, requestsMax: 1 };
  sends = 0;

  async cursors(): Promise<Map<string, Cursor>> {
    return new Map();
  }

  async send(packs: readonly Pack[]): Promise<Outcome[]> {
    this.sends += 1;
    return packs.map(() => ({ kind: "refused", code: "STEPWELL_RUN_DELETED", reason: "deleted" }));
  }

  async close(): Promise<void> {}
}

test("a lane that would park beyond the letters' bound is held, keeps its entries, and goes on once there is room", async (t) => {
  const folder = await scratchFolder(t);
  const clock = new SetClock();
  const { log } = keptLog();
  const store = await openStore(`${folder}/state`);
  const journalOf: { current?: Journal } = {};
  const journaled = (number: number) => journalOf.current?.totals(number);
  const runs = await RunBook.open({ store, clock, journaled, resolve: () => [TARGET] });
  const journal = await Journal.open({
    folder: `${folder}/journal`,
    log,
    seqFloor: 1,
    retire: async () => undefined,
    secure: () => runs.secure(),
    onJournaled: () => undefined,
    onReopened: () => undefined,
    quotaBytes: 1_000_000_000,
  });
  journalOf.current = journal;
  const deadLetters = await DeadLetters.open(store, clock, 500);
  const sink = new RefusingSink();
  const nothing = { onChange: () => undefined, onRunDone: () => undefined };
  const flusher = new Flusher({
    sink,
    journal,
    runs,
    deadLetters,
    clock,
    random: () => 0.5,
    log,
    ...nothing,
  });
  t.teardown(async () => {
    await flusher.close();
    await journal.close();
    await store.close();
  });
  const run = await runs.start(RUN, START, []);
  const empty = {
    params: [],
    metrics: [],
    tags: [],
    removedTags: [],
    runStart: undefined,
    runEnd: undefined,
  };
  for (const key of ["a", "b", "c", "d"]) {
    const tags = [{ key, value: "x".repeat(150) }];
    const payload = Batch.encode({ ...empty, sequence: 1n, runId: RUN, tags }).finish();
    const header = { points: 0, params: 0, tags: 1, startsRun: false, endsRun: false, receivedMs: 1 };
    await new Promise<void>((resolve, reject) => {
      journal.append([{ run: run.number, header, payload }], undefined, {
        journaled: resolve,
        failed: reject,
      });
    });
  }
  flusher.notify(run, TARGET);
  const until = async (isDone: () => boolean) => {
    for (const end = performance.now() + 10_000; !isDone() && performance.now() < end; ) {
      flusher.hurry(true);
      await sleep(5);
    }
  };
  const lane = () => [...flusher.lanes()][0];
  await until(() => lane()?.state.kind === "held");
  t.like(lane()?.state, { kind: "held", code: "STEPWELL_DEAD_LETTERS_FULL" });
  t.is(deadLetters.letters, 2);
  const { sends } = sink;
  for (let asked = 0; asked < 5; asked++) {
    flusher.hurry(true);
    await sleep(5);
  }
  t.is(sink.sends, sends, "it asks nothing of the backend while there is no room");
  await deadLetters.drop({ runId: "", tracker: "" });
  await until(() => deadLetters.letters === 2);
  t.is(deadLetters.letters, 2, "the entries that were held are parked, none is lost");
  await until(() => lane() === undefined);
  t.is(lane(), undefined);
});
