import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { READ_AGAIN_MS, READ_TRIES } from "../model/limits.js";

const PIECE_BYTES = 1024 * 1024;

/**
 * Whether every byte in a segment's folder can be read: what failed there was a write, then, or a
 * read that succeeds now. Only bytes that can't be read again and again are lost.
 */
export async function isReadable(folder: string): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      for (const name of await readdir(folder)) await readWhole(join(folder, name));
      return true;
    } catch {
      if (tries === READ_TRIES) return false;
      await setTimeout(READ_AGAIN_MS);
    }
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
