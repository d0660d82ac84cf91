import { readdir, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { homeIdOf } from "../../src/store/migrations.js";
import { openStore } from "../../src/store/store.js";
import { TABLES } from "../../src/store/tables.js";
import { scratchFolder } from "../support/folder.js";

test("what was written is there after the store is opened again, and the home keeps its id", async (t) => {
  const folder = await scratchFolder(t);
  const first = await openStore(folder);
  const homeId = await homeIdOf(first);
  t.regex(homeId, /^[0-9a-f]{32}$/);
  await first.write([{ table: TABLES.run, key: "a", value: { n: 1 } }], { sync: true });
  await first.close();
  const second = await openStore(folder);
  t.deepEqual(await second.get(TABLES.run, "a"), { n: 1 });
  t.is(await homeIdOf(second), homeId);
  await second.close();
});

test("a table's rows come in the order of their keys, and no other table's with them", async (t) => {
  const store = await openStore(await scratchFolder(t));
  const put = (table: "run" | "archived-run" | "param", key: string) => ({ table, key, value: key });
  await store.write(
    [put("run", "b"), put("run", "a"), put("archived-run", "c"), put("param", "1/x"), put("param", "10/y")],
    {
      sync: false,
    },
  );
  t.deepEqual(
    (await store.list(TABLES.run)).map((row) => row.key),
    ["a", "b"],
  );
  t.deepEqual(
    (await store.list(TABLES.param, "1/")).map((row) => row.key),
    ["1/x"],
  );
  await store.write([{ table: TABLES.run, key: "a", value: undefined }], { sync: false });
  t.deepEqual(
    (await store.list(TABLES.run)).map((row) => row.key),
    ["b"],
  );
  await store.close();
});

test("a store that a newer version wrote is refused and left as it is", async (t) => {
  const folder = await scratchFolder(t);
  const store = await openStore(folder);
  await store.write([{ table: TABLES.meta, key: "schema", value: 99 }], { sync: true });
  await store.close();
  for (let attempt = 0; attempt < 2; attempt++) {
    await t.throwsAsync(openStore(folder), { message: /schema 99/ });
  }
});

test("pipeline runs of the first schema get the list of what their journal lacks", async (t) => {
  const folder = await scratchFolder(t);
  const store = await openStore(folder);
  const pending = { kind: "start", stepRunId: "s" };
  await store.write(
    [
      { table: TABLES.meta, key: "schema", value: 1 },
      { table: TABLES.pipelineRun, key: "one", value: { runName: "one", pending } },
      { table: TABLES.pipelineRun, key: "two", value: { runName: "two" } },
    ],
    { sync: true },
  );
  await store.close();
  for (let attempt = 0; attempt < 2; attempt++) {
    const again = await openStore(folder);
    t.deepEqual(
      (await again.list(TABLES.pipelineRun)).map(({ value }) => value),
      [
        { runName: "one", pending: [pending] },
        { runName: "two", pending: [] },
      ],
    );
    await again.close();
  }
});

test("through where runs were parked stands apart from their trackers' positions", async (t) => {
  const folder = await scratchFolder(t);
  const store = await openStore(folder);
  const [parked, delivered] = [{ seq: 2 }, { seq: 3 }];
  await store.write(
    [
      { table: TABLES.meta, key: "schema", value: 4 },
      { table: TABLES.run, key: "live", value: { number: 1, delivered: { "": parked } } },
      { table: TABLES.run, key: "other", value: { number: 2, delivered: { tracker: delivered } } },
      {
        table: TABLES.archivedRun,
        key: "old",
        value: { number: 3, delivered: { "": parked, tracker: delivered } },
      },
    ],
    { sync: true },
  );
  await store.close();
  for (let attempt = 0; attempt < 2; attempt++) {
    const again = await openStore(folder);
    t.deepEqual(await again.get(TABLES.run, "live"), { number: 1, delivered: {}, parked });
    t.deepEqual(await again.get(TABLES.run, "other"), { number: 2, delivered: { tracker: delivered } });
    const old = { number: 3, delivered: { tracker: delivered }, parked };
    t.deepEqual(await again.get(TABLES.archivedRun, "old"), old);
    await again.close();
  }
});

test("a store that another daemon has open is refused as locked", async (t) => {
  const folder = await scratchFolder(t);
  const store = await openStore(folder);
  const error = await t.throwsAsync(openStore(folder));
  t.like(error, { code: "STEPWELL_HOME_LOCKED" });
  await store.close();
});

for (const [title, damage] of [
  ["gone", (log: string) => rm(log)],
  ["empty", (log: string) => truncate(log)],
] as const) {
  test(`a store whose log is ${title} is refused, not taken for a new one`, async (t) => {
    const folder = await scratchFolder(t);
    await (await openStore(folder)).close();
    const names = await readdir(folder);
    for (const name of names.filter((each) => each.endsWith(".log"))) await damage(join(folder, name));
    for (let attempt = 0; attempt < 2; attempt++)
      await t.throwsAsync(openStore(folder), { code: "STEPWELL_STORE_DAMAGED" });
  });
}
