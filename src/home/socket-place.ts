/**
 * Where a daemon's socket can be. The kernel takes short paths only, so that of a home with a long one
 * stands in a folder elsewhere, as in /tmp: there anybody may have laid something of that name before.
 * A folder counts if it is a folder and no link, this user's alone, and in one whose other users can't
 * rename it; with none of the usual names to be had, a name that nobody can guess is taken.
 */
import { createHash, randomBytes } from "node:crypto";
import { accessSync, constants } from "node:fs";
import { chmod, lstat } from "node:fs/promises";
import { join } from "node:path";
import { StepwellError } from "../errors/stepwell-error.js";
import { makeFolder } from "./durable-folder.js";
import { openParentOf } from "./open-home.js";
import { userId } from "./user.js";

/** Longest socket path in bytes: macOS takes 103, Linux 107; a margin serves both. */
const SOCKET_PATH_BYTES_MAX = 100;
const SOCKET_NAME = "daemon.sock";
/** Characters that a name may get which nobody can guess, with the one before them. */
const SUFFIX = 13;

/**
 * What a gRPC target can't hold, or not in every language: where it counts as a URI, a percent sign
 * begins an escape and a question mark or a hash ends the path; no pattern for it takes a line feed.
 */
const NOT_IN_TARGET = /[%?#\p{Cc}]/u;

/** The folders that the socket of a home can be in, the best first. `unfit`: what else can't be in their paths. */
export function socketFoldersOf(
  home: string,
  env: Readonly<Record<string, string | undefined>>,
  unfit = NOT_IN_TARGET,
): string[] {
  const fits = (folder: string, more: number) => isShort(folder, more) && !unfit.test(socketIn(folder));
  const inHome = join(home, "run");
  if (fits(inHome, 0)) return [inHome];
  const hash = createHash("sha256").update(home).digest("hex").slice(0, 12);
  const name = `stepwell-${userId() ?? "user"}-${hash}`;
  const candidates = [
    ...(isWritable(env["XDG_RUNTIME_DIR"]) ? [join(env["XDG_RUNTIME_DIR"], `stepwell-${hash}`)] : []),
    join(env["TMPDIR"] || "/tmp", name),
    join("/tmp", name),
  ];
  return [...new Set(candidates)].filter((folder) => fits(folder, SUFFIX));
}

/** The socket's path in a folder. */
export function socketIn(folder: string): string {
  return join(folder, SOCKET_NAME);
}

/**
 * Makes a folder for the socket, which nobody else gets into, and answers the socket's path. Throws
 * STEPWELL_HOME_UNUSABLE where there can be none.
 */
export async function makeSocketPlace(folders: readonly string[]): Promise<string> {
  const unguessed = folders.map((folder) => `${folder}-${randomBytes((SUFFIX - 1) / 2).toString("hex")}`);
  const reasons: string[] = [];
  for (const folder of [...folders, ...unguessed]) {
    const reason = await take(folder);
    if (reason === undefined) return socketIn(folder);
    reasons.push(`${folder}: ${reason}`);
  }
  const sentence = `The daemon's socket can be in no folder (${reasons.join("; ")}).`;
  throw new StepwellError("STEPWELL_HOME_UNUSABLE", sentence);
}

/** Makes the folder, or takes the one that is there. Answers what is against it. */
async function take(folder: string): Promise<string | undefined> {
  const open = await openParentOf(folder);
  if (open !== undefined) return `others can rename what is in ${open}`;
  try {
    await makeFolder(folder);
    const found = await lstat(folder);
    if (found.uid !== userId()) return "it belongs to another user";
    if (!found.isDirectory()) return "it is a link";
    if ((found.mode & 0o077) !== 0) await chmod(folder, 0o700);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isShort(folder: string, more: number): boolean {
  return Buffer.byteLength(socketIn(folder)) + more <= SOCKET_PATH_BYTES_MAX;
}

/** Whether the folder is there for us: XDG_RUNTIME_DIR is often set for a session that has none. */
function isWritable(folder: string | undefined): folder is string {
  if (!folder) return false;
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
