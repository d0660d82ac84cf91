/** Tables as LevelDB writes them, and as a damaged disk leaves them. */
import { readdirSync, readFileSync } from "node:fs";
import test, { type ExecutionContext } from "ava";
import { Level } from "level";
import { isWholeTable, readTable } from "../../src/leveldb/table.js";
import { scratchFolder } from "../support/folder.js";

const ROWS = 500;
const VALUE = "value ".repeat(30);

/** A table with many blocks: a log becomes one when the database is opened again. */
async function tableOf(t: ExecutionContext, compression: boolean): Promise<Buffer> {
  const folder = await scratchFolder(t);
  for (let opening = 0; opening < 2; opening++) {
    const level = new Level<string, string>(folder, { compression });
    await level.open();
    if (opening === 0) {
      const rows = Array.from({ length: ROWS }, (_, at) => ({
        type: "put" as const,
        key: `key-${String(at).padStart(5, "0")}`,
        value: VALUE,
      }));
      await level.batch(rows);
      await level.del("key-00007");
    }
    await level.close();
  }
  const [name = ""] = readdirSync(folder).filter((each) => each.endsWith(".ldb"));
  return readFileSync(`${folder}/${name}`);
}

test("a table reads as what was written, with what was deleted", async (t) => {
  const table = await tableOf(t, false);
  t.true(isWholeTable(table));
  const { versions, badBlocks } = readTable(table);
  t.is(badBlocks, 0);
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
  const deleted = versions.filter(({ value }) => value === undefined);
  t.deepEqual(
    deleted.map(({ key }) => text(key)),
    ["key-00007"],
  );
  const puts = versions.filter(({ value }) => value !== undefined);
  t.true(puts.length >= ROWS - 1);
  t.true(puts.every(({ value }) => value && text(value) === VALUE));
  t.is(new Set(versions.map(({ sequence }) => sequence)).size, versions.length);
});

test("each cut of a table gives what lies before it, and is told", async (t) => {
  const table = await tableOf(t, false);
  const all = readTable(table).versions.length;
  let before = 0;
  for (let bytes = 5_000; bytes < table.length; bytes += 7_919) {
    const cut = table.subarray(0, bytes);
    t.false(isWholeTable(cut));
    const { versions, badBlocks } = readTable(cut);
    t.true(badBlocks > 0);
    t.true(versions.length >= before && versions.length <= all, `${bytes} bytes`);
    before = versions.length;
  }
  t.true(before > all / 2);
});

test("a compressed table is looked at, and told as one that is not read", async (t) => {
  const table = await tableOf(t, true);
  t.true(isWholeTable(table));
  t.like(readTable(table), { versions: [] });
  t.true(readTable(table).badBlocks > 0);
});
