/** What the errors of LevelDB and of Node's own file calls say of a segment. */

import { StepwellError } from "../errors/stepwell-error.js";
import { isCode } from "../errors/system-code.js";

const UNAVAILABLE =
  /No space left|Disk quota exceeded|Too many open files|Cannot allocate memory|Permission denied|Read-only file system|\b(ENOSPC|EDQUOT|EMFILE|ENFILE|ENOMEM|EACCES|EPERM|EROFS)\b/;

/**
 * Whether a store could not be opened for a reason that may pass: nothing is wrong with
 * its bytes. A store with a file that is missing or unreadable is damaged instead.
 */
export function isUnavailable(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (UNAVAILABLE.test(at.message)) return true;
  }
  return isLocked(error);
}

/** Whether somebody else has a database open. */
export function isLocked(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (isCode(at, "LEVEL_LOCKED")) return true;
  }
  return false;
}

/** Whether there was no room for one of the writes that opening a store takes. */
export function isNoSpace(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (/No space left|Disk quota exceeded|\b(ENOSPC|EDQUOT)\b/.test(at.message)) return true;
    if (at instanceof StepwellError && at.code === "STEPWELL_DISK_FULL") return true;
  }
  return false;
}

/** Whether the disk failed: a read, or one of the writes that opening a store takes. */
export function isInputOutputFault(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (/Input\/output error|\bEIO\b/.test(at.message)) return true;
  }
  return false;
}
