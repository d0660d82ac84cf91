/** Folders whose entries survive a power cut: a file's own fsync does not promise that its name does. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder } from "./replace-file.js";

/** Makes a folder, with those above it, for this user alone; all of them are on disk when it resolves. */
export async function makeFolder(folder: string): Promise<void> {
  const highest = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (highest === undefined) return;
  for (let made = folder; made.length >= highest.length; made = dirname(made))
    await syncFolder(dirname(made));
}
