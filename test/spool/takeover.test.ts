import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { StepwellError } from "../../src/errors/stepwell-error.js";
import { Batch } from "../../src/gen/stepwell/v1/ingest.js";
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import type { Ticket } from "../../src/ingest/door.js";
import type { AppendListener, NewMark } from "../../src/journal/append.js";
import { NO_ENTRIES } from "../../src/model/no-entries.js";
import { SpoolFile } from "../../src/spool/spool-file.js";
import { type Takeover, takeOver } from "../../src/spool/takeover.js";
import { scratchFolder } from "../support/folder.js";
import { SpoolWriter } from "../support/spool-writer.js";

const PRODUCER = "07".repeat(16);
const RUN = "a".repeat(32);
const OTHER = "b".repeat(32);

/** What a journal has, as far as a takeover needs one. It may die before a batch. */
class Journal {
  readonly batches: Batch[] = [];
  /** Of the producer, and of its heir. */
  readonly sequences = new Map<string, number>();
  diesAt = Infinity;
  isCurrent = true;
  hasStream = false;

  readonly reception = {
    adopt: async ({ producerId }: { producerId: string }) =>
      this.hasStream
        ? undefined
        : {
            producerId,
            mark: { epoch: 3n, sequence: this.sequences.get(producerId) ?? 0 },
            ...{ isCurrent: () => this.isCurrent, end: () => undefined },
          },
  };

  readonly door = {
    prepare: (_: unknown, bytes: Uint8Array): Ticket => ({
      ...{ refusals: [], letGo: () => undefined, sinceMs: 0 },
      records: [{ run: 1, header: {} as never, payload: bytes }],
    }),
    append: ({ records }: Ticket, { producerId, mark }: NewMark, listener: AppendListener) => {
      if (this.batches.length >= this.diesAt)
        return listener.failed(new StepwellError("STEPWELL_JOURNAL_FULL", "It is full."));
      this.sequences.set(producerId, mark.sequence);
      this.batches.push(Batch.decode(records[0]?.payload ?? new Uint8Array()));
      return listener.journaled();
    },
  };
}

const entries = (some: Partial<Batch>): Uint8Array =>
  Batch.encode({ runId: "", ...NO_ENTRIES, ...some }).finish();
const param = (key: string) => entries({ params: [{ key, value: "1" }] });
const tag = (key: string, value: string) => entries({ tags: [{ key, value }] });
const end = entries({ runEnd: { status: RunStatus.RUN_STATUS_FAILED, endTimeMs: 5n } });

async function take(
  t: ExecutionContext,
  spool: SpoolWriter,
  journal: Journal,
): Promise<Takeover | undefined> {
  const path = join(await scratchFolder(t), "a.spool");
  writeFileSync(path, spool.bytes);
  const file = await SpoolFile.open(path);
  try {
    const head = await file.head();
    return head && (await takeOver(journal, file, head, true));
  } finally {
    await file.close();
  }
}

const pointsOf = ({ metrics }: Batch) =>
  metrics.flatMap(({ key, steps, values }) => steps.map((step, at) => `${key} ${step}=${values[at]}`));

test("what the journal lacks is sent: what was sent under its sequence, the rest behind it, in a run's order", async (t) => {
  const spool = new SpoolWriter(PRODUCER);
  spool.rows(RUN, "loss", [
    { step: 0, value: 0.5, sequence: 5 },
    { step: 1, value: 1.5, sequence: 6 },
    { step: 2, value: 2.5, sequence: 0 },
  ]);
  spool.record("end", RUN, end);
  spool.record("tag", RUN, tag("t", "1"), 6);
  spool.record("tag", RUN, tag("t", "2"));
  spool.record("param", RUN, param("late"));
  spool.record("start", OTHER, param("start"), 4, 2);
  spool.record("param", OTHER, param("other"), 0, 2);
  const journal = new Journal();
  journal.sequences.set(PRODUCER, 5);
  const done = await take(t, spool, journal);
  t.deepEqual(done, { batches: 3, entries: 6, refused: 0, torn: 0 });
  const [noted, rest, other] = journal.batches;
  t.deepEqual([noted?.sequence, rest?.sequence, other?.sequence], [6n, 1n, 2n]);
  t.deepEqual(noted && pointsOf(noted), ["loss 1=1.5"]);
  t.deepEqual(noted?.tags, [{ key: "t", value: "1" }]);
  t.deepEqual(rest && pointsOf(rest), ["loss 2=2.5"]);
  t.deepEqual(
    [rest?.params[0]?.key, rest?.tags[0]?.value, rest?.runEnd?.status],
    ["late", "2", RunStatus.RUN_STATUS_FAILED],
  );
  t.deepEqual([other?.runId, other?.params[0]?.key], [OTHER, "other"]);
});

