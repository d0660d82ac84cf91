import { readdir, writeFile } from "node:fs/promises";
import test from "ava";
import { homeIdOf } from "../../src/store/migrations.js";
import { openStore } from "../../src/store/store.js";
import { scratchFolder } from "../support/folder.js";

/** As a power cut leaves it: LevelDB names its first manifest before that is on disk. */
async function layEmptyManifest(folder: string): Promise<void> {
  await writeFile(`${folder}/CURRENT`, "MANIFEST-000001\n");
  await writeFile(`${folder}/MANIFEST-000001`, "");
  await writeFile(`${folder}/000003.log`, "");
}

test("a store that a power cut left unfinished is made again", async (t) => {
  const folder = await scratchFolder(t);
  await writeFile(`${folder}/unfinished`, "");
  await layEmptyManifest(folder);
  const store = await openStore(folder);
  t.regex(await homeIdOf(store), /^[0-9a-f]{32}$/);
  t.false((await readdir(folder)).includes("unfinished"));
  await store.close();
});

test("a store that was finished and has lost its manifest is damaged, and stays as it is", async (t) => {
  const folder = await scratchFolder(t);
  await layEmptyManifest(folder);
  await t.throwsAsync(openStore(folder), { code: "STEPWELL_STORE_DAMAGED" });
  t.true((await readdir(folder)).includes("MANIFEST-000001"));
});
