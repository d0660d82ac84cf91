import { readdir, writeFile } from "node:fs/promises";
import test, { type ExecutionContext } from "ava";
import { Journal } from "../../src/journal/journal.js";
import type { JournalOptions } from "../../src/journal/options.js";
import { SEGMENT_BYTES_MAX } from "../../src/model/limits.js";
import { appendPoints } from "../support/append.js";
import { scratchFolder } from "../support/folder.js";
import { journalOptions } from "../support/journal-options.js";
import { keptLog } from "../support/logs.js";
import { signal } from "../support/signal.js";
import { until } from "../support/until.js";

const PRODUCER = "0f".repeat(16);

async function setUp(t: ExecutionContext) {
  const folder = await scratchFolder(t);
  const { log, messages } = keptLog();
  const open = (more: Partial<JournalOptions> = {}) => Journal.open(journalOptions(folder, { log, ...more }));
  const segments = async () => (await readdir(folder)).sort();
  return { folder, messages, open, segments };
}

/** Appends one record of so many bytes, with a mark, and waits for the disk. */
async function append(journal: Journal, run: number, bytes: number): Promise<void> {
  const mark = { producerId: PRODUCER, mark: { epoch: 1n, sequence: run } };
  await appendPoints(journal, run, { bytes, mark });
}

test("what is released while the journal failed goes when it is open again, without an alarm for each", async (t) => {
  const { open, folder, messages, segments } = await setUp(t);
  const [isReopened, reopened] = signal();
  const journal = await open({ onReopened: reopened });
  await append(journal, 1, SEGMENT_BYTES_MAX);
  const delivered = journal.totals(1)?.seq ?? 0;
  await append(journal, 2, SEGMENT_BYTES_MAX);
  // The next segment can't be made where a file lies.
  await writeFile(`${folder}/00000003`, "");
  await t.throwsAsync(append(journal, 2, 100), { message: /The journal failed/ });
  for (let time = 0; time < 5; time++) journal.release(1, delivered);
  await isReopened;
  journal.release(1, delivered);
  await until("the first segment is gone", segments, (names) => !names.includes("00000001"));
  t.deepEqual(
    messages.filter((message) => message.includes("could not be removed")),
    [],
  );
  t.is(journal.totals(2)?.points, 1);
  await journal.close();
});

test("starts that nothing is logged after leave no segments behind", async (t) => {
  const { open, segments } = await setUp(t);
  const first = await open();
  await append(first, 7, 100);
  await first.close();
  for (let start = 0; start < 3; start++) await (await open()).close();
  t.is((await segments()).length, 2, "the one with the record, and the last start's");
  const last = await open();
  t.is(last.totals(7)?.points, 1);
  t.deepEqual(last.mark(PRODUCER), { epoch: 1n, sequence: 7 });
  await last.close();
});
