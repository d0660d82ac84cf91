import { execFileSync } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import test from "ava";
import { readDamaged } from "../../src/journal/damaged-segment.js";
import { Journal } from "../../src/journal/journal.js";
import { Segment } from "../../src/journal/segment.js";
import { scratchFolder } from "../support/folder.js";
import { journalOptions } from "../support/journal-options.js";
import { keptLog } from "../support/logs.js";

async function appendOne(journal: Journal): Promise<void> {
  const header = { points: 1, params: 0, tags: 0, startsRun: false, endsRun: false, receivedMs: 1 };
  await new Promise<void>((resolve, reject) => {
    const record = { run: 1, header, payload: new Uint8Array(100) };
    journal.append([record], undefined, { journaled: resolve, failed: reject });
  });
}

for (const wanted of [/^CURRENT$/, /^MANIFEST-/, /\.log$/, /^open$/]) {
  test(`a segment with a pipe in the place of ${wanted} is set aside, and what else it holds can be salvaged`, async (t) => {
    const folder = await scratchFolder(t);
    const { log, messages } = keptLog();
    const open = () => Journal.open(journalOptions(folder, { log }));
    const journal = await open();
    await appendOne(journal);
    await journal.close();
    const segment = `${folder}/00000001`;
    const name = (await readdir(segment)).find((each) => wanted.test(each)) ?? "open";
    await rm(`${segment}/${name}`, { force: true });
    execFileSync("mkfifo", [`${segment}/${name}`]);
    await t.throwsAsync(Segment.at(segment, 1).open(), { code: "STEPWELL_STORE_DAMAGED" });
    const again = await open();
    t.true((await readdir(folder)).includes("00000001.damaged"));
    t.deepEqual(messages, ["a journal segment is damaged and was set aside"]);
    await appendOne(again);
    await again.close();
    const { records } = await readDamaged(folder, "00000001.damaged");
    t.is(records.length, name.endsWith(".log") ? 0 : 1);
  });
}
