import { cp, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import test, { type ExecutionContext } from "ava";
import type { NewMark } from "../../src/journal/append.js";
import { Journal } from "../../src/journal/journal.js";
import type { ProducerMark } from "../../src/journal/mark.js";
import type { JournalOptions } from "../../src/journal/options.js";
import { SEGMENT_BYTES_MAX } from "../../src/model/limits.js";
import { appendPoints } from "../support/append.js";
import { diskBytes, scratchFolder } from "../support/folder.js";
import { journalOptions } from "../support/journal-options.js";
import { keptLog } from "../support/logs.js";
import { signal } from "../support/signal.js";
import { until } from "../support/until.js";

const ALL = { points: 1e9, texts: 1e9, records: 1e9 };
const PRODUCER = "0f".repeat(16);

async function setUp(t: ExecutionContext, more: Partial<JournalOptions> = {}) {
  const folder = await scratchFolder(t);
  const { log, messages } = keptLog();
  const retired = new Map<string, ProducerMark>();
  const retire = async (marks: ReadonlyMap<string, ProducerMark>) => {
    for (const [id, mark] of marks) retired.set(id, mark);
  };
  const common = journalOptions(folder, { log, retire, ...more });
  const open = (options: Partial<JournalOptions> = {}) => Journal.open({ ...common, ...options });
  return { folder, messages, retired, open };
}

const markAt = (epoch: bigint, sequence: number): NewMark => ({
  producerId: PRODUCER,
  mark: { epoch, sequence },
});
const segments = async (folder: string) => (await readdir(folder)).sort();

test("a run's records come back in order and with its running totals, whatever lies between", async (t) => {
  const { open } = await setUp(t);
  const journal = await open();
  for (const points of [1, 2, 3]) {
    await appendPoints(journal, 7, { points });
    await appendPoints(journal, 8, { points: 50 });
  }
  const records = await journal.read(7, 0, ALL);
  t.deepEqual(
    records.map((record) => record.points),
    [1, 2, 3],
  );
  t.deepEqual(
    records.map((record) => record.through.points),
    [1, 3, 6],
  );
  t.deepEqual(
    (await journal.read(7, records[0]?.seq ?? 0, ALL)).map((record) => record.points),
    [2, 3],
  );
  await journal.close();
});

test("a read stays within its budget and brings one record at least", async (t) => {
  const { open } = await setUp(t);
  const journal = await open();
  for (const points of [10, 10, 10]) await appendPoints(journal, 1, { points });
  t.is((await journal.read(1, 0, { ...ALL, points: 25 })).length, 2);
  t.is((await journal.read(1, 0, { ...ALL, points: 5 })).length, 1);
  t.is((await journal.read(1, 0, { ...ALL, records: 1 })).length, 1);
  for (const bytes of [3, 6, 1]) await appendPoints(journal, 2, { bytes: bytes << 20 });
  const [first] = await journal.read(2, 0, ALL);
  t.deepEqual([first?.payload.length, (await journal.read(2, first?.seq ?? 0, ALL)).length], [3 << 20, 2]);
  t.is((await journal.read(2, 0, ALL)).length, 1, "more bytes than a read may bring");
  await journal.close();
});

test("what was journaled is there after the journal is opened again, and positions go on rising", async (t) => {
  const { open } = await setUp(t);
  const first = await open();
  await appendPoints(first, 1, { points: 4, mark: markAt(2n, 9) });
  await appendPoints(first, 2, { points: 5, mark: markAt(2n, 10) });
  const before = first.totals(2);
  await first.close();
  const second = await open();
  t.deepEqual(second.totals(2), before);
  t.deepEqual(second.mark(PRODUCER), { epoch: 2n, sequence: 10 });
  await appendPoints(second, 1, { points: 6 });
  const records = await second.read(1, 0, ALL);
  t.deepEqual(
    records.map((record) => record.points),
    [4],
  );
  const rest = await second.read(1, records[0]?.seq ?? 0, ALL);
  t.like(rest[0], { points: 6, through: { points: 10 } });
  t.true((rest[0]?.seq ?? 0) > (before?.seq ?? 0));
  await second.close();
});

test("a segment goes once all its runs are released, and its producers' marks are kept elsewhere", async (t) => {
  const { open, folder, retired } = await setUp(t);
  const journal = await open();
  await appendPoints(journal, 1, { bytes: SEGMENT_BYTES_MAX, mark: markAt(1n, 1) });
  await appendPoints(journal, 2, { bytes: 10_000 });
  await appendPoints(journal, 2);
  t.is((await segments(folder)).length, 2);
  journal.release(2, Number.MAX_SAFE_INTEGER);
  await appendPoints(journal, 3);
  t.is((await segments(folder)).length, 2, "run 1 still needs the first segment");
  journal.release(1, Number.MAX_SAFE_INTEGER);
  while ((await segments(folder)).length > 1) await appendPoints(journal, 3);
  t.deepEqual(retired, new Map([[PRODUCER, { epoch: 1n, sequence: 1 }]]));
  t.is(journal.mark(PRODUCER), undefined);
  await journal.close();
});

test("a damaged segment is set aside by name and the others serve on", async (t) => {
  const { open, folder, messages } = await setUp(t);
  const journal = await open();
  await appendPoints(journal, 1, { bytes: SEGMENT_BYTES_MAX });
  await appendPoints(journal, 1, { points: 2 });
  await journal.close();
  const [damaged] = await segments(folder);
  for (const name of await readdir(`${folder}/${damaged}`)) {
    if (name === "CURRENT") await truncate(`${folder}/${damaged}/${name}`);
  }
  const again = await open();
  t.deepEqual(
    (await again.read(1, 0, ALL)).map((record) => record.points),
    [2],
  );
  t.true((await segments(folder)).includes(`${damaged}.damaged`));
  t.deepEqual(messages, ["a journal segment is damaged and was set aside"]);
  await again.close();
});

test("a journal that was taken away goes on far above every cursor, and says so", async (t) => {
  const { open, folder, messages } = await setUp(t);
  const journal = await open();
  await appendPoints(journal, 1);
  await journal.close();
  await rm(folder, { recursive: true });
  const again = await open({ seqFloor: 1000 });
  await appendPoints(again, 1);
  t.true((again.totals(1)?.seq ?? 0) > 2 ** 32);
  t.is(messages.length, 1);
  await again.close();
});

test("after a failed write nothing is acknowledged until the journal was opened again", async (t) => {
  const { open, folder, messages } = await setUp(t);
  const [isReopened, reopened] = signal();
  const journal = await open({ onReopened: reopened });
  await appendPoints(journal, 1, { mark: markAt(1n, 1) });
  // The next segment can't be made where a file lies.
  await writeFile(`${folder}/00000002`, "");
  await appendPoints(journal, 1, { points: 2, bytes: SEGMENT_BYTES_MAX, mark: markAt(1n, 2) });
  const before = journal.totals(1);
  await t.throwsAsync(appendPoints(journal, 1, { points: 3, mark: markAt(1n, 3) }), {
    message: /The journal failed/,
  });
  await t.throwsAsync(appendPoints(journal, 1, { points: 3, mark: markAt(1n, 3) }), {
    message: /The journal failed/,
  });
  t.truthy(journal.failure);
  await isReopened;
  t.is(journal.failure, undefined);
  t.deepEqual(journal.totals(1), before, "what was never acknowledged is not counted");
  t.deepEqual(journal.mark(PRODUCER), { epoch: 1n, sequence: 2 });
  await appendPoints(journal, 1, { points: 3, mark: markAt(1n, 3) });
  const points: number[] = [];
  for (let seq = 0, isOver = false; !isOver; ) {
    const records = await journal.read(1, seq, ALL);
    points.push(...records.map((record) => record.points));
    seq = records.at(-1)?.seq ?? seq;
    isOver = records.length === 0;
  }
  t.deepEqual(points, [1, 2, 3]);
  t.true(messages.includes("the journal is open again"));
  await journal.close();
});

test("a record whose bits were flipped is passed over, and its segment is kept aside in the end", async (t) => {
  const { open, folder } = await setUp(t);
  const journal = await open();
  for (const points of [1, 2, 3]) await appendPoints(journal, 1, { points, bytes: 5_000 });
  await appendPoints(journal, 2, { points: 4, bytes: SEGMENT_BYTES_MAX });
  await appendPoints(journal, 2, { points: 5 });
  await journal.close();
  const again = await open();
  const [segment] = await segments(folder);
  // Opened once, the segment has its records in a table.
  t.deepEqual(
    (await again.read(1, 0, ALL)).map((record) => record.points),
    [1, 2, 3],
  );
  await again.close();
  for (const name of await readdir(`${folder}/${segment}`)) {
    if (!name.endsWith(".ldb")) continue;
    const bytes = await readFile(`${folder}/${segment}/${name}`);
    const at = bytes.indexOf(Buffer.alloc(1_000, 2));
    if (at >= 0) await writeFile(`${folder}/${segment}/${name}`, bytes.fill(0xee, at, at + 10));
  }
  const damaged = await open();
  const records = await damaged.read(1, 0, ALL);
  t.deepEqual(
    records.map((record) => record.points),
    [1, 3],
  );
  t.is(records[1]?.through.points, 6, "the running total tells what is missing");
  damaged.release(1, Number.MAX_SAFE_INTEGER);
  damaged.release(2, Number.MAX_SAFE_INTEGER);
  await appendPoints(damaged, 3);
  await damaged.close();
  t.true((await segments(folder)).includes(`${segment}.damaged`));
});

test("a journal above its quota says so with the numbers, until its segments go", async (t) => {
  const { open } = await setUp(t);
  const journal = await open({ quotaBytes: 1_000_000 });
  t.is(await journal.checkRoom(), undefined);
  await appendPoints(journal, 1, { bytes: 1_000_000 });
  const full = await journal.checkRoom();
  t.is(full?.code, "STEPWELL_JOURNAL_FULL");
  t.is((await journal.checkRoom(60_000))?.code, "STEPWELL_JOURNAL_FULL", "it was looked at just now");
  t.regex(full?.message ?? "", /holds \d+ bytes; its quota is 1000000/);
  journal.release(1, Number.MAX_SAFE_INTEGER);
  await until(
    "room again",
    () => journal.checkRoom(),
    (full) => full === undefined,
  );
  t.is(journal.fullness, undefined);
  await journal.close();
});

test("a journal knows that its quota is passed as soon as it is, with what is still being written", async (t) => {
  const { open } = await setUp(t);
  const journal = await open({ quotaBytes: 1_000_000 });
  await appendPoints(journal, 1);
  t.is(journal.fullness, undefined, "the volume was looked at just now");
  await Promise.all([1, 2].map(() => appendPoints(journal, 1, { bytes: 600_000 })));
  t.is(journal.fullness?.code, "STEPWELL_JOURNAL_FULL");
  await journal.close();
});

test("a run that nobody takes pins its own entries and little more", async (t) => {
  const { open, folder } = await setUp(t);
  const journal = await open();
  const stuckBytes = 400_000;
  for (let round = 1; round <= 12; round++) {
    await appendPoints(journal, 1, { points: round, bytes: stuckBytes });
    await appendPoints(journal, 2, { bytes: SEGMENT_BYTES_MAX });
    journal.release(2, Number.MAX_SAFE_INTEGER);
  }
  const bound = 2 * 12 * stuckBytes + 5 * (SEGMENT_BYTES_MAX + stuckBytes);
  await until(
    `at most ${bound} bytes`,
    () => {
      journal.release(2, Number.MAX_SAFE_INTEGER);
      return diskBytes(folder);
    },
    (bytes) => bytes <= bound,
  );
  const readAll = async (from: Journal) => {
    const points: number[] = [];
    for (let seq = 0; ; ) {
      const records = await from.read(1, seq, ALL);
      const last = records.at(-1);
      if (!last) return points;
      points.push(...records.map((record) => record.points));
      seq = last.seq;
    }
  };
  const expected = Array.from({ length: 12 }, (_, index) => index + 1);
  t.deepEqual(await readAll(journal), expected);
  await journal.close();
  const again = await open();
  t.deepEqual(await readAll(again), expected);
  await again.close();
});

test("a segment whose copy was about to take its place is there after a crash", async (t) => {
  const { open, folder } = await setUp(t);
  const journal = await open();
  await appendPoints(journal, 1, { points: 7 });
  await journal.close();
  await rename(`${folder}/00000001`, `${folder}/00000001.shrunk`);
  const again = await open();
  t.deepEqual(
    (await again.read(1, 0, ALL)).map((record) => record.points),
    [7],
  );
  await again.close();
  await cp(`${folder}/00000001`, `${folder}/00000001.shrunk`, { recursive: true });
  await (await open()).close();
  t.false((await segments(folder)).includes("00000001.shrunk"));
});
