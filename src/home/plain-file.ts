/**
 * Reading and appending to what should be a plain file, and may be anything. A pipe that stands in a
 * file's place would hold whoever opens it for ever, and with it one of the four threads on which all
 * files are read; a folder or gigabytes would end whoever believes it. So nothing here waits at an
 * open, and nothing but a plain file of a bounded size is read.
 */
import { randomBytes } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync, renameSync } from "node:fs";
import { type FileHandle, open, readFile, rename } from "node:fs/promises";

const { O_APPEND, O_CREAT, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/** No file of the home that is read as a whole is nearly as large. */
const HOME_FILE_BYTES_MAX = 1024 * 1024;

/** A file's bytes. Throws for one that is missing, no plain file, or larger. */
export async function readPlain(path: string, bytesMax = HOME_FILE_BYTES_MAX): Promise<Buffer> {
  const handle = await openPlain(path);
  try {
    checkSize(path, (await handle.stat()).size, bytesMax);
    return await readFile(handle);
  } finally {
    await handle.close();
  }
}

/** Opens a plain file for reading. Throws for anything else. */
export async function openPlain(path: string): Promise<FileHandle> {
  const handle = await open(path, O_RDONLY | O_NONBLOCK);
  try {
    if ((await handle.stat()).isFile()) return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  throw notPlain(path);
}

/** A file's text from an offset on. Throws for one that is missing, no plain file, or larger from there on. */
export function readPlainSync(path: string, offset = 0, bytesMax = HOME_FILE_BYTES_MAX): string {
  const file = openPlainSync(path, O_RDONLY);
  try {
    const size = Math.max(0, fstatSync(file).size - offset);
    checkSize(path, size, bytesMax);
    const bytes = Buffer.alloc(size);
    return bytes.subarray(0, readSync(file, bytes, 0, size, offset)).toString("utf8");
  } finally {
    closeSync(file);
  }
}

/** Opens a plain file for appending; makes it, for this user alone, where there is none. */
export function openForAppending(path: string): number {
  return openPlainSync(path, O_WRONLY | O_APPEND | O_CREAT);
}

/** Opens a plain file. The caller closes it. */
export function openPlainSync(path: string, flags: number): number {
  const file = openSync(path, flags | O_NONBLOCK, 0o600);
  if (fstatSync(file).isFile()) return file;
  closeSync(file);
  throw notPlain(path);
}

/** Puts away what stands in a file's place and can't be replaced, as a folder can't: it may be somebody's. */
export async function setAside(path: string): Promise<void> {
  await rename(path, asideOf(path));
}

/** The same, at once. */
export function setAsideSync(path: string): void {
  renameSync(path, asideOf(path));
}

function asideOf(path: string): string {
  return `${path}.aside-${randomBytes(4).toString("hex")}`;
}

function checkSize(path: string, size: number, bytesMax: number): void {
  if (size > bytesMax) throw new Error(`${path} has more than ${bytesMax} bytes`);
}

function notPlain(path: string): Error {
  return new Error(`${path} is no plain file`);
}
