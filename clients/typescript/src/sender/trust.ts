/**
 * Whom the client may speak to: a daemon of its own user, in a home that nobody else writes into and
 * that is the daemon's own. It is looked at before anything is sent.
 */
import { readFileSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { HOME_ID_FILE_BYTES_MAX } from "../contract.js";
import { clientFault, type Fault } from "../errors.js";

/** What may write: a folder's group and everybody. */
const WRITE_OF_OTHERS = 0o022;
/** In a folder with this bit, as /tmp, nobody replaces what is another's. */
const STICKY = 0o1000;

/** Why a home is not to be believed: somebody else can change what is in it. One that is missing is nobody's. */
export function openHomeFault(home: string): Fault | undefined {
  const stats = statsOf(home);
  if (stats === undefined || !isChangeable(stats)) return undefined;
  const mode = (stats.mode & 0o777).toString(8).padStart(3, "0");
  return clientFault(
    "STEPWELL_HOME_OPEN",
    isTrusted(stats)
      ? `Other users can write into the home ${home} (its mode is ${mode}).`
      : `The home ${home} belongs to another user, who can change what is in it.`,
  );
}

/** Why a gRPC target is not to be spoken to: it is a socket of another user, or one that another can replace. */
export function foreignSocketFault(target: string): Fault | undefined {
  const path = /^unix:(?:\/\/(?=\/))?(.+)$/s.exec(target)?.[1];
  const stats = path === undefined ? undefined : statsOf(path);
  if (path === undefined || stats === undefined) return undefined;
  if (!isTrusted(stats)) {
    return clientFault(
      "STEPWELL_ENDPOINT_FOREIGN",
      `The socket ${path} belongs to another user (id ${stats.uid}).`,
    );
  }
  const folder = statsOf(dirname(path));
  if (folder === undefined || !isChangeable(folder) || isSticky(folder)) return undefined;
  return clientFault(
    "STEPWELL_ENDPOINT_FOREIGN",
    `Other users can replace the socket ${path}: they can write into its folder.`,
  );
}

/** Whether two paths lead to one folder: a copied home has the endpoint file of the one that it was copied from. */
export function isSameFolder(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    // One of them is gone.
    return one === other;
  }
}

/** The id that a home keeps; undefined where it keeps none. */
export function keptHomeId(home: string): string | undefined {
  try {
    const file = join(home, "home-id");
    const stats = statSync(file);
    if (!stats.isFile() || stats.size > HOME_ID_FILE_BYTES_MAX) return undefined;
    return /^[0-9a-f]{32}$/.exec(readFileSync(file, "utf8").trim())?.[0];
  } catch {
    return undefined;
  }
}

/** Whether somebody but this user and root can change what the folder holds. */
function isChangeable(stats: Stats): boolean {
  return !isTrusted(stats) || (process.getuid !== undefined && (stats.mode & WRITE_OF_OTHERS) !== 0);
}

function isTrusted({ uid }: Stats): boolean {
  const us = process.getuid?.();
  return us === undefined || uid === us || uid === 0;
}

function isSticky(stats: Stats): boolean {
  return isTrusted(stats) && (stats.mode & STICKY) !== 0;
}

/** Undefined for what is not there, or lies where this user may not look: that can't be spoken to either. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
