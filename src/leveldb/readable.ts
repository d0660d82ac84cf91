/** Files whose disk may not give all of them. */
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { READ_AGAIN_MS, READ_TRIES } from "../model/limits.js";
import { namesIn } from "./folder-names.js";
import { isInputOutputFault } from "./level-fault.js";

const PIECE_BYTES = 1024 * 1024;
/** What a disk gives or does not give as one. */
const BLOCK_BYTES = 4096;

/**
 * Whether every byte in a database's folder can be read: what failed there was a write, then, or a
 * read that succeeds now. Only bytes that can't be read again and again are lost.
 */
export async function isReadable(folder: string): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      await readFiles(folder);
      return true;
    } catch {
      if (tries === READ_TRIES) return false;
      await setTimeout(READ_AGAIN_MS);
    }
  }
}

/** Reads every byte of the files in a database's folder. Throws what the system says. */
export async function readFiles(folder: string): Promise<void> {
  const { files, odd } = await namesIn(folder);
  if (odd.length > 0) throw new Error(`${odd.join(", ")} in ${folder} is no plain file`);
  for (const name of files) await readWhole(join(folder, name));
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

/** A file's bytes; what the disk does not give is asked for again for a while. With zeros where it gives none. */
export async function readPersistently(file: string): Promise<Buffer> {
  for (let tries = 1; tries < READ_TRIES; tries++) {
    try {
      return await readFile(file);
    } catch (error) {
      if (!isInputOutputFault(error)) throw error;
      await setTimeout(READ_AGAIN_MS);
    }
  }
  return await readAround(file);
}

/** A file's bytes, with zeros where the disk does not give any. */
export async function readAround(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    if (!isInputOutputFault(error)) throw error;
  }
  const handle = await open(file);
  try {
    const bytes = Buffer.alloc((await handle.stat()).size);
    for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
      const length = Math.min(BLOCK_BYTES, bytes.length - at);
      await handle.read(bytes, at, length, at).catch((error: unknown) => {
        if (!isInputOutputFault(error)) throw error;
      });
    }
    return bytes;
  } finally {
    await handle.close();
  }
}
