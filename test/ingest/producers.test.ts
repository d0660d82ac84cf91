/** What is known of producers, and for how long. */
import { writeFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import type { Ticket } from "../../src/ingest/door.js";
import { Producers } from "../../src/ingest/producers.js";
import { Reception } from "../../src/ingest/reception.js";
import type { Session } from "../../src/ingest/session.js";
import type { AppendListener, NewMark } from "../../src/journal/append.js";
import { Journal } from "../../src/journal/journal.js";
import { SEGMENT_BYTES_MAX } from "../../src/model/limits.js";
import { DoorCounts } from "../../src/runs/door-counts.js";
import { SpoolFile } from "../../src/spool/spool-file.js";
import { takeOver } from "../../src/spool/takeover.js";
import { openStore } from "../../src/store/store.js";
import { TABLES } from "../../src/store/tables.js";
import { appendPoints } from "../support/append.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";
import { journalOptions } from "../support/journal-options.js";
import { keptLog } from "../support/logs.js";
import { SpoolWriter } from "../support/spool-writer.js";
import { until } from "../support/until.js";

const RUN = "ab".repeat(16);
const idOf = (index: number) => index.toString(16).padStart(32, "0");

async function setUp(t: ExecutionContext) {
  const folder = await scratchFolder(t);
  const clock = new SetClock();
  const { log, messages } = keptLog();
  const store = await openStore(`${folder}/state`);
  const producers = await Producers.open(store, clock);
  const options = journalOptions(`${folder}/journal`, {
    log,
    retire: (marks) => producers.retire(marks),
  });
  const journal = await Journal.open(options);
  const counts = await DoorCounts.open(store);
  const presence = { connected: async () => undefined, disconnected: () => undefined };
  const parts = { journal, producers, counts, log, presence, daemonVersion: "0", homeId: () => "h" };
  const reception = new Reception(parts);
  t.teardown(async () => {
    await journal.close();
    await store.close();
  });
  const append = (bytes: number) => appendPoints(journal, 1, { bytes });
  return {
    ...{ folder, store, clock, producers, journal, counts, reception, messages, append },
    rows: () => store.list(TABLES.producer),
    /** Has the journal give up the segment with all marks so far. */
    turnOver: async () => {
      await append(SEGMENT_BYTES_MAX);
      journal.release(1, Number.MAX_SAFE_INTEGER);
      await append(1);
      const moveOn = async () => {
        journal.release(1, Number.MAX_SAFE_INTEGER);
        await append(1);
        return journal.mark(idOf(1));
      };
      await until("the mark is gone", moveOn, (mark) => mark === undefined, { everyMs: 0 });
    },
  };
}

/** Reception ends sessions, and asks nothing of them. */
const sessionOf = () => ({ stop: () => undefined }) as unknown as Session;

const helloOf = (index: number, firstUnacknowledgedSequence = 1n) => ({
  protocolVersion: 1,
  clientName: "test",
  clientVersion: "1",
  producerId: Buffer.from(idOf(index), "hex"),
  epoch: 1n,
  firstUnacknowledgedSequence,
  process: { bootId: "b", pidNamespace: 1n, pid: 7, startTicks: 1n },
});

test("10,000 producers that closed leave nothing once what they sent is delivered; others stay", async (t) => {
  const { producers, journal, reception, rows, turnOver } = await setUp(t);
  const indexes = Array.from({ length: 10_000 }, (_, index) => index + 1);
  await Promise.all(
    indexes.map(async (index) => {
      const session = sessionOf();
      await reception.welcome(session, helloOf(index), idOf(index));
      reception.leave(session, idOf(index), "closed");
    }),
  );
  const stays = sessionOf();
  await reception.welcome(stays, helloOf(0), idOf(0));
  reception.leave(stays, idOf(0), "ended");
  await reception.settled();
  t.is((await rows()).length, 10_001);
  await turnOver();
  t.deepEqual(
    (await rows()).map(({ key }) => key),
    [idOf(0)],
  );
  t.true(indexes.every((index) => journal.mark(idOf(index)) === undefined));
  t.is((await producers.retiredMark(idOf(0)))?.epoch, 1n, "one that may come back is known without an end");
});

test("producers that closed and whose mark is gone go at the next start", async (t) => {
  const { store, clock, producers, reception, rows, turnOver } = await setUp(t);
  const session = sessionOf();
  await reception.welcome(session, helloOf(1), idOf(1));
  await turnOver();
  reception.leave(session, idOf(1), "closed");
  await reception.settled();
  t.is((await rows()).length, 1);
  t.is(producers.endedWithoutClosing, 0);
  await (await Producers.open(store, clock)).forgetClosed(() => false);
  t.deepEqual(await rows(), []);
});

test("what the daemon took out of a spool it takes once, though the journal forgot it and the spool is still there", async (t) => {
  const { folder, journal, producers, reception, turnOver } = await setUp(t);
  const spool = new SpoolWriter(idOf(1));
  spool.rows(
    RUN,
    "loss",
    [1, 0, 0].map((sequence, step) => ({ step, value: step, sequence })),
  );
  writeFileSync(`${folder}/a.spool`, spool.bytes);
  const door = {
    prepare: () => ({ refusals: [], records: [], letGo: () => undefined, sinceMs: 0 }),
    append: (_: Ticket, mark: NewMark, listener: AppendListener) => journal.append([], mark, listener),
  };
  const take = async () => {
    const file = await SpoolFile.open(`${folder}/a.spool`);
    const head = await file.head();
    const taken = head && (await takeOver({ reception, door }, file, head, true));
    await file.close();
    await reception.settled();
    return taken?.batches;
  };
  t.is(await take(), 2, "what had a sequence, and the rest");
  await turnOver();
  t.is(await take(), 0);
  t.is(producers.endedWithoutClosing, 1, "one process ended");
});

test("who ended without closing is known, with when and a run, also after a restart", async (t) => {
  const { store, clock, producers, reception } = await setUp(t);
  const session = sessionOf();
  await reception.welcome(session, helloOf(1), idOf(1));
  reception.sends(idOf(1), RUN);
  clock.move(5_000);
  reception.leave(session, idOf(1), "ended");
  await reception.settled();
  const ended = {
    producerId: idOf(1),
    clientName: "test",
    clientVersion: "1",
    pid: 7,
    endedMs: 1_005_000,
    runId: RUN,
  };
  t.deepEqual(producers.lastEnded(20), [ended]);
  clock.move(4_000);
  t.deepEqual((await Producers.open(store, clock)).lastEnded(20), [ended]);
  t.deepEqual((await Producers.open(store, clock)).lastEnded(0), []);
  const back = sessionOf();
  await reception.welcome(back, { ...helloOf(1), epoch: 2n }, idOf(1));
  t.is(producers.endedWithoutClosing, 0, "one that comes back has not ended");
  const killed = await Producers.open(store, clock);
  t.like(
    killed.lastEnded(1)[0],
    { endedMs: 1_009_000, runId: RUN },
    "who was connected when the daemon died has",
  );
});

test("a stream that is gone before it is welcomed is not connected for ever", async (t) => {
  const { producers, reception } = await setUp(t);
  const first = sessionOf();
  await reception.welcome(first, helloOf(1), idOf(1));
  const session = sessionOf();
  const welcomed = reception.welcome(session, { ...helloOf(1), epoch: 2n }, idOf(1));
  while (!reception.isCurrent(session, idOf(1))) await setImmediate();
  reception.leave(session, idOf(1), "ended");
  await welcomed;
  await reception.settled();
  t.is(producers.endedWithoutClosing, 1);
});

test("a producer that had been acknowledged more than the home has is counted and told, known or not", async (t) => {
  const { counts, reception, messages } = await setUp(t);
  t.is((await reception.welcome(sessionOf(), helloOf(1, 5n), idOf(1))).sequence, 4);
  t.is(counts.producersWithLosses, 1);
  await reception.welcome(sessionOf(), { ...helloOf(1, 9n), epoch: 2n }, idOf(1));
  await reception.welcome(sessionOf(), helloOf(2), idOf(2));
  t.is(counts.producersWithLosses, 2);
  t.deepEqual(messages, Array(2).fill("a producer was acknowledged more than this home has"));
});