test("a takeover that ends anywhere goes on there, and nothing is journaled twice", async (t) => {
  const spool = new SpoolWriter(PRODUCER);
  for (let run = 0; run < 6; run++) {
    const id = run.toString(16).repeat(32);
    const rows = [0, 1, 2].map((step) => ({ step, value: run, sequence: run < 2 ? run + 1 : 0 }));
    spool.rows(id, "loss", rows, run + 1);
  }
  for (let diesAt = 0; diesAt <= 6; diesAt++) {
    const journal = new Journal();
    journal.sequences.set(PRODUCER, 1);
    journal.diesAt = diesAt;
    if (diesAt < 5) await t.throwsAsync(take(t, spool, journal), { message: /full/ });
    journal.diesAt = Infinity;
    await take(t, spool, journal);
    const runs = journal.batches.map(({ runId }) => runId[0]);
    t.deepEqual(runs, ["1", "2", "3", "4", "5"], `ended at ${diesAt}`);
    t.deepEqual([...journal.sequences.values()], [2, 4]);
    t.deepEqual(await take(t, spool, journal), { batches: 0, entries: 0, refused: 0, torn: 0 });
  }
});

test("what a process adds after it was thought gone is taken, too", async (t) => {
  const rows = [0, 1, 2].map((step) => ({ step, value: step, sequence: 0 }));
  const journal = new Journal();
  const first = new SpoolWriter(PRODUCER);
  first.rows(RUN, "loss", rows);
  await take(t, first, journal);
  const second = new SpoolWriter(PRODUCER);
  second.rows(RUN, "loss", [
    ...rows.map((row) => ({ ...row, sequence: 1 })),
    { step: 3, value: 3, sequence: 0 },
  ]);
  journal.sequences.set(PRODUCER, 1);
  await take(t, second, journal);
  t.deepEqual(journal.batches.flatMap(pointsOf), ["loss 0=0", "loss 1=1", "loss 2=2", "loss 3=3"]);
});

test("what is torn, given up or left over is left out, and torn rows are counted", async (t) => {
  const spool = new SpoolWriter(PRODUCER);
  spool.rows(RUN, "loss", [
    { step: 0, value: 0, sequence: 0 },
    { step: 1, value: 1, sequence: "torn" },
    { step: 2, value: 2, sequence: "given up" },
    { step: 3, value: 3, sequence: 0, turn: 77 },
    { step: 4, value: 4, sequence: 0 },
  ]);
  spool.rows(RUN, "gone", [{ step: 0, value: 0, sequence: 0 }]).writeBigUInt64LE(0n, 0);
  spool.record("tag", RUN, tag("whole", "1"));
  const torn = spool.record("tag", RUN, tag("torn", "1"));
  torn[50] = (torn[50] ?? 0) ^ 1;
  spool.record("tag", RUN, tag("behind", "1"));
  const journal = new Journal();
  const done = await take(t, spool, journal);
  t.is(done?.torn, 1);
  const [batch] = journal.batches;
  t.deepEqual(batch && pointsOf(batch), ["loss 0=0", "loss 4=4"]);
  t.deepEqual(
    batch?.tags.map(({ key }) => key),
    ["whole"],
  );
});

