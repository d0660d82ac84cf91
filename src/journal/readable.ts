import { open, readdir } from "node:fs/promises";
import { join } from "node:path";

const PIECE_BYTES = 1024 * 1024;

/** Whether every byte in a segment's folder can be read: what failed there was a write, then. */
export async function isReadable(folder: string): Promise<boolean> {
  try {
    for (const name of await readdir(folder)) await readWhole(join(folder, name));
    return true;
  } catch {
    return false;
  }
}

async function readWhole(file: string): Promise<void> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  const handle = await open(file);
  try {
    while ((await handle.read(piece)).bytesRead > 0);
  } finally {
    await handle.close();
  }
}
