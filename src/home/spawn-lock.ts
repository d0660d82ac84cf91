/**
 * Who may start the daemon of a home: one caller at a time.
 *
 * The lock only saves work: a hundred callers at once shall not start a hundred
 * daemons. That at most one daemon lives is decided by LevelDB's lock on the state
 * folder, which the kernel releases. So this lock can be a plain file, made whole by
 * link(2), that names its holder: one whose holder has died is removed by the next
 * caller, and where two callers do that at once, the second daemon finds the home
 * locked and ends.
 */

import { randomBytes } from "node:crypto";
import { linkSync, rmSync, writeFileSync } from "node:fs";
import { isCode } from "../errors/system-code.js";
import { readPlainSync, setAsideSync } from "./plain-file.js";
import { isAlive, startTicksOf } from "./processes.js";

/** A lock that is held. */
export interface SpawnLock {
  /** Whether nobody has taken it over, or taken it away with its folder. */
  isHeld(): boolean;
  release(): void;
}

interface Holder {
  readonly pid: number;
  readonly start_ticks?: string;
  readonly token: string;
}

/** Takes the lock, or returns undefined while a living process holds it. The folder must exist. */
export function trySpawnLock(file: string): SpawnLock | undefined {
  if (isHeld(file)) return undefined;
  const startTicks = startTicksOf(process.pid);
  const token = randomBytes(8).toString("hex");
  const holder: Holder = { pid: process.pid, token, ...(startTicks ? { start_ticks: startTicks } : {}) };
  const draft = `${file}.${token}`;
  writeFileSync(draft, JSON.stringify(holder), { mode: 0o600 });
  try {
    if (!tryLink(draft, file)) {
      if (isHeld(file)) return undefined;
      clear(file);
      if (!tryLink(draft, file)) return undefined;
    }
  } finally {
    rmSync(draft, { force: true });
  }
  const isOurs = () => readHolder(file)?.token === token;
  return {
    isHeld: isOurs,
    release: () => {
      if (isOurs()) rmSync(file, { force: true });
    },
  };
}

/** Who holds the lock, and whether that process lives; undefined when there is no lock. */
export function spawnLockHolder(
  file: string,
): { readonly pid: number; readonly isAlive: boolean } | undefined {
  const holder = readHolder(file);
  return holder && { pid: holder.pid, isAlive: isAlive(holder.pid, holder.start_ticks) };
}

function tryLink(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

function isHeld(file: string): boolean {
  const holder = readHolder(file);
  return holder !== undefined && isAlive(holder.pid, holder.start_ticks);
}

/** What is no lock is in the way: a file goes, a folder may be somebody's. */
function clear(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    setAsideSync(file);
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    const found = Object(JSON.parse(readPlainSync(file))) as Partial<Holder>;
    const { pid, token, start_ticks: ticks } = found;
    const isHolder =
      Number.isSafeInteger(pid) &&
      Number(pid) > 0 &&
      typeof token === "string" &&
      (ticks === undefined || typeof ticks === "string");
    return isHolder ? (found as Holder) : undefined;
  } catch {
    // Gone, or the rest of a full disk: nobody holds it.
    return undefined;
  }
}
