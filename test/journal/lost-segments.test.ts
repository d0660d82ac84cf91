/** Segments that are gone or can't be opened: what is told, what comes back, and which runs may miss something. */
import { cp, readdir, rename, rm, truncate } from "node:fs/promises";
import test, { type ExecutionContext } from "ava";
import { damagedSegments } from "../../src/journal/damaged-segment.js";
import { Journal } from "../../src/journal/journal.js";
import type { JournalOptions } from "../../src/journal/options.js";
import type { JournalRecord } from "../../src/journal/record.js";
import { SEGMENT_BYTES_MAX } from "../../src/model/limits.js";
import { appendPoints } from "../support/append.js";
import { scratchFolder } from "../support/folder.js";
import { journalOptions } from "../support/journal-options.js";
import { keptLog } from "../support/logs.js";
import { until } from "../support/until.js";

const ALL = { points: 1e9, texts: 1e9, records: 1e9 };
const NOTHING = { releasedSeq: 0, through: { seq: 0, points: 0, bytes: 0 } };
const GONE = "a journal segment is gone; what it still held is lost";
const SET_ASIDE = "a journal segment is damaged and was set aside";

async function setUp(t: ExecutionContext, runs: readonly number[], more: Partial<JournalOptions> = {}) {
  const folder = await scratchFolder(t);
  const { log, messages } = keptLog();
  const liveRuns = () => runs.map((number) => ({ number, ...NOTHING }));
  const options = journalOptions(folder, { log, liveRuns, ...more });
  const open = (changed: Partial<JournalOptions> = {}) => Journal.open({ ...options, ...changed });
  return { folder, messages, open };
}

async function readAll(journal: Journal, run: number): Promise<JournalRecord[]> {
  const found: JournalRecord[] = [];
  for (;;) {
    const records = await journal.read(run, found.at(-1)?.seq ?? 0, ALL);
    if (records.length === 0) return found;
    found.push(...records);
  }
}

/** What a run's records say: their points, and a gap as such. */
const shown = (records: readonly JournalRecord[]) =>
  records.map(({ isGap, points }) => (isGap ? "gap" : points));
const segments = async (folder: string) => (await readdir(folder)).sort();

/** Run 1 with records in three segments, run 2 in the second alone, run 3 in the third. */
async function filled(journal: Journal): Promise<void> {
  await appendPoints(journal, 1, { points: 1, bytes: SEGMENT_BYTES_MAX });
  await appendPoints(journal, 1, { points: 2 });
  await appendPoints(journal, 2, { points: 7, bytes: SEGMENT_BYTES_MAX });
  await appendPoints(journal, 1, { points: 3 });
  await appendPoints(journal, 3, { points: 9 });
}

test("a segment whose folder is gone is told, and a gap is in each run that may miss something", async (t) => {
  const { folder, messages, open } = await setUp(t, [1, 2, 3, 4]);
  const journal = await open();
  await filled(journal);
  const lastSeq = journal.totals(3)?.seq ?? 0;
  await journal.close();
  await rm(`${folder}/00000002`, { recursive: true });
  const again = await open();
  t.deepEqual(messages, [GONE]);
  t.is(again.damagedSegments, 1);
  t.true((await segments(folder)).includes("00000002.missing"));
  const first = await readAll(again, 1);
  t.deepEqual(shown(first), [1, 3], "its later totals tell what is missing");
  t.is(first[1]?.through.points, 6);
  t.deepEqual(shown(await readAll(again, 2)), ["gap"], "no later total tells");
  t.deepEqual(shown(await readAll(again, 3)), [9], "it has records behind what is gone");
  t.deepEqual(shown(await readAll(again, 4)), ["gap"], "of a run without records nobody knows");
  await appendPoints(again, 3, { points: 1 });
  const seq = again.totals(3)?.seq ?? 0;
  t.true(seq > lastSeq && seq < lastSeq + 100, "no position behind the newest segment is in doubt");
  await again.close();
  const third = await open();
  t.deepEqual(messages, [GONE], "it is told once");
  t.is(third.damagedSegments, 1, "and seen until it is salvaged");
  t.deepEqual(shown(await readAll(third, 2)), ["gap"]);
  await third.close();
});

test("when the newest segment is gone no position is given twice, and each run that is not delivered has a gap", async (t) => {
  const { folder, messages, open } = await setUp(t, [1, 2, 3]);
  const journal = await open();
  await filled(journal);
  const lastSeq = journal.totals(3)?.seq ?? 0;
  await journal.close();
  await rm(`${folder}/00000003`, { recursive: true });
  const again = await open();
  t.deepEqual(messages, [GONE]);
  t.deepEqual(shown(await readAll(again, 1)), [1, 2, "gap"]);
  t.deepEqual(shown(await readAll(again, 2)), [7, "gap"]);
  t.deepEqual(shown(await readAll(again, 3)), ["gap"]);
  t.true((again.totals(3)?.seq ?? 0) > lastSeq + 2 ** 31);
  await appendPoints(again, 1, { points: 4 });
  t.is(again.totals(1)?.points, 7, "totals go on from what is known");
  await again.close();
});

