/** Which processes are alive, without taking a later process with the same pid for an earlier one. */
import { readFileSync } from "node:fs";

/** Whether a process has this pid and, where both are known, began at this time. A zombie has ended. */
export function isAlive(pid: number, startTicks?: string): boolean {
  const found = readStat(pid);
  if (found) return found.state !== "Z" && (startTicks === undefined || found.startTicks === startTicks);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive too.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** When the process began, in clock ticks since boot; undefined where the system does not say. */
export function startTicksOf(pid: number): string | undefined {
  return readStat(pid)?.startTicks;
}

function readStat(pid: number): { state: string; startTicks: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field is the command in brackets and may hold anything, so count behind it.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [state, startTicks] = [fields[0], fields[19]];
    return state && startTicks ? { state, startTicks } : undefined;
  } catch {
    // No such process, or no /proc.
    return undefined;
  }
}
