import { chmod, chown, mkdir, rename, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { closeHome, openingOf, openParentOf } from "../../src/home/open-home.js";
import { scratchFolder } from "../support/folder.js";

const isRoot = process.getuid?.() === 0;
const modeOf = async (path: string) => (await stat(path)).mode & 0o7777;

async function setUp(t: ExecutionContext) {
  const parent = await scratchFolder(t);
  const home = join(parent, "home");
  await mkdir(join(home, "run"), { recursive: true, mode: 0o700 });
  await writeFile(join(home, "endpoint.json"), "", { mode: 0o600 });
  return { parent, home };
}

for (const mode of [0o777, 0o770, 0o720, 0o755, 0o701]) {
  test(`a home of mode ${mode.toString(8)}, and what is in it, is closed to others, and that is said`, async (t) => {
    const { home } = await setUp(t);
    t.is(await openingOf(home), undefined);
    t.deepEqual(await closeHome(home, false), []);
    await chmod(home, mode);
    t.like(await openingOf(home), { code: "STEPWELL_HOME_OPEN" });
    await chmod(join(home, "run"), mode);
    t.deepEqual(await closeHome(home, false), [home, join(home, "run")]);
    for (const folder of [home, join(home, "run")]) t.is(await modeOf(folder), 0o700);
    t.is(await openingOf(home), undefined);
  });
}

test("a home that every user can move away is refused, by whichever folder above it; a sticky bit will do", async (t) => {
  const { parent, home } = await setUp(t);
  const below = join(home, "a", "b");
  await mkdir(below, { recursive: true, mode: 0o700 });
  await chmod(parent, 0o777);
  for (const folder of [home, below]) {
    t.is(await openParentOf(folder), parent);
    await t.throwsAsync(closeHome(folder, false), { code: "STEPWELL_HOME_OPEN", message: /move/ });
  }
  t.like(await openingOf(home), { code: "STEPWELL_HOME_OPEN" });
  await t.notThrowsAsync(closeHome(home, true));
  await chmod(parent, 0o1777);
  t.is(await openParentOf(home), undefined);
  await t.notThrowsAsync(closeHome(home, false));
});

test("a home behind a link is looked at where it is, and where the link is", async (t) => {
  const { parent, home } = await setUp(t);
  const links = await scratchFolder(t);
  await symlink(home, join(links, "link"));
  t.is(await openParentOf(join(links, "link")), undefined);
  await chmod(parent, 0o777);
  t.is(await openParentOf(join(links, "link")), parent);
  await chmod(parent, 0o700);
  await chmod(links, 0o777);
  t.is(await openParentOf(join(links, "link")), links);
});

test("what leads nowhere in a home costs itself only", async (t) => {
  const { home } = await setUp(t);
  await symlink("/none/at/all", join(home, "dangling"));
  await symlink(join(home, "loop"), join(home, "loop"));
  t.deepEqual(await closeHome(home, false), []);
});

test("a home, a thing in it, or a folder above it in /tmp, of another user is refused; root's is not", async (t) => {
  // Only root makes what belongs to another user.
  if (!isRoot) return void t.pass("not root");
  const { parent, home } = await setUp(t);
  for (const path of [home, join(home, "endpoint.json"), join(home, "run")]) {
    await chown(path, 12345, 12345);
    const error = await t.throwsAsync(closeHome(home, false), { code: "STEPWELL_HOME_OPEN" });
    t.true(error.message.includes(path), error.message);
    t.like(await openingOf(home), { code: "STEPWELL_HOME_OPEN" });
    await chown(path, 0, 0);
  }
  await chmod(parent, 0o1777);
  await mkdir(join(parent, "theirs"));
  await chown(join(parent, "theirs"), 12345, 12345);
  await rename(home, join(parent, "theirs", "home"));
  t.is(await openParentOf(join(parent, "theirs", "home")), parent);
});
