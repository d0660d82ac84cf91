/** One flipped bit in any file of a state store: it is noticed, or harms nothing; and it costs what lies beside it. */
import { execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import anyTest, { type ExecutionContext } from "ava";
import { examineDatabase } from "../../src/leveldb/database-files.js";
import type { Store } from "../../src/store/contract.js";
import { salvageStore } from "../../src/store/salvage-store.js";
import { openStore } from "../../src/store/store.js";
import { TABLES } from "../../src/store/tables.js";
import { scratchFolder } from "../support/folder.js";

const test = anyTest.serial;

const FLIPS_A_FILE = 60;
const ROWS = 400;
const HOME_ID = "ab".repeat(16);
const table = TABLES.component;

type Rows = ReadonlyMap<string, unknown>;

/** LevelDB's logs come in blocks; a length that is wrong hides what is behind it in its block. */
const BLOCK_BYTES = 32 * 1024;

/**
 * A store of several tables and a log, with rows that were changed and deleted; what it holds, and what it held
 * before each of the writes that lie in the log's last block.
 */
async function filledStore(t: ExecutionContext) {
  const folder = join(await scratchFolder(t), "state");
  const rows = new Map<string, unknown>();
  const versions = new Map<string, Set<string>>();
  const states: { readonly rows: Rows; readonly logBytes: number }[] = [];
  const logBytes = () =>
    Math.max(
      0,
      ...filesOf(folder).map((name) => (name.endsWith(".log") ? statSync(join(folder, name)).size : 0)),
    );
  for (let round = 0; round < 4; round++) {
    const store = await openStore(folder);
    for (let at = 0; at < ROWS; at += 20) {
      const keys = Array.from({ length: 20 }, (_, index) => `row-${String(at + index).padStart(4, "0")}`);
      const changes = keys.map((key, index) => {
        const isGone = round > 0 && (at + index + round) % 7 === 0;
        return { table, key, value: isGone ? undefined : { round, text: `${key} `.repeat(8 + round) } };
      });
      states.push({ rows: new Map(rows), logBytes: logBytes() });
      for (const { key, value } of changes) {
        if (value === undefined) rows.delete(key);
        else rows.set(key, value);
        versions.set(key, (versions.get(key) ?? new Set()).add(JSON.stringify(value)));
      }
      await store.write(changes, { sync: true });
    }
    await store.close();
  }
  const lastBlock = logBytes() - (logBytes() % BLOCK_BYTES);
  const first = states.findLastIndex((state) => state.logBytes < lastBlock) + 1;
  const before = states.slice(Math.max(0, first - 1)).map((state) => state.rows);
  return { folder, rows: rows as Rows, before, versions };
}

async function rowsOf(store: Store): Promise<Rows> {
  return new Map((await store.list(table)).map(({ key, value }) => [key, value]));
}

/** Files whose bytes say what is in the store. */
const filesOf = (folder: string) =>
  readdirSync(folder).filter((name) => /\.(ldb|log)$|^(MANIFEST|CURRENT)/.test(name));

/** Whether the store holds all rows; or, where its end counts as torn, what it held before a write of its last block. */
async function isAsWritten(
  t: ExecutionContext,
  folder: string,
  rows: Rows,
  before: readonly Rows[],
  what: string,
) {
  const copy = `${folder}-copy`;
  rmSync(copy, { recursive: true, force: true });
  cpSync(folder, copy, { recursive: true });
  const store = await openStore(copy);
  try {
    const found = await rowsOf(store);
    if (store.isTorn)
      t.true(
        before.some((state) => isDeepStrictEqual(state, found)),
        what,
      );
    else t.deepEqual(Object.fromEntries(found), Object.fromEntries(rows), what);
  } finally {
    await store.close();
  }
}

test("a flipped bit in any file of the store is noticed, or harms nothing", async (t) => {
  t.timeout(20 * 60_000);
  const { folder, rows, before } = await filledStore(t);
  const files = filesOf(folder);
  t.true(files.filter((name) => name.endsWith(".ldb")).length > 1, files.join(" "));
  t.deepEqual(await examineDatabase(folder), { faults: [], isTorn: false });
  const noticed = new Map<string, number>();
  for (const name of files) {
    const file = join(folder, name);
    const bytes = readFileSync(file);
    for (let flip = 0; flip < FLIPS_A_FILE; flip++) {
      const [at, bit] = [randomInt(bytes.length), randomInt(8)];
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << bit);
      writeFileSync(file, flipped);
      const { faults } = await examineDatabase(folder);
      if (faults.length > 0) noticed.set(name, (noticed.get(name) ?? 0) + 1);
      else await isAsWritten(t, folder, rows, before, `${name}, byte ${at}, bit ${bit}`);
    }
    writeFileSync(file, bytes);
  }
  for (const name of files) t.true((noticed.get(name) ?? 0) > FLIPS_A_FILE / 2, name);
  t.log(Object.fromEntries(noticed));
});

