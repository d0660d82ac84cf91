import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import test from "ava";
import { Journal } from "../../src/journal/journal.js";
import { appendPoints } from "../support/append.js";
import { scratchFolder } from "../support/folder.js";
import { journalOptions } from "../support/journal-options.js";
import { keptLog } from "../support/logs.js";

test("a segment that was still being made when the daemon died is no damaged one", async (t) => {
  const folder = await scratchFolder(t);
  const { log, messages } = keptLog();
  const options = journalOptions(folder, { log });
  const open = () => Journal.open(options);
  const first = await open();
  await appendPoints(first, 1, { points: 4 });
  await first.close();
  // As kills leave them: one that came no further than its folder, and one with its mark and nothing of LevelDB's.
  await mkdir(`${folder}/00000002`);
  await mkdir(`${folder}/00000003`);
  await writeFile(`${folder}/00000003/unfinished`, "");
  const second = await open();
  t.is(second.damagedSegments, 0);
  t.deepEqual((await readdir(folder)).sort(), ["00000001", "00000004"]);
  await appendPoints(second, 1, { points: 5 });
  t.is(second.totals(1)?.points, 9);
  t.true((second.totals(1)?.seq ?? 0) < 1000, "positions go on where they were");
  t.deepEqual(messages, []);
  await second.close();
});

test("a segment that was there, and whose files are all gone, is a lost one", async (t) => {
  const folder = await scratchFolder(t);
  const { log, messages } = keptLog();
  let noted: readonly number[] = [];
  const notes = {
    read: async () => noted,
    write: async (numbers: readonly number[]) => {
      noted = numbers;
    },
  };
  const first = await Journal.open(journalOptions(folder, { log, notes }));
  await first.close();
  for (const name of await readdir(`${folder}/00000001`)) await rm(`${folder}/00000001/${name}`);
  const second = await Journal.open(journalOptions(folder, { log, notes }));
  t.is(second.damagedSegments, 1);
  t.deepEqual(messages, ["a journal segment is damaged and was set aside"]);
  await second.close();
});
