import { execFileSync } from "node:child_process";
import { Dir, type Dirent, writeFileSync } from "node:fs";
import { mkdir, readdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { RUN_NOTES, STEP_NOTES } from "../../src/home/end-note.js";
import { EndNotes } from "../../src/leases/end-notes.js";
import { NAMES_A_LOOK, NAMES_KNOWN_MAX } from "../../src/leases/folder-names.js";
import { END_NOTE_MS, LEASE_LOOK_MS } from "../../src/model/limits.js";
import { SetClock } from "../support/clock.js";
import { scratchFolder } from "../support/folder.js";
import { keptLog } from "../support/logs.js";

const ONE = "a".repeat(32);
const OTHER = "b".repeat(32);
const NOTE = { stepRunId: ONE, pipelineRunId: OTHER, status: "FAILED", endTimeMs: 7 } as const;

/** Counts the names that are read of folders. */
function countReads(t: ExecutionContext): { count: number } {
  const reads = { count: 0 };
  const read = Object.getOwnPropertyDescriptor(Dir.prototype, "read")?.value as Dir["read"];
  Dir.prototype.read = function (this: Dir): Promise<Dirent | null> {
    reads.count += 1;
    return Reflect.apply(read, this, []) as Promise<Dirent | null>;
  } as typeof read;
  t.teardown(() => (Dir.prototype.read = read));
  return reads;
}

async function setUp(t: ExecutionContext) {
  const folder = await scratchFolder(t);
  const { log, messages: said } = keptLog();
  const clock = new SetClock();
  const ends = new EndNotes(folder, STEP_NOTES, log, clock);
  const leave = (stepRunId: string, text: string) =>
    writeFile(join(folder, STEP_NOTES.fileOf(stepRunId)), text);
  return { folder, said, ends, leave, clock };
}

test("a note is found by its step, and by how long it is known; without an end its file's time counts", async (t) => {
  const { folder, ends, leave, clock } = await setUp(t);
  t.is(await ends.find(ONE), undefined);
  await leave(ONE, STEP_NOTES.format(NOTE));
  t.deepEqual(await ends.find(ONE), NOTE);
  await leave(OTHER, STEP_NOTES.format({ stepRunId: OTHER, pipelineRunId: ONE, status: "KILLED" }));
  await utimes(join(folder, STEP_NOTES.fileOf(OTHER)), 5, 5);
  t.is((await ends.find(OTHER))?.endTimeMs, 5_000);
  const old = async () => {
    const notes = await ends.before(clock.monotonicMs() - END_NOTE_MS);
    return notes.map(({ stepRunId }) => stepRunId).sort();
  };
  t.deepEqual(await old(), []);
  for (const days of [-1, 30]) {
    clock.jump(days * 86_400_000);
    t.deepEqual(await old(), [], "the wall clock was set, no time has passed");
  }
  clock.move(END_NOTE_MS + 1);
  t.deepEqual(await old(), [ONE, OTHER]);
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
    STEP_NOTES.format(NOTE),
    " ".repeat(5_000) + STEP_NOTES.format(NOTE),
  ];
  for (const [index, text] of texts.entries()) await leave(names[index] ?? "", text);
  const folderName = "6".repeat(32);
  await mkdir(join(folder, STEP_NOTES.fileOf(folderName)));
  await writeFile(join(folder, `${STEP_NOTES.fileOf(ONE)}.draft`), STEP_NOTES.format(NOTE));
  for (let look = 0; look < 3; look++) t.deepEqual(await ends.before(Number.MAX_SAFE_INTEGER), []);
  t.is(await ends.find(folderName), undefined);
  // Each is looked at once, and gets another name; only the first of them are said one by one.
  const aside = (await readdir(folder)).filter((name) => name.endsWith(".aside"));
  t.is(aside.length, names.length + 1);
  t.is(said.length, 3);
  await leave(ONE, STEP_NOTES.format(NOTE));
  t.deepEqual(await ends.before(Number.MAX_SAFE_INTEGER), [NOTE]);
  await t.notThrowsAsync(ends.remove(folderName));
});

test.serial(
  "20,000 other files in the folder cost a bounded look, nothing once they are known, and one line; a note among them is found",
  async (t) => {
    const { folder, said, ends, leave, clock } = await setUp(t);
    const junk = Array.from({ length: 20_000 }, (_, index) => `junk-${index}`);
    for (const name of junk) writeFileSync(join(folder, name), "");
    await leave(ONE, STEP_NOTES.format(NOTE));
    const reads = countReads(t);
    const look = async () => {
      const before = reads.count;
      const notes = await ends.before(Number.MAX_SAFE_INTEGER);
      clock.move(LEASE_LOOK_MS);
      return { notes, read: reads.count - before };
    };
    const looks: Awaited<ReturnType<typeof look>>[] = [];
    // Twice through all of them: during the first reading the folder may have changed within its time's tick.
    for (let at = 0; at < (3 * junk.length) / NAMES_A_LOOK; at++) looks.push(await look());
    t.true(looks.every(({ read }) => read <= NAMES_A_LOOK + 1));
    t.deepEqual(looks.at(-1), { notes: [NOTE], read: 0 });
    t.is(said.length, 1);
    await leave(OTHER, STEP_NOTES.format({ ...NOTE, stepRunId: OTHER }));
    await rm(join(folder, STEP_NOTES.fileOf(ONE)));
    const found = new Set<string>();
    for (let at = 0; at < (2 * junk.length) / NAMES_A_LOOK; at++)
      for (const { stepRunId } of (await look()).notes) found.add(stepRunId);
    t.deepEqual([...found], [OTHER]);
  },
);