test("a salvage gives every row that no damaged block holds, and no value that nobody wrote", async (t) => {
  t.timeout(20 * 60_000);
  const { folder, rows, versions } = await filledStore(t);
  for (const name of filesOf(folder)) {
    const copy = `${folder}-${name}`;
    cpSync(folder, copy, { recursive: true });
    const bytes = readFileSync(join(copy, name));
    // Away from the end, where a table's index is: without it only what lies before the damage is found.
    const at = randomInt(Math.ceil(bytes.length / 2));
    bytes[at] = (bytes[at] ?? 0) ^ 0x10;
    writeFileSync(join(copy, name), bytes);
    const error = await t.throwsAsync(openStore(copy), { code: "STEPWELL_STORE_DAMAGED" });
    t.true(error?.message.includes(name.startsWith("CURRENT") ? "CURRENT" : name), error?.message);
    let told: { rows: number; unreadable: number } | undefined;
    await salvageStore(copy, HOME_ID, async (_, salvaged) => {
      told = salvaged;
    });
    t.deepEqual(readFileSync(join(`${copy}.damaged`, name)), bytes, "the damaged store is kept as it was");
    const store = await openStore(copy);
    const found = await rowsOf(store);
    await store.close();
    for (const [key, value] of found)
      t.true(versions.get(key)?.has(JSON.stringify(value)), `${name}: ${key}`);
    const missing = [...rows].filter(
      ([key, value]) => JSON.stringify(found.get(key)) !== JSON.stringify(value),
    );
    t.true((told?.unreadable ?? 0) > 0, name);
    const isList = /^(MANIFEST|CURRENT)/.test(name);
    if (isList) t.deepEqual(missing, [], `${name}: all of it is in tables and logs`);
    if (isList) t.is(found.size, rows.size);
    // A block holds 4 kB, and a length that is wrong hides the rest of a log's block of 32 kB.
    t.true(missing.length < ROWS / 4, `${name}, byte ${at}: ${missing.length} rows are gone or older`);
  }
});

test("a table or a log that is cut or gone is noticed, and the rest comes back", async (t) => {
  const { folder, rows, versions } = await filledStore(t);
  for (const name of filesOf(folder).filter((each) => /\.(ldb|log)$/.test(each))) {
    for (const harm of ["cut", "gone"] as const) {
      const copy = `${folder}-${harm}-${name}`;
      cpSync(folder, copy, { recursive: true });
      const file = join(copy, name);
      if (harm === "gone") rmSync(file);
      else truncateSync(file, Math.floor(readFileSync(file).length / 2));
      // Of a log the end may be a write that was torn and never answered.
      if (harm === "cut" && name.endsWith(".log")) {
        const store = await openStore(copy);
        t.true(store.isTorn);
        await store.close();
        continue;
      }
      await t.throwsAsync(openStore(copy), { code: "STEPWELL_STORE_DAMAGED" }, `${name} ${harm}`);
      await salvageStore(copy, HOME_ID, async () => undefined);
      const store = await openStore(copy);
      const found = await rowsOf(store);
      await store.close();
      t.true(found.size > 0 && found.size <= rows.size + ROWS / 4);
      for (const [key, value] of found) t.true(versions.get(key)?.has(JSON.stringify(value)));
    }
  }
});

/** A process that has the store open until it is told to end. */
async function holder(t: ExecutionContext, folder: string) {
  const module = new URL("../../src/store/store.js", import.meta.url).href;
  const program = `
    const { openStore } = await import(${JSON.stringify(module)});
    const store = await openStore(${JSON.stringify(folder)});
    process.stdout.write("open");
    process.stdin.resume().once("end", () => store.close());`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.teardown(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return async () => {
    child.stdin.end();
    await once(child, "exit");
  };
}

test("a pipe or a folder in the place of a file of the store is damage that a salvage brings the rest back from", async (t) => {
  const { folder, rows } = await filledStore(t);
  const all = Object.keys(Object.fromEntries(rows)).length;
  for (const name of filesOf(folder))
    for (const put of [(path: string) => execFileSync("mkfifo", [path]), mkdirSync]) {
      const copy = `${folder}-odd`;
      for (const each of readdirSync(dirname(folder)))
        if (each !== "state") rmSync(join(dirname(folder), each), { recursive: true, force: true });
      cpSync(folder, copy, { recursive: true });
      rmSync(join(copy, name));
      put(join(copy, name));
      const error = await t.throwsAsync(openStore(copy), { code: "STEPWELL_STORE_DAMAGED" });
      t.true(error?.message.includes(`${name} is no plain file`), error?.message);
      await salvageStore(copy, HOME_ID, async () => undefined);
      const store = await openStore(copy);
      const found = (await rowsOf(store)).size;
      await store.close();
      if (!/\.(ldb|log)$/.test(name)) t.is(found, all, name);
    }
});

test("a store that somebody has open is neither called damaged nor salvaged", async (t) => {
  const { folder } = await filledStore(t);
  const end = await holder(t, folder);
  // Not a table: LevelDB may be making others of those that it found, and would remove it with its damage.
  truncateSync(join(folder, "CURRENT"), 3);
  const locked = { code: "STEPWELL_HOME_LOCKED" };
  await t.throwsAsync(openStore(folder), locked);
  await t.throwsAsync(
    salvageStore(folder, HOME_ID, async () => t.fail("it is somebody's")),
    locked,
  );
  t.true(existsSync(folder));
  await end();
  await t.throwsAsync(openStore(folder), { code: "STEPWELL_STORE_DAMAGED" });
  t.deepEqual(readdirSync(join(folder, "..")), ["state"], "no lock of ours is left");
});
