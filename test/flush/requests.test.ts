/** Several requests under way: as many as the sink likes, one for each run. */
import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
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

const START = {
  experimentName: "e",
  runName: "n",
  startTimeMs: 5,
  user: "",
  sourceName: "",
  parentRunId: "",
};
const backend = { kind: "rest", trackerId: "t1", uri: "http://h", settings: {} } as const;
const TARGET = { trackerId: "t1", tracker: "one", backend };

/** A backend that answers when the test says so. */
class SlowSink implements Sink {
  readonly limits = { pointsMax: 1_000, textsMax: 100, packsMax: 1, requestsMax: 3 };
  readonly open: {
    readonly runId: string;
    readonly tags: number;
    readonly answer: (outcome: Outcome) => void;
  }[] = [];
  peak = 0;
  delivered = 0;

  async cursors(): Promise<Map<string, Cursor>> {
    return new Map();
  }

  async send([pack]: readonly Pack[]): Promise<Outcome[]> {
    if (!pack) throw new RangeError("no pack");
    const outcome = await new Promise<Outcome>((answer) => {
      this.open.push({ runId: pack.runId, tags: pack.tags.length, answer });
      this.peak = Math.max(this.peak, this.open.length);
    });
    return [outcome];
  }

  /** Answers the oldest request of a run, or the oldest of all. */
  answer(outcome: Outcome, runId = this.open[0]?.runId): void {
    const at = this.open.findIndex((request) => request.runId === runId);
    const [request] = this.open.splice(at, 1);
    if (outcome.kind === "delivered") this.delivered += request?.tags ?? 0;
    request?.answer(outcome);
  }

  async close(): Promise<void> {
    while (this.open.length > 0)
      this.answer({ kind: "retry", code: "STEPWELL_SERVER_UNREACHABLE", reason: "closed" });
  }
}

async function setUp(t: ExecutionContext) {
  const folder = await scratchFolder(t);
  const clock = new SetClock();
  const { log } = keptLog();
  const store = await openStore(`${folder}/state`);
  const journalOf: { current?: Journal } = {};
  const journaled = (number: number) => journalOf.current?.totals(number);
  const runs = await RunBook.open({ store, clock, journaled, resolve: () => [TARGET] });
  const nothing = {
    onJournaled: () => undefined,
    onReopened: () => undefined,
    retire: async () => undefined,
  };
  const secure = () => runs.secure();
  const journal = await Journal.open({
    folder: `${folder}/journal`,
    log,
    seqFloor: 1,
    secure,
    quotaBytes: Number.MAX_SAFE_INTEGER,
    ...nothing,
  });
  journalOf.current = journal;
  const deadLetters = await DeadLetters.open(store, clock);
  const sink = new SlowSink();
  const told = { onChange: () => undefined, onRunDone: () => undefined };
  const flusher = new Flusher({ sink, journal, runs, deadLetters, clock, random: () => 0.5, log, ...told });
  t.teardown(async () => {
    await flusher.close();
    await journal.close();
    await store.close();
  });
  const log1 = async (runId: string) => {
    const run = await runs.start(runId, START, []);
    const empty = { params: [], metrics: [], removedTags: [], runStart: undefined, runEnd: undefined };
    const payload = Batch.encode({
      ...empty,
      sequence: 1n,
      runId,
      tags: [{ key: "a", value: "b" }],
    }).finish();
    const header = { points: 0, params: 0, tags: 1, startsRun: false, endsRun: false, receivedMs: 1 };
    await new Promise<void>((resolve, reject) => {
      journal.append([{ run: run.number, header, payload }], undefined, {
        journaled: resolve,
        failed: reject,
      });
    });
    flusher.notify(run, TARGET);
  };
  const until = async (isDone: () => boolean) => {
    for (const end = performance.now() + 10_000; !isDone() && performance.now() < end; ) {
      flusher.hurry(true);
      await sleep(5);
    }
  };
  return { sink, flusher, log1, until };
}

const runIdOf = (index: number) => `${index}`.padStart(32, "0");
const DELIVERED: Outcome = { kind: "delivered", refused: [] };

test("three requests are under way at once, never two of one run, and one that hangs holds nobody else", async (t) => {
  const { sink, flusher, log1, until } = await setUp(t);
  for (let index = 0; index < 8; index++) await log1(runIdOf(index));
  await until(() => sink.open.length === 3);
  const hanging = sink.open[0]?.runId ?? "";
  // More of a run that is under way waits for its answer.
  await log1(hanging);
  for (let answered = 0; answered < 7; answered++) {
    await until(() => sink.open.some(({ runId }) => runId !== hanging));
    const busy = sink.open.map(({ runId }) => runId);
    t.is(new Set(busy).size, busy.length, "one request for each run");
    sink.answer(
      DELIVERED,
      busy.find((runId) => runId !== hanging),
    );
  }
  await until(() => [...flusher.lanes()].length === 1);
  t.is(sink.delivered, 7);
  t.is(sink.peak, 3);
  t.deepEqual(
    [...flusher.lanes()].map(({ runId, state }) => [runId, state.kind]),
    [[hanging, "sending"]],
  );
  sink.answer(DELIVERED, hanging);
  await until(() => sink.open.length === 1);
  sink.answer(DELIVERED, hanging);
  await until(() => [...flusher.lanes()].length === 0);
  t.is(sink.delivered, 9);
});

test("failures of a lane add up over its requests, and show while the next one is under way", async (t) => {
  const { sink, flusher, log1, until } = await setUp(t);
  await log1(runIdOf(1));
  for (let failures = 1; failures <= 3; failures++) {
    await until(() => sink.open.length === 1);
    sink.answer({ kind: "retry", code: "STEPWELL_SERVER_BUSY", reason: "busy" });
    const lane = [...flusher.lanes()][0];
    await until(() => sink.open.length === 1);
    t.like(lane?.state, { kind: "sending", before: { kind: "retrying", failures, reason: "busy" } });
  }
  sink.answer(DELIVERED);
  await until(() => [...flusher.lanes()].length === 0);
  t.is([...flusher.lanes()].length, 0);
});