test("notes that lead to nothing are worked off, however many, so many at a time", async (t) => {
  const { folder, ends, leave, clock } = await setUp(t);
  const ids = Array.from({ length: NAMES_KNOWN_MAX + 50 }, (_, index) =>
    index.toString(16).padStart(32, "0"),
  );
  for (const stepRunId of ids) await leave(stepRunId, STEP_NOTES.format({ ...NOTE, stepRunId }));
  let most = 0;
  for (let look = 0; look < 10; look++) {
    const notes = await ends.before(Number.MAX_SAFE_INTEGER);
    most = Math.max(most, notes.length);
    for (const { stepRunId } of notes) await ends.remove(stepRunId);
    clock.move(LEASE_LOOK_MS);
  }
  t.deepEqual(await readdir(folder), []);
  t.true(most <= 2 * NAMES_KNOWN_MAX);
});

for (const { what, put } of [
  { what: "a file", put: (folder: string) => writeFile(folder, "") },
  { what: "a pipe", put: async (folder: string) => void execFileSync("mkfifo", [folder]) },
  { what: "a link to nowhere", put: (folder: string) => symlink("/none/at/all", folder) },
  { what: "a link to itself", put: (folder: string) => symlink(folder, folder) },
]) {
  test(`${what} in place of the folder, or of a note, is gone on without`, async (t) => {
    const { folder, ends } = await setUp(t);
    await put(join(folder, STEP_NOTES.fileOf(ONE)));
    t.deepEqual(await ends.before(Number.MAX_SAFE_INTEGER), []);
    t.is(await ends.find(ONE), undefined);
    const place = join(folder, "step-ends");
    await put(place);
    const inPlace = new EndNotes(place, STEP_NOTES, () => undefined, new SetClock());
    t.deepEqual(await inPlace.before(Number.MAX_SAFE_INTEGER), []);
    t.is(await inPlace.find(ONE), undefined);
  });
}

test("a home that nobody has left a note in has none", async (t) => {
  const ends = new EndNotes(
    join(await scratchFolder(t), "none"),
    STEP_NOTES,
    () => undefined,
    new SetClock(),
  );
  t.deepEqual(await ends.before(Number.MAX_SAFE_INTEGER), []);
  t.is(await ends.find(ONE), undefined);
});

const RUN_NOTE = {
  runId: ONE,
  process: { bootId: "boot", pidNamespace: "4026531836", pid: 42, startTicks: "18446744073709551615" },
  status: "FINISHED",
  endTimeMs: 7,
} as const;

test("notes of steps and of runs lie side by side, and neither is taken for the other", async (t) => {
  const { folder, said, ends } = await setUp(t);
  const runEnds = new EndNotes(folder, RUN_NOTES, () => t.fail(), new SetClock());
  await writeFile(join(folder, RUN_NOTES.fileOf(ONE)), RUN_NOTES.format(RUN_NOTE));
  t.deepEqual(await runEnds.find(ONE), RUN_NOTE);
  t.deepEqual(await ends.before(Number.MAX_SAFE_INTEGER), []);
  await writeFile(join(folder, STEP_NOTES.fileOf(ONE)), STEP_NOTES.format(NOTE));
  t.deepEqual(await runEnds.before(Number.MAX_SAFE_INTEGER), [RUN_NOTE]);
  t.deepEqual(await ends.before(Number.MAX_SAFE_INTEGER), [NOTE]);
  await runEnds.remove(ONE);
  t.deepEqual(await readdir(folder), [STEP_NOTES.fileOf(ONE)]);
  t.deepEqual(said, []);
});

test("a run's note that does not name its process, or not rightly, is none", (t) => {
  for (const process of [undefined, {}, { ...RUN_NOTE.process, startTicks: "x" }]) {
    const text = RUN_NOTES.format({ ...RUN_NOTE, process: { ...process } as typeof RUN_NOTE.process });
    t.is(RUN_NOTES.parse(text), undefined);
  }
  t.deepEqual(RUN_NOTES.parse(RUN_NOTES.format(RUN_NOTE)), RUN_NOTE);
});
