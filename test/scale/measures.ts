/** What the kernel says of processes: memory, time of a processor, connections, descriptors. Linux alone tells it so. */
import { readdirSync, readFileSync } from "node:fs";

/** The kernel counts time in these. */
const TICK_MS = 10;
const ESTABLISHED = "01";

/** The memory of a process that lies in RAM, in bytes. */
export function rssOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

/** Milliseconds of a processor that a process took so far. */
export function cpuMsOf(pid: number): number {
  return ticksIn(readFileSync(`/proc/${pid}/stat`, "utf8")) * TICK_MS;
}

/** The same of a process and those that it started, also of those that have ended. */
export function cpuMsOfFamily(pid: number): number {
  const own = readFileSync(`/proc/${pid}/stat`, "utf8");
  let sum = (ticksIn(own) + endedTicksIn(own)) * TICK_MS;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = statOf(name);
    if (stat !== undefined && fieldsOf(stat)[PARENT] === String(pid)) sum += ticksIn(stat) * TICK_MS;
  }
  return sum;
}

/** Connections that are open at a port of this machine, as its own side of them. */
export function connectionsAt(port: number): number {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  let count = 0;
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"])
    for (const line of tableOf(table)) {
      const [, local = "", , state] = line.trim().split(/\s+/);
      if (state === ESTABLISHED && local.endsWith(`:${wanted}`)) count += 1;
    }
  return count;
}

/** File descriptors that a process may open here. */
export function descriptorsMax(): number {
  const line = /^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
  return Number(line ?? 0);
}

/** Bytes of memory that the machine could give. */
export function memoryFree(): number {
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

/** Of some numbers, the one below which this share of them lies; undefined for none. */
export function quantile(numbers: readonly number[], share: number): number | undefined {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** Fields of /proc/PID/stat behind the name, which may hold anything. */
const PARENT = 1;
const USER_TICKS = 11;
const SYSTEM_TICKS = 12;
const ENDED_USER_TICKS = 13;
const ENDED_SYSTEM_TICKS = 14;

function ticksIn(stat: string): number {
  const fields = fieldsOf(stat);
  return Number(fields[USER_TICKS]) + Number(fields[SYSTEM_TICKS]);
}

function endedTicksIn(stat: string): number {
  const fields = fieldsOf(stat);
  return Number(fields[ENDED_USER_TICKS]) + Number(fields[ENDED_SYSTEM_TICKS]);
}

function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** A process may end between two looks. */
function statOf(pid: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return undefined;
  }
}

function tableOf(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n").slice(1, -1);
  } catch {
    // Without IPv6 there is none.
    return [];
  }
}
