import { execFileSync } from "node:child_process";
import { mkdir, readdir, rm, truncate } from "node:fs/promises";
import test, { type ExecutionContext } from "ava";
import { Level } from "level";
import { Segment } from "../../src/journal/segment.js";
import { isUnavailable } from "../../src/leveldb/level-fault.js";
import { scratchFolder } from "../support/folder.js";

const recordBytes = Buffer.alloc(100_000, 1);

async function filled(folder: string): Promise<void> {
  const segment = await Segment.create(folder, 1, 1);
  for (let index = 0; index < 10; index++) {
    await segment.write([{ type: "put", key: Buffer.from(`x${index}`), value: recordBytes }]);
  }
  await segment.close();
  await Segment.recover(folder, 1).then(({ segment: again }) => again.close());
}

const fileOf = async (folder: string, pattern: RegExp) => {
  const name = (await readdir(folder)).find((each) => pattern.test(each));
  return `${folder}/${name}`;
};

const DAMAGES: readonly [string, (folder: string) => Promise<void>][] = [
  ["CURRENT is missing", (folder) => rm(`${folder}/CURRENT`)],
  ["CURRENT is empty", (folder) => truncate(`${folder}/CURRENT`)],
  ["the MANIFEST is missing", async (folder) => rm(await fileOf(folder, /^MANIFEST/))],
  ["the MANIFEST is cut", async (folder) => truncate(await fileOf(folder, /^MANIFEST/), 10)],
  ["the log is missing", async (folder) => rm(await fileOf(folder, /\.log$/))],
  ["a table is missing", async (folder) => rm(await fileOf(folder, /\.ldb$/))],
  ["a table is cut", async (folder) => truncate(await fileOf(folder, /\.ldb$/), 100)],
];

for (const [what, damage] of DAMAGES) {
  test(`a segment is damaged where ${what}, and opening it makes nothing anew`, async (t) => {
    const folder = `${await scratchFolder(t)}/00000001`;
    await filled(folder);
    await damage(folder);
    const before = await readdir(folder);
    t.like(await t.throwsAsync(Segment.recover(folder, 1)), { code: "STEPWELL_STORE_DAMAGED" });
    const after = await readdir(folder);
    const tables = (names: string[]) => names.filter((name) => name.endsWith(".ldb"));
    t.true(
      tables(before).every((name) => after.includes(name)),
      "what can be salvaged is still there",
    );
  });
}

test("a segment that another process has open is not damaged", async (t) => {
  const folder = `${await scratchFolder(t)}/00000001`;
  const segment = await Segment.create(folder, 1, 1);
  t.like(await t.throwsAsync(Segment.recover(folder, 1)), { code: "STEPWELL_JOURNAL_FAILED" });
  await segment.close();
});

test("a full volume is no damage", async (t) => {
  const folder = await scratchFolder(t);
  const volume = `${folder}/volume`;
  await mkdir(volume);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", volume], { stdio: "ignore" });
  } catch {
    // Only root may mount; the words that LevelDB uses are known without it.
    t.true(isUnavailable(new Error("IO error: 000003.log: No space left on device")));
    return;
  }
  t.teardown(() => execFileSync("umount", ["-l", volume]));
  const segment = await Segment.create(`${volume}/00000001`, 1, 1);
  const error = await t.throwsAsync(async () => {
    for (let index = 0; index < 100; index++) {
      await segment.write([{ type: "put", key: Buffer.from(`x${index}`), value: recordBytes }]);
    }
  });
  t.true(isUnavailable(error));
  await segment.close();
  t.like(await t.throwsAsync(Segment.recover(`${volume}/00000001`, 1)), { code: "STEPWELL_JOURNAL_FAILED" });
});

test("the words of Node's own file calls are understood like those of LevelDB", (t) => {
  for (const text of [
    "ENOSPC: no space left on device, write",
    "EMFILE: too many open files, open '/a'",
    "EROFS: read-only file system, mkdir '/a'",
  ]) {
    t.true(isUnavailable(new Error("It does not open.", { cause: new Error(text) })), text);
  }
  t.false(isUnavailable(new Error("ENOENT: no such file or directory, open '/a'")));
});

const ALL = { points: 1e9, texts: 1e9, records: 1e9 };

/** Lets every read of LevelDB's fail as on a disk that gives no bytes, until the test is over. */
function failReads(t: ExecutionContext): () => void {
  const iterator = Reflect.get(Level.prototype, "iterator") as Level["iterator"];
  const restore = () => {
    Level.prototype.iterator = iterator;
  };
  t.teardown(restore);
  Level.prototype.iterator = function (this: Level, ...args: Parameters<typeof iterator>) {
    const reading = iterator.apply(this, args);
    reading.nextv = () => Promise.reject(new Error("IO error: 000005.ldb: Input/output error"));
    return reading;
  } as typeof iterator;
  return restore;
}

test.serial("a read that fails once is asked again, and is no damage", async (t) => {
  const folder = `${await scratchFolder(t)}/00000001`;
  await filled(folder);
  const { segment } = await Segment.recover(folder, 1);
  await segment.open();
  segment.note(1, 5, 100);
  const restore = failReads(t);
  t.like(await t.throwsAsync(segment.read(1, 0, ALL)), { code: "STEPWELL_JOURNAL_FAILED" });
  t.false(segment.isDamaged);
  t.true(segment.outstanding.has(1), "it is still to be read");
  restore();
  t.deepEqual(await segment.read(1, 0, ALL), []);
  await segment.close();
});

test.serial("bytes that can't be read again and again are damage", async (t) => {
  const folder = `${await scratchFolder(t)}/00000001`;
  await filled(folder);
  const { segment } = await Segment.recover(folder, 1);
  await segment.open();
  segment.note(1, 5, 100);
  // A folder can be opened and not read, as a file with a bad block.
  await mkdir(`${folder}/999999.ldb`);
  failReads(t);
  t.deepEqual(await segment.read(1, 0, ALL), []);
  t.true(segment.isDamaged);
  await segment.close();
});
