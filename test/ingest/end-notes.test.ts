import { mkdir, readdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { StepEnds } from "../../src/ingest/step-ends.js";
import { endNoteFile, formatEndNote } from "../../src/model/end-note.js";
import { scratchFolder } from "../support/folder.js";
import { keptLog } from "../support/logs.js";

const ONE = "a".repeat(32);
const OTHER = "b".repeat(32);
const NOTE = { stepRunId: ONE, pipelineRunId: OTHER, status: "FAILED", endTimeMs: 7 } as const;

async function setUp(t: ExecutionContext) {
  const folder = await scratchFolder(t);
  const { log, messages: said } = keptLog();
  const ends = new StepEnds(folder, log);
  const leave = (stepRunId: string, text: string) =>
    writeFile(join(folder, endNoteFile({ stepRunId })), text);
  return { folder, said, ends, leave };
}

test("a note is found by its step, and by its age; without an end its file's time counts", async (t) => {
  const { folder, ends, leave } = await setUp(t);
  t.is(await ends.find(ONE), undefined);
  await leave(ONE, formatEndNote(NOTE));
  t.deepEqual(await ends.find(ONE), NOTE);
  await leave(OTHER, formatEndNote({ stepRunId: OTHER, pipelineRunId: ONE, status: "KILLED" }));
  await utimes(join(folder, endNoteFile({ stepRunId: OTHER })), 5, 5);
  t.is((await ends.find(OTHER))?.endTimeMs, 5_000);
  t.deepEqual(
    (await ends.before(6_000)).map(({ stepRunId }) => stepRunId),
    [OTHER],
  );
  for (const stepRunId of [ONE, OTHER]) await ends.remove(stepRunId);
  t.deepEqual(await readdir(folder), []);
});

test("what is no note, or can't be read or removed, is said once and hinders nobody", async (t) => {
  const { folder, said, ends, leave } = await setUp(t);
  const names = ["1", "2", "3", "4", "5"].map((digit) => digit.repeat(32));
  const texts = [
    "",
    "null",
    '{"status": "FINISHED"}',
    formatEndNote(NOTE),
    " ".repeat(5_000) + formatEndNote(NOTE),
  ];
  for (const [index, text] of texts.entries()) await leave(names[index] ?? "", text);
  const folderName = "6".repeat(32);
  await mkdir(join(folder, endNoteFile({ stepRunId: folderName })));
  await writeFile(join(folder, `${endNoteFile(NOTE)}.draft`), formatEndNote(NOTE));
  for (let look = 0; look < 3; look++) t.deepEqual(await ends.before(Number.MAX_SAFE_INTEGER), []);
  t.is(await ends.find(folderName), undefined);
  t.is(said.length, names.length + 1);
  await leave(ONE, formatEndNote(NOTE));
  t.deepEqual(await ends.before(Number.MAX_SAFE_INTEGER), [NOTE]);
  await t.notThrowsAsync(ends.remove(folderName));
});

test("a home in which nobody has left a note has none", async (t) => {
  const ends = new StepEnds(join(await scratchFolder(t), "none"), () => undefined);
  t.deepEqual(await ends.before(Number.MAX_SAFE_INTEGER), []);
  t.is(await ends.find(ONE), undefined);
});
