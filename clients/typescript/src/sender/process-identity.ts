import { readFileSync, readlinkSync } from "node:fs";
import type { ProcessIdentity } from "../wire.js";

/** This process, named so that a reused pid is never taken for it. Empty where it isn't Linux. */
export function processIdentity(): ProcessIdentity {
  return {
    bootId: attempt(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()) ?? "",
    pidNamespace: attempt(() => BigInt(readlinkSync("/proc/self/ns/pid").replace(/\D/g, ""))) ?? 0n,
    pid: process.pid,
    startTicks: attempt(() => startTicksIn(readFileSync("/proc/self/stat", "utf8"))) ?? 0n,
  };
}

/** Field 22; the name in field 2 may hold spaces and brackets, so counting starts behind it. */
function startTicksIn(stat: string): bigint {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return BigInt(fields[22 - 3] ?? 0);
}

/** The fact, or undefined where the system does not tell it. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
