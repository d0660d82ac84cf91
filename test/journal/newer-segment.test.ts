import { readdir } from "node:fs/promises";
import test from "ava";
import { Level } from "level";
import { Journal } from "../../src/journal/journal.js";
import { META_KEY } from "../../src/journal/segment-scan.js";
import { appendPoints } from "../support/append.js";
import { scratchFolder } from "../support/folder.js";
import { journalOptions } from "../support/journal-options.js";
import { keptLog } from "../support/logs.js";

const AS_IS = { keyEncoding: "view", valueEncoding: "view", compression: false } as const;

async function pairsOf(folder: string): Promise<[string, string][]> {
  const level = new Level<Uint8Array, Uint8Array>(folder, { ...AS_IS, createIfMissing: false });
  const pairs = await level.iterator().all();
  await level.close();
  return pairs.map(([key, value]) => [Buffer.from(key).toString("hex"), Buffer.from(value).toString("hex")]);
}

test("a segment that a newer version wrote is refused with its format, and nothing of the journal is set aside or lost", async (t) => {
  const folder = await scratchFolder(t);
  const { log, messages } = keptLog();
  const options = journalOptions(folder, { log });
  for (const points of [1, 2]) {
    const journal = await Journal.open(options);
    await appendPoints(journal, 1, { points });
    await journal.close();
  }
  const newer = new Level<Uint8Array, Uint8Array>(`${folder}/00000002`, { ...AS_IS, createIfMissing: false });
  await newer.put(META_KEY, Buffer.from(JSON.stringify({ format: 2, firstSeq: 2, more: true })));
  const records = await newer.iterator({ gt: Buffer.from("r"), lt: Buffer.from("s") }).all();
  // A record as no version writes it yet.
  for (const [key, value] of records) await newer.put(key, Buffer.from(value).fill(9, 0, 1));
  await newer.close();
  const before = await pairsOf(`${folder}/00000002`);
  const names = await readdir(folder);
  for (let attempt = 0; attempt < 2; attempt++) {
    const error = await t.throwsAsync(Journal.open(options));
    t.like(error, { code: "STEPWELL_STORE_NEWER" });
    t.is(error?.message, "Journal segment 2 has format 2; this version reads formats up to 1.");
  }
  t.deepEqual(await readdir(folder), names);
  t.deepEqual(await pairsOf(`${folder}/00000002`), before);
  t.deepEqual(messages, [], "it is no damage");
});
