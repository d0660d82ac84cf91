/** What the kernel tells of processes, by /proc; elsewhere only whether a pid is taken. */

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { isCode } from "../errors/system-code.js";
import type { KernelProcess, Machine } from "../runs/lease.js";

/** The machine that this process runs on. */
export function readMachine(): Machine {
  const hasProc = existsSync("/proc/self/stat");
  return {
    bootId: hasProc ? readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim() : "",
    pidNamespace: hasProc ? `${statSync("/proc/self/ns/pid", { bigint: true }).ino}` : "0",
    processAt: hasProc ? readProcess : lookForPid,
  };
}

function readProcess(pid: number): KernelProcess | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
  // The command's name may hold spaces and parentheses; field 3 follows the last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state = ""] = fields;
  return { startTicks: fields[19] ?? "0", isZombie: "ZX".includes(state) && threadsOf(pid) <= 1 };
}

/** A process whose first thread has ended looks like a zombie while its other threads go on. */
function threadsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0;
  }
}

function lookForPid(pid: number): KernelProcess | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Another user's process is alive, too.
    if (!isCode(error, "EPERM")) return undefined;
  }
  return { startTicks: "0", isZombie: false };
}
