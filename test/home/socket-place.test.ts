import { chmod, lchown, mkdir, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { makeSocketPlace, socketFoldersOf, socketIn } from "../../src/home/socket-place.js";
import { scratchFolder } from "../support/folder.js";

/** A folder that the fallback of a long home's socket can be in, as /tmp is. */
async function setUp(t: ExecutionContext) {
  const temporary = await scratchFolder(t);
  await chmod(temporary, 0o1777);
  const home = join(await scratchFolder(t), "h".repeat(100));
  const [folder = ""] = socketFoldersOf(home, { TMPDIR: temporary });
  return { temporary, folder };
}

const isRoot = process.getuid?.() === 0;

test("the socket's folder is closed to everybody else, also when it was open before", async (t) => {
  const { folder } = await setUp(t);
  t.is(await makeSocketPlace([folder]), socketIn(folder));
  await chmod(folder, 0o777);
  t.is(await makeSocketPlace([folder]), socketIn(folder));
  t.is((await stat(folder)).mode & 0o777, 0o700);
});

test("what can't be in the socket's path is not, also where the home's is short", (t) => {
  const folders = (home: string) => socketFoldersOf(home, {}, /[,"]/);
  t.deepEqual(folders("/a home/it's"), ["/a home/it's/run"]);
  for (const home of ["/a,b", '/the "home"']) {
    t.true(folders(home).length > 0, home);
    for (const folder of folders(home)) t.notRegex(folder, /[,"]/);
  }
});

const planted: readonly { what: string; plant: (folder: string) => Promise<void>; needsRoot?: true }[] = [
  { what: "a file", plant: (folder) => writeFile(folder, "") },
  {
    what: "a link to a folder of ours",
    plant: async (folder) => {
      await mkdir(`${folder}.target`);
      await symlink(`${folder}.target`, folder);
    },
  },
  { what: "a link to nowhere", plant: (folder) => symlink("/none/at/all", folder) },
  { what: "a link to itself", plant: (folder) => symlink(folder, folder) },
  {
    what: "another user's folder",
    needsRoot: true,
    plant: async (folder) => {
      await mkdir(folder);
      await lchown(folder, 12345, 12345);
    },
  },
  {
    what: "another user's link to a folder of ours",
    needsRoot: true,
    plant: async (folder) => {
      await mkdir(`${folder}.target`);
      await symlink(`${folder}.target`, folder);
      await lchown(folder, 12345, 12345);
    },
  },
];

for (const { what, plant, needsRoot } of planted) {
  test(`${what} that lies where the socket's folder would be is left alone, and another is taken`, async (t) => {
    // Only root makes what belongs to another user.
    if (needsRoot && !isRoot) return void t.pass("not root");
    const { folder } = await setUp(t);
    await plant(folder);
    const before = await readdir(dirname(folder));
    const path = await makeSocketPlace([folder]);
    const taken = dirname(path);
    t.regex(basename(taken), new RegExp(`^${basename(folder)}-[0-9a-f]{12}$`));
    t.is((await stat(taken)).mode & 0o777, 0o700);
    t.true(Buffer.byteLength(path) <= 100);
    t.deepEqual((await readdir(dirname(folder))).sort(), [...before, basename(taken)].sort());
  });
}

test("a folder whose other users can rename what is in it is passed over", async (t) => {
  const { temporary, folder } = await setUp(t);
  await chmod(temporary, 0o777);
  const other = join(await scratchFolder(t), "folder");
  t.is(await makeSocketPlace([folder, other]), socketIn(other));
  await t.throwsAsync(makeSocketPlace([folder]), { code: "STEPWELL_HOME_UNUSABLE", message: /can rename/ });
});
