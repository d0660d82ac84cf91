/**
 * A daemon's hold on its home: a lock on the folder itself.
 *
 * LevelDB's lock is on the file LOCK. Whoever removes that file makes room for a second daemon,
 * whose LOCK is another file; of two daemons in one store each removes what the other one writes.
 * The folder can't be removed before all that is in it, so a lock on it holds as long as the home
 * does. Node.js has no call for it: on Linux flock(1) locks the open folder that it inherits, and the
 * lock stays with our handle when that program has ended; on macOS an open takes it. The kernel drops
 * it with the handle, and that with its process, however it ends. Where neither is to be had, LevelDB's
 * lock holds the home alone, and the daemon ends once it finds that file gone.
 */
import { spawnSync } from "node:child_process";
import { closeSync, constants, fstatSync, openSync, statSync } from "node:fs";
import { StepwellError } from "../errors/stepwell-error.js";
import { isCode } from "../errors/system-code.js";
import { identityOf, type Place } from "./home-sight.js";

/** A home that is held. */
export interface HomeHold {
  /** Whether the folder is locked: nobody else can hold it, whatever is removed from it. */
  readonly isLocked: boolean;
  /** The folder itself, whatever its path leads to by now. */
  readonly place: Place;
  /** Whether the home's path leads to the folder now. */
  isInPlace(): boolean;
  /** Whether the folder was removed for good; one that was moved, or is out of sight, was not. */
  isRemoved(): boolean;
  release(): void;
}

/** macOS's flag of an open that locks, or fails at once where it also has O_NONBLOCK. */
const O_EXLOCK = 0x20;
/** It takes some ms. */
const FLOCK_MS_MAX = 10_000;

/** Takes hold of a home, which has to be there. Throws STEPWELL_HOME_LOCKED while another process has it. */
export function holdHome(home: string): HomeHold {
  const { folder, isLocked } = process.platform === "darwin" ? openLocked(home) : lockByProgram(home);
  const place = identityOf(fstatSync(folder, { bigint: true }));
  const isInPlace = () => placeAt(home) === place;
  // Who had it until now may have moved it away.
  if (!isInPlace()) {
    closeSync(folder);
    throw locked();
  }
  return {
    isLocked,
    place,
    isInPlace,
    isRemoved: () => fstatSync(folder).nlink === 0,
    release: () => closeSync(folder),
  };
}

interface OpenFolder {
  readonly folder: number;
  readonly isLocked: boolean;
}

function openLocked(home: string): OpenFolder {
  try {
    return { folder: openSync(home, constants.O_RDONLY | constants.O_NONBLOCK | O_EXLOCK), isLocked: true };
  } catch (error) {
    if (isCode(error, "EAGAIN")) throw locked();
    // A file system that has no locks.
    return { folder: openSync(home, constants.O_RDONLY), isLocked: false };
  }
}

function lockByProgram(home: string): OpenFolder {
  const folder = openSync(home, constants.O_RDONLY | constants.O_DIRECTORY);
  const { status, stderr } = spawnSync("flock", ["-n", "-x", "3"], {
    stdio: ["ignore", "ignore", "pipe", folder],
    timeout: FLOCK_MS_MAX,
  });
  // Of a lock that somebody else has it says nothing; of all else that stops it, something.
  if (status === 1 && stderr.length === 0) {
    closeSync(folder);
    throw locked();
  }
  return { folder, isLocked: status === 0 };
}

function placeAt(path: string): Place {
  try {
    return identityOf(statSync(path, { bigint: true }));
  } catch {
    return "unknown";
  }
}

/** Why a daemon whose home is at its path no longer ends. What is acknowledged is where the home is now. */
export function homeGone(home: string): StepwellError {
  return new StepwellError(
    "STEPWELL_HOME_GONE",
    `The home ${home} was moved or removed, so its daemon ends.`,
  );
}

function locked(): StepwellError {
  return new StepwellError("STEPWELL_HOME_LOCKED", "Another daemon owns this home.");
}
