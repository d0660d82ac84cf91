/**
 * Who else gets into a home. What the daemon keeps there decides where secrets go: another user who can
 * put a file, or the home itself, under one of its names can have them sent to a socket of their own.
 * What is ours is closed to others at a start; what is not ours, or can be moved by others, is refused.
 */
import { chmod, lstat, readdir, realpath, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StepwellError } from "../errors/stepwell-error.js";
import { shellWord } from "../model/shell-word.js";
import { userId } from "./user.js";

const OTHERS = 0o077;
const STICKY = 0o1000;
const WORLD_WRITABLE = 0o002;
const ROOT = 0;

/**
 * Closes a home, and the folders in it, to other users; answers which were open. Throws STEPWELL_HOME_OPEN for what
 * is another user's or stays open, and, unless `mayBeMoved`, for a home that others can move away.
 */
export async function closeHome(home: string, mayBeMoved: boolean): Promise<string[]> {
  const open = mayBeMoved ? undefined : await openParentOf(home);
  if (open !== undefined) throw movable(home, open);
  const closed: string[] = [];
  if (await closeFolder(home)) closed.push(home);
  for (const name of await readdir(home)) {
    const path = join(home, name);
    if (await closeEntry(path)) closed.push(path);
  }
  return closed;
}

/**
 * The folder above a path in which any user can rename what the path leads through; undefined where there is
 * none. Where a sticky bit keeps others from that, what belongs to one of them can still be theirs to rename.
 */
export async function openParentOf(path: string): Promise<string | undefined> {
  // What it is called by, and what that leads to.
  for (const start of new Set([path, await realpath(path).catch(() => path)])) {
    for (let child = start; child !== dirname(child); child = dirname(child)) {
      const parent = dirname(child);
      if (await isRenamable(parent, child)) return parent;
    }
  }
  return undefined;
}

/** What keeps a home from being its user's alone, for who only looks; undefined where nothing does. */
export async function openingOf(home: string): Promise<StepwellError | undefined> {
  const open = await openParentOf(home);
  if (open !== undefined) return movable(home, open);
  for (const path of [home, ...(await readdir(home)).map((name) => join(home, name))]) {
    const found = await stat(path).catch(() => undefined);
    if (!found) continue;
    if (path === home ? found.uid !== userId() : isForeign(found.uid)) return foreign(path);
    if (found.isDirectory() && (found.mode & OTHERS) !== 0) return stillOpen(path);
  }
  return undefined;
}

async function isRenamable(parent: string, child: string): Promise<boolean> {
  const { mode } = await stat(parent).catch(() => ({ mode: 0 }));
  if ((mode & WORLD_WRITABLE) === 0) return false;
  if ((mode & STICKY) === 0) return true;
  const entry = await lstat(child).catch(() => undefined);
  return entry !== undefined && isForeign(entry.uid);
}

async function closeFolder(folder: string): Promise<boolean> {
  const { uid, mode } = await stat(folder);
  if (uid !== userId()) throw foreign(folder);
  if ((mode & OTHERS) === 0) return false;
  // A file system that has no modes says so, or says nothing.
  await chmod(folder, 0o700).catch(() => undefined);
  if (((await stat(folder)).mode & OTHERS) !== 0) throw stillOpen(folder);
  return true;
}

/** One thing of the home. A link that leads nowhere costs itself only. */
async function closeEntry(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found && isForeign(found.uid)) throw foreign(path);
  return found?.isDirectory() && found.uid === userId() ? await closeFolder(path) : false;
}

/** Root gets in anyhow. */
function isForeign(uid: number): boolean {
  return uid !== userId() && uid !== ROOT;
}

function foreign(path: string): StepwellError {
  return new StepwellError("STEPWELL_HOME_OPEN", `${path} belongs to another user.`, {
    remedy:
      "Set STEPWELL_HOME to a folder of your own; or make it yours with chown, after a look at what it holds.",
  });
}

function stillOpen(path: string): StepwellError {
  return new StepwellError("STEPWELL_HOME_OPEN", `${path} is open to other users.`, {
    remedy: `Type: chmod 700 ${shellWord(path)}. Where that changes nothing, set STEPWELL_HOME to a folder on another file system.`,
  });
}

function movable(home: string, parent: string): StepwellError {
  return new StepwellError(
    "STEPWELL_HOME_OPEN",
    `Every user can move the home ${home} away: ${parent} is open to all.`,
    {
      remedy: `Type: chmod o-w ${shellWord(parent)}, or chmod +t. Or set STEPWELL_HOME to a folder elsewhere; where you are the only user, as in a container, STEPWELL_ALLOW_OPEN_PARENT=1 takes it as it is.`,
    },
  );
}
