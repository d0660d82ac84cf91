import { readdir, readFile, writeFile } from "node:fs/promises";
import test from "ava";
import { encodeRecord, recordKey } from "../../src/journal/record.js";
import { Segment } from "../../src/journal/segment.js";
import { checkLogs } from "../../src/journal/segment-logs.js";
import { pairsOf, versionsOf } from "../../src/leveldb/batch.js";
import { crc32c } from "../../src/leveldb/crc32c.js";
import { readLog } from "../../src/leveldb/log.js";
import { scratchFolder } from "../support/folder.js";

test("CRC-32C is that of the standard's examples", (t) => {
  const of = (bytes: Buffer) => crc32c(bytes, 0, bytes.length);
  t.is(of(Buffer.from("123456789")), 0xe3069283);
  t.is(of(Buffer.alloc(32)), 0x8a9136aa);
  t.is(of(Buffer.alloc(32, 0xff)), 0x62a8ab43);
  t.is(crc32c(Buffer.from("xx123456789x"), 2, 11), 0xe3069283);
});

test("a log of LevelDB's reads as what was written, across blocks; a flipped bit costs the write that it is in", async (t) => {
  const folder = `${await scratchFolder(t)}/00000001`;
  const segment = await Segment.create(folder, 1, 1);
  const header = { points: 1, params: 0, tags: 0, startsRun: false, endsRun: false, receivedMs: 1 };
  const sizes = [10, 100_000, 32_700, 5, 70_000, 1];
  for (const [index, size] of sizes.entries()) {
    const key = recordKey(1, index + 1);
    const through = { seq: index + 1, points: 1, bytes: 1 };
    const value = encodeRecord({ key, header, through, payload: Buffer.alloc(size, index) });
    await segment.write([{ type: "put", key, value }]);
  }
  const [name = ""] = (await readdir(folder)).filter((each) => each.endsWith(".log"));
  const log = await readFile(`${folder}/${name}`);
  await segment.close();
  const entries = [...readLog(log)];
  t.deepEqual(
    entries.map(({ isWhole }) => isWhole),
    Array.from({ length: 1 + sizes.length }, () => true),
  );
  const values = entries.slice(1).map((entry) => pairsOf(versionsOf(entry.bytes))[0]?.value.length);
  t.deepEqual(
    values,
    sizes.map((size) => 36 + size),
  );
  for (let at = 100; at < log.length; at += 997) {
    const flipped = Buffer.from(log);
    flipped[at] = (flipped[at] ?? 0) ^ 0x10;
    const whole = [...readLog(flipped)].filter(({ isWhole }) => isWhole);
    // A length that is wrong hides what lies behind it in its block of 32 kB, at most three writes here.
    t.true(whole.length < entries.length && whole.length >= entries.length - 4, `byte ${at}`);
  }
  t.false((await checkLogs(folder)).isTorn);
  for (let bytes = 1; bytes < 60; bytes += 3) {
    await writeFile(`${folder}/${name}`, log.subarray(0, log.length - bytes));
    t.true((await checkLogs(folder)).isTorn, `${bytes} bytes fewer`);
  }
});