test("much that was not sent is cut into batches of a bounded size", async (t) => {
  const spool = new SpoolWriter(PRODUCER);
  const text = "x".repeat(200_000);
  for (let at = 0; at < 5; at++) spool.record("tag", RUN, tag(`t${at}`, text));
  const journal = new Journal();
  await take(t, spool, journal);
  t.deepEqual(
    journal.batches.map(({ tags }) => tags.length),
    [2, 2, 1],
  );
});

test("many small records are few parts to the daemon, whatever their kinds, and the last one counts", async (t) => {
  const spool = new SpoolWriter(PRODUCER);
  spool.record("start", RUN, param("start"));
  for (let at = 0; at < 20_000; at++) {
    spool.record("tag", RUN, tag("t", `${at}`));
    spool.record("param", RUN, param(`p${at}`));
  }
  spool.record("end", RUN, end);
  spool.record("tag", OTHER, tag("t", "other"), 0, 2);
  const path = join(await scratchFolder(t), "a.spool");
  writeFileSync(path, spool.bytes);
  const file = await SpoolFile.open(path);
  const index = await file.index(() => true);
  await file.close();
  t.is(
    index?.parts.reduce((sum, { rows }) => sum + rows, 0),
    40_003,
  );
  t.true(index !== undefined && index.parts.length < 20, `${index?.parts.length} parts`);
  const journal = new Journal();
  await take(t, spool, journal);
  const ofRun = journal.batches.filter(({ runId }) => runId === RUN);
  t.is(
    ofRun.reduce((sum, { params }) => sum + params.length, 0),
    20_001,
  );
  t.is(ofRun.at(-1)?.tags.at(-1)?.value, "19999");
  t.is(ofRun.at(-1)?.runEnd?.status, RunStatus.RUN_STATUS_FAILED);
});

test("a batch that can't be read is left out, and counted", async (t) => {
  const spool = new SpoolWriter(PRODUCER);
  spool.record("tag", RUN, Buffer.from([0x32, 0x7f]));
  spool.record("tag", OTHER, tag("t", "1"), 0, 2);
  const journal = new Journal();
  t.deepEqual(await take(t, spool, journal), { batches: 1, entries: 1, refused: 1, torn: 0 });
  t.deepEqual(
    journal.batches.map(({ runId }) => runId),
    [OTHER],
  );
});

test("a producer whose stream is there, or comes back, speaks for itself", async (t) => {
  const spool = new SpoolWriter(PRODUCER);
  spool.record("tag", RUN, tag("t", "1"));
  const journal = new Journal();
  journal.hasStream = true;
  t.is(await take(t, spool, journal), undefined);
  journal.hasStream = false;
  journal.isCurrent = false;
  await t.throwsAsync(take(t, spool, journal), { message: /is back/ });
  t.deepEqual(journal.batches, []);
});

test("a file that is no spool, is cut or is noise harms nobody", async (t) => {
  const spool = new SpoolWriter(PRODUCER);
  spool.rows(RUN, "loss", [{ step: 0, value: 0, sequence: 0 }]);
  spool.record("tag", RUN, tag("t", "1"));
  const { bytes } = spool;
  const folder = await scratchFolder(t);
  const seed = Number(process.env["STEPWELL_TEST_SEED"] ?? Date.now() % 2 ** 31);
  let state = seed;
  const next = (max: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * max);
  };
  for (let round = 0; round < 60; round++) {
    const noise = Buffer.from(bytes.subarray(0, next(3) === 0 ? next(bytes.length) : bytes.length));
    const starts = [0, 2_048, 65_536, 65_536 + 262_144];
    for (let change = 0; change < 8 && noise.length > 0; change++) {
      const at = (starts[next(starts.length)] ?? 0) + next(128);
      if (at < noise.length) noise[at] = next(256);
    }
    const path = join(folder, "noise.spool");
    writeFileSync(path, noise);
    const file = await SpoolFile.open(path);
    const head = await file.head();
    if (head)
      await t.notThrowsAsync(takeOver(new Journal(), file, head, true), `seed ${seed}, round ${round}`);
    await file.close();
  }
  t.pass();
});
