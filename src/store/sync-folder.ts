import { open } from "node:fs/promises";

/** Brings a folder's entries to the disk: a file's own fsync does not promise that its name survives a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
