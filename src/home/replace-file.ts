/** Files that are replaced as a whole: a reader sees all of the new one or all of the old one. */

import { randomBytes } from "node:crypto";
import { open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isCode } from "../errors/system-code.js";
import { setAside } from "./plain-file.js";

/** What a draft's name has after that of its file. */
const DRAFT = /^\.[0-9a-f]{12}$/;

/** Who is to own a file. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Puts a file in place of another, on disk when it resolves; for its owner alone, who is this user unless another one
 * is given. A folder in its place is set aside.
 */
export async function replaceFile(file: string, content: string | Uint8Array, owner?: Owner): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    await writeSynced(draft, content, owner);
    await rename(draft, file).catch(async (error: unknown) => {
      if (!isCode(error, "EISDIR", "ENOTEMPTY")) throw error;
      await setAside(file);
      await rename(draft, file);
    });
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  await syncFolder(dirname(file));
}

/** Removes what was written of a file by calls that were cut off; only while nobody replaces it. */
export async function removeDrafts(file: string): Promise<void> {
  const [folder, name] = [dirname(file), basename(file)];
  const drafts = (await readdir(folder)).filter(
    (each) => each.startsWith(name) && DRAFT.test(each.slice(name.length)),
  );
  for (const draft of drafts) await rm(join(folder, draft), { force: true });
  if (drafts.length > 0) await syncFolder(folder);
}

/** Makes it certain that what was made, renamed or removed in a folder stays so, as far as its file system can. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } catch (error) {
    // Some shared file systems sync files alone: to ask again would change nothing.
    if (!isCode(error, "EINVAL", "ENOTSUP", "ENOSYS")) throw error;
  } finally {
    await handle.close();
  }
}

/**
 * Brings all of a finished copy to the disk. LevelDB syncs only the log that it writes to: what went
 * to one before it, and was not made a table yet, would be gone after a power cut.
 */
export async function syncFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const file = await open(join(folder, name), "r");
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
  await syncFolder(folder);
}

async function writeSynced(file: string, content: string | Uint8Array, owner?: Owner): Promise<void> {
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(content);
    if (owner) await handle.chown(owner.uid, owner.gid);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