test("a journal whose folder is gone is missed, also before anything was delivered", async (t) => {
  const { folder, messages, open } = await setUp(t, [1]);
  const journal = await open();
  await appendPoints(journal, 1, { points: 1 });
  await journal.close();
  await rm(folder, { recursive: true });
  const again = await open();
  t.deepEqual(messages, [GONE]);
  t.deepEqual(shown(await readAll(again, 1)), ["gap"]);
  t.deepEqual(await segments(folder), ["00000001.missing", "00000002"]);
  await again.close();
});

test("a segment's folder that is back where it was is read as if nothing had been", async (t) => {
  const { folder, open } = await setUp(t, [1, 2]);
  const journal = await open();
  await filled(journal);
  await journal.close();
  await rename(`${folder}/00000002`, `${folder}-aside`);
  t.teardown(() => rm(`${folder}-aside`, { recursive: true, force: true }));
  await (await open()).close();
  await rename(`${folder}-aside`, `${folder}/00000002`);
  const again = await open();
  t.is(again.damagedSegments, 0);
  t.deepEqual(shown(await readAll(again, 1)), [1, 2, 3]);
  t.deepEqual(shown(await readAll(again, 2)), [7, "gap"]);
  await again.close();
});

test("a crash before a lost segment is set aside makes no second gap, and one before the gap is written none too few", async (t) => {
  const { folder, messages, open } = await setUp(t, [2]);
  const journal = await open();
  await filled(journal);
  await journal.close();
  await truncate(`${folder}/00000002/CURRENT`);
  await (await open()).close();
  t.deepEqual(messages, [SET_ASIDE]);
  // As a kill before the renaming leaves it.
  await rename(`${folder}/00000002.damaged`, `${folder}/00000002`);
  const again = await open();
  t.deepEqual(shown(await readAll(again, 2)), ["gap"]);
  await again.close();
  const name = (await segments(folder)).find((each) => each.endsWith("00000004"));
  t.is(name, "00000004", "which holds the gap");
});

test("a segment that breaks while the journal is open is set aside without a restart, and the others serve on", async (t) => {
  let reopened = 0;
  const { folder, messages, open } = await setUp(t, [1, 2, 3], { onReopened: () => void reopened++ });
  const first = await open();
  await filled(first);
  await first.close();
  const journal = await open();
  const untilReopened = (times: number) =>
    until(
      `open again for the ${times}. time`,
      () => reopened,
      (seen) => seen === times,
    );
  await truncate(`${folder}/00000002/CURRENT`);
  t.deepEqual(await readAll(journal, 2), []);
  t.true(journal.holds(2, 0), "nobody takes it for delivered meanwhile");
  await untilReopened(1);
  t.deepEqual(shown(await readAll(journal, 2)), ["gap"]);
  await rm(`${folder}/00000001`, { recursive: true });
  t.deepEqual(await readAll(journal, 1), []);
  await untilReopened(2);
  t.deepEqual(shown(await readAll(journal, 1)), [3]);
  t.true(messages.includes(SET_ASIDE) && messages.includes(GONE));
  t.is(journal.damagedSegments, 2);
  await appendPoints(journal, 1, { points: 5 });
  await journal.close();
});

test("a folder that is taken away from under an open journal is noticed before much is acknowledged into it", async (t) => {
  let reopened = 0;
  const { folder, open } = await setUp(t, [1], { onReopened: () => void reopened++ });
  const journal = await open();
  await appendPoints(journal, 1, { points: 1 });
  await rm(`${folder}/00000001`, { recursive: true });
  await until(
    "open again",
    async () => {
      // Who enters one by one looks at the volume first.
      await journal.checkRoom();
      await appendPoints(journal, 1, { points: 1 }).catch(() => undefined);
      return reopened;
    },
    (seen) => seen > 0,
  );
  await appendPoints(journal, 1, { points: 3 });
  // What is taken between the reopening and our notice of it is kept.
  const [first, ...kept] = shown(await readAll(journal, 1));
  t.is(first, "gap");
  t.is(kept.at(-1), 3);
  t.true(kept.slice(0, -1).every((each) => each === 1));
  await journal.close();
});

test("a segment that breaks beside an earlier one of its number, whose salvage was cut off, is set aside, too", async (t) => {
  const { folder, messages, open } = await setUp(t, []);
  const journal = await open();
  await filled(journal);
  await journal.close();
  await cp(`${folder}/00000002`, `${folder}/00000002.damaged`, { recursive: true });
  await truncate(`${folder}/00000002/CURRENT`);
  const again = await open();
  t.is(again.failure, undefined);
  t.deepEqual(messages, [SET_ASIDE]);
  t.is(again.damagedSegments, 2);
  t.deepEqual(await damagedSegments(folder), ["00000002.damaged", "00000002.damaged-2"]);
  await again.close();
});
