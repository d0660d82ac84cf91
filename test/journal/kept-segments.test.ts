import { readdir } from "node:fs/promises";
import test, { type ExecutionContext } from "ava";
import { Journal } from "../../src/journal/journal.js";
import type { JournalOptions } from "../../src/journal/options.js";
import { SEGMENT_BYTES_MAX } from "../../src/model/limits.js";
import { appendPoints } from "../support/append.js";
import { scratchFolder } from "../support/folder.js";
import { journalOptions } from "../support/journal-options.js";
import { until } from "../support/until.js";

const ALL = { points: 1e9, texts: 1e9, records: 1e9 };
const WINDOW = { ms: 900_000, bytes: 256 * 1024 * 1024 };

async function setUp(t: ExecutionContext) {
  // It writes 400 MB beside all other tests of the journal.
  t.timeout(600_000);
  const folder = await scratchFolder(t);
  const common = journalOptions(folder);
  const open = (more: Partial<JournalOptions> = {}) => Journal.open({ ...common, window: WINDOW, ...more });
  const kept = async () => (await readdir(folder)).filter((name) => name.endsWith(".kept")).sort();
  return { open, kept };
}

async function append(journal: Journal, run: number, bytes: number): Promise<number> {
  await appendPoints(journal, run, { bytes });
  return journal.totals(run)?.seq ?? 0;
}

/** A segment with one record of run 1, and the next one; the first is delivered. */
async function deliverOne(journal: Journal): Promise<void> {
  const seq = await append(journal, 1, SEGMENT_BYTES_MAX);
  await append(journal, 2, 100);
  journal.release(1, seq);
}

test("a delivered segment stays, counts for no quota, and gives its records back, after a restart too", async (t) => {
  const { open, kept } = await setUp(t);
  const first = await open();
  await deliverOne(first);
  // It is counted a moment after its file has the name.
  await until("it is kept", kept, (names) => names.length === 1 && first.keptBytes >= SEGMENT_BYTES_MAX);
  t.true(first.bytes < SEGMENT_BYTES_MAX);
  await first.close();
  const journal = await open({ seqFloor: 3 });
  t.deepEqual(await kept(), ["00000001.kept"]);
  t.is(journal.damagedSegments, 0);
  t.deepEqual(await journal.read(1, 0, ALL), []);
  await journal.recall(new Map([[7, 0]]));
  t.is((await kept()).length, 1, "nothing of another run is there");
  await journal.recall(new Map([[1, 0]]));
  t.is((await journal.read(1, 0, ALL)).length, 1);
  t.deepEqual(await kept(), []);
  journal.release(1, 1);
  await until("it is kept again", kept, (names) => names.length === 1);
  await journal.close();
});

test("kept segments go when they are too many, too old, or the quota needs their place", async (t) => {
  const { open, kept } = await setUp(t);
  const small = await open({ window: { ...WINDOW, bytes: SEGMENT_BYTES_MAX * 1.5 } });
  for (let time = 0; time < 3; time++) await deliverOne(small);
  await until("one is left", kept, (names) => names.length === 1 && small.keptBytes < 2 * SEGMENT_BYTES_MAX);
  await small.close();
  const tight = await open({ quotaBytes: SEGMENT_BYTES_MAX * 2 });
  await until(
    "none stays where the quota is nearly used",
    async () => {
      await append(tight, 3, SEGMENT_BYTES_MAX / 3);
      await tight.checkRoom();
      return await kept();
    },
    (names) => names.length === 0,
  );
  t.is(tight.fullness, undefined);
  await tight.close();
  const brief = await open({ window: { ...WINDOW, ms: 1_000 } });
  await deliverOne(brief);
  await until("it is gone after its time", kept, (names) => names.length === 0 && brief.keptBytes === 0);
  await brief.close();
});
