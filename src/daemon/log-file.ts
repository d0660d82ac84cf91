/**
 * The daemon's log: one JSON line for each event, in a file that is set aside as ".1"
 * when it grows too large. One such file is kept, so that the log is bounded.
 *
 * The log is there for people: whatever becomes of its file, the daemon goes on. One that was
 * removed or replaced is made anew; what no file takes goes to stderr, and if that takes nothing
 * either, nowhere.
 */
import {
  closeSync,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { openForAppending } from "../home/plain-file.js";
import type { Clock } from "../model/clock.js";
import { LOG_FILE_BYTES_MAX } from "../model/limits.js";
import type { Log } from "../model/log.js";

export interface LogFile {
  readonly log: Log;
  readonly close: () => void;
}

const STDERR = 2;

/** Opens the log for appending. Never throws, as nothing of it does. */
export function openLogFile(path: string, clock: Clock): LogFile {
  let file = tryOpen(path);
  return {
    log: (level, message, facts = {}) => {
      const line = `${JSON.stringify({ time: new Date(clock.nowMs()).toISOString(), level, message, ...facts })}\n`;
      if (file === undefined || !isAt(path, file)) file = reopen(path, file);
      if (file !== undefined && bytesOf(file) > LOG_FILE_BYTES_MAX) file = rotate(path, file);
      if (file === undefined || !tryWrite(file, line)) tryWrite(STDERR, line);
    },
    close: () => tryClose(file),
  };
}

function tryOpen(path: string): number | undefined {
  try {
    const file = openForAppending(path);
    fchmodSync(file, 0o600);
    return file;
  } catch {
    return undefined;
  }
}

/** The home's own folder is never made here: a home that was removed stays away. */
function reopen(path: string, file: number | undefined): number | undefined {
  tryClose(file);
  try {
    mkdirSync(dirname(path), { mode: 0o700 });
  } catch {
    // It is there, as a rule.
  }
  return tryOpen(path);
}

/**
 * A log that can't be set aside begins again where it is: it has to stay bounded. The file that was set aside before
 * becomes the new one: this process's stderr goes to one of the two as long as it lives, and Node's and a native part's
 * last words would be lost in a file that was removed.
 */
function rotate(path: string, file: number): number | undefined {
  const [before, next] = [`${path}.1`, `${path}.next`];
  try {
    const isKept = tryEmpty(before);
    if (isKept) renameSync(before, next);
    renameSync(path, before);
    if (isKept) renameSync(next, path);
    return reopen(path, file);
  } catch {
    tryTruncate(file);
    return file;
  }
}

/** Empties a plain file; false where there is none. What a link leads to is not ours. */
function tryEmpty(path: string): boolean {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) return false;
  const file = tryOpen(path);
  if (file === undefined) return false;
  tryTruncate(file);
  tryClose(file);
  return true;
}

function isAt(path: string, file: number): boolean {
  try {
    const [there, ours] = [statSync(path, { throwIfNoEntry: false }), fstatSync(file)];
    return there?.ino === ours.ino && there.dev === ours.dev;
  } catch {
    return false;
  }
}

function bytesOf(file: number): number {
  try {
    return fstatSync(file).size;
  } catch {
    return 0;
  }
}

/** A full disk must not end the daemon: what it can't log it goes on without. */
function tryWrite(file: number, line: string): boolean {
  try {
    writeSync(file, line);
    return true;
  } catch {
    return false;
  }
}

function tryTruncate(file: number): void {
  try {
    ftruncateSync(file);
  } catch {
    // It was opened for writing, so this is a disk in trouble.
  }
}

function tryClose(file: number | undefined): void {
  try {
    if (file !== undefined) closeSync(file);
  } catch {
    // Nothing more can be done with it.
  }
}
