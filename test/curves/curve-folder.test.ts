import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { CurveFolder } from "../../src/curves/curve-folder.js";
import { scratchFolder } from "../support/folder.js";

const [A, B, C] = ["a", "b", "c"].map((digit) => digit.repeat(32)) as [string, string, string];

async function folderWith(t: ExecutionContext, names: readonly string[]) {
  const path = join(await scratchFolder(t), "curves");
  await mkdir(path);
  for (const name of names) await writeFile(join(path, name), Buffer.alloc(400));
  const list = async () => (await readdir(path)).sort();
  return { folder: new CurveFolder(path, 1_000), list };
}

test("a run's file goes when others need its room, the one that was looked at least", async (t) => {
  const { folder, list } = await folderWith(t, [`${A}.curves`, `${B}.curves`]);
  await folder.open(async () => true);
  folder.used(A);
  folder.used(B);
  folder.used(A);
  t.deepEqual(await folder.saved(C, 400), [B]);
  t.deepEqual(await list(), [`${A}.curves`]);
});

test("a file that has no room by itself goes, too", async (t) => {
  const { folder } = await folderWith(t, []);
  await folder.open(async () => true);
  t.deepEqual(await folder.saved(C, 1_001), [C]);
});

test("what a kill left of a save goes at a start, and files of runs that the home does not know; others' files stay", async (t) => {
  const { folder, list } = await folderWith(t, [
    `${A}.curves`,
    `${B}.curves`,
    `${A}.curves.new`,
    "notes.txt",
  ]);
  await folder.open(async (runId) => runId === A);
  t.deepEqual(await list(), [`${A}.curves`, "notes.txt"]);
});
