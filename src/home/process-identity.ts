import { readFileSync, statSync } from "node:fs";
import type { ProcessMark } from "./endpoint.js";

/** A process as a message of the protocol tells it. */
interface OwnIdentity {
  readonly bootId: string;
  readonly pidNamespace: bigint;
  readonly pid: number;
  readonly startTicks: bigint;
}

/** This process; what the system does not tell is left empty. */
export function ownIdentity(): OwnIdentity {
  const stat = textOf("/proc/self/stat");
  // The command's name may hold spaces and parentheses; field 3 follows the last one.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    bootId: textOf("/proc/sys/kernel/random/boot_id").trim(),
    pidNamespace: statSync("/proc/self/ns/pid", { bigint: true, throwIfNoEntry: false })?.ino ?? 0n,
    pid: process.pid,
    startTicks: BigInt(fields[19] ?? 0),
  };
}

/** The same, as the endpoint file tells it. */
export function processMark(): ProcessMark {
  const { bootId, pidNamespace, startTicks } = ownIdentity();
  return { bootId, pidNamespace: `${pidNamespace}`, startTicks: `${startTicks}` };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
