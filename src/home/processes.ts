/** Which processes are alive, without taking a later process with the same pid for an earlier one. */

import { readFileSync } from "node:fs";
import { isCode } from "../errors/system-code.js";

/** Whether a process has this pid and, where both are known, began at this time. A zombie has ended. */
export function isAlive(pid: number, startTicks?: string): boolean {
  const found = readStat(pid);
  if (found) return found.state !== "Z" && (startTicks === undefined || found.startTicks === startTicks);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive too.
    return isCode(error, "EPERM");
  }
}

/** When the process began, in clock ticks since boot; undefined where the system does not say. */
export function startTicksOf(pid: number): string | undefined {
  return readStat(pid)?.startTicks;
}

/**
 * Whether a process has this pid that can be the one that was seen at timeMs (since 1970):
 * one that began over a minute later, as after a reboot, is another. Where the system does
 * not say when a process began, any will do.
 */
export function canBeAlive(pid: number, timeMs: number): boolean {
  if (!isAlive(pid)) return false;
  const ticks = startTicksOf(pid);
  const bootSeconds = /^btime (\d+)$/m.exec(readText("/proc/stat"))?.[1];
  if (ticks === undefined || bootSeconds === undefined) return true;
  return Number(bootSeconds) * 1000 + (Number(ticks) * 1000) / TICKS_PER_SECOND <= timeMs + 60_000;
}

/** Linux shows user space 100 ticks a second, whatever the kernel counts in. */
const TICKS_PER_SECOND = 100;

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // No such process, or no /proc.
    return "";
  }
}

function readStat(pid: number): { state: string; startTicks: string } | undefined {
  const text = readText(`/proc/${pid}/stat`);
  // The second field is the command in brackets and may hold anything, so count behind it.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, startTicks] = [fields[0], fields[19]];
  return state && startTicks ? { state, startTicks } : undefined;
}
