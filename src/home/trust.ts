/**
 * Whom a client may speak to: a daemon of its own user, in a home that nobody else writes into.
 * It is looked at before anything is sent: a secret's value can't be called back from another
 * user's socket.
 */
import { type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { StepwellError } from "../errors/stepwell-error.js";
import { shellWord } from "../model/shell-word.js";
import { userId } from "./user.js";

/** What may write: the folder's group and everybody. */
const WRITE_OF_OTHERS = 0o022;
/** In a folder with this bit, as /tmp, nobody replaces what is another's. */
const STICKY = 0o1000;

/** Throws STEPWELL_HOME_OPEN where somebody else can change what is in the home. A home that is missing is nobody's. */
export function refuseOpenHome(home: string): void {
  const stats = statsOf(home);
  if (!stats || !isChangeable(stats)) return;
  if (!isTrusted(stats)) {
    const sentence = `The home ${home} belongs to another user, who can change what is in it.`;
    const remedy = "Set STEPWELL_HOME to a folder of your own.";
    throw new StepwellError("STEPWELL_HOME_OPEN", sentence, { remedy });
  }
  const mode = (stats.mode & 0o777).toString(8).padStart(3, "0");
  const sentence = `Other users can write into the home ${home} (its mode is ${mode}).`;
  const remedy =
    stats.uid === userId()
      ? `Close it: chmod 700 ${shellWord(home)}. What they may have changed is worth a look.`
      : "Set STEPWELL_HOME to a folder of your own, as one below it.";
  throw new StepwellError("STEPWELL_HOME_OPEN", sentence, { remedy });
}

/** Throws STEPWELL_ENDPOINT_FOREIGN for a gRPC target that is a socket of another user, or one that another can replace. */
export function refuseForeignSocket(target: string): void {
  const path = socketPathIn(target);
  const stats = path === undefined ? undefined : statsOf(path);
  if (path === undefined || !stats) return;
  if (!isTrusted(stats)) throw foreign(`The socket ${path} belongs to another user (id ${stats.uid}).`);
  const folder = statsOf(dirname(path));
  if (folder && isChangeable(folder) && !isSticky(folder))
    throw foreign(`Other users can replace the socket ${path}: they can write into its folder.`);
}

/** The path of a target as "unix:/path"; undefined for one that has none. */
function socketPathIn(target: string): string | undefined {
  return /^unix:(?:\/\/(?=\/))?(.+)$/s.exec(target)?.[1];
}

/** Whether somebody but this user and root can change what the folder holds. */
function isChangeable(stats: Stats): boolean {
  return !isTrusted(stats) || (userId() !== undefined && (stats.mode & WRITE_OF_OTHERS) !== 0);
}

function isTrusted({ uid }: Stats): boolean {
  const us = userId();
  return us === undefined || uid === us || uid === 0;
}

function isSticky(stats: Stats): boolean {
  return isTrusted(stats) && (stats.mode & STICKY) !== 0;
}

function foreign(sentence: string): StepwellError {
  return new StepwellError("STEPWELL_ENDPOINT_FOREIGN", sentence);
}

/** Undefined for what is not there, or lies where this user may not look: that can't be spoken to either. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
