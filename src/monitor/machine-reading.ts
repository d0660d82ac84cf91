/**
 * What the machine does now. Where there is /proc the kernel tells at the cost of a few small files; elsewhere Node tells
 * of processors, memory and the disk, and nothing of networks.
 */
import { readFile, statfs } from "node:fs/promises";
import { cpus, freemem, totalmem } from "node:os";

/** One look. Counters rise since the machine's start: two looks make a rate. */
export interface MachineReading {
  /** Ticks in which any processor was busy, and all ticks, over all processors. */
  readonly cpu: { readonly busy: number; readonly total: number };
  readonly memory: { readonly usedBytes: number; readonly totalBytes: number };
  /** The volume of the root folder; undefined where it can't be looked at. */
  readonly disk: DiskReading | undefined;
  /** Bytes of all interfaces; undefined where the system does not tell. */
  readonly network: { readonly received: number; readonly sent: number } | undefined;
}

export interface DiskReading {
  readonly usedBytes: number;
  /** What users that are not root may still write. */
  readonly freeBytes: number;
}

/** Looks at the machine. */
export async function readMachine(proc = "/proc"): Promise<MachineReading> {
  const [stat, network, disk] = await Promise.all([
    textOf(`${proc}/stat`),
    textOf(`${proc}/net/dev`),
    readDisk(),
  ]);
  const totalBytes = totalmem();
  return {
    cpu: (stat === undefined ? undefined : cpuOf(stat)) ?? cpuOfNode(),
    // On Linux what Node calls free is what the kernel says is available, as psutil has it.
    memory: { usedBytes: totalBytes - freemem(), totalBytes },
    disk,
    network: network === undefined ? undefined : networkOf(network),
  };
}

/** The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal. Guests are in user and nice. */
export function cpuOf(stat: string): MachineReading["cpu"] | undefined {
  const line = /^cpu +(.*)$/m.exec(stat)?.[1];
  if (line === undefined) return undefined;
  const ticks = line.split(" ").slice(0, 8).map(Number);
  const total = ticks.reduce((sum, each) => sum + each, 0);
  return { busy: total - (ticks[3] ?? 0) - (ticks[4] ?? 0), total };
}

/** Of /proc/net/dev: bytes received are the first number of an interface, bytes sent the ninth. */
export function networkOf(dev: string): { readonly received: number; readonly sent: number } {
  let received = 0;
  let sent = 0;
  for (const [, numbers = ""] of dev.matchAll(/^[^:|\n]+:(.*)$/gm)) {
    const fields = numbers.trim().split(/\s+/).map(Number);
    received += fields[0] ?? 0;
    sent += fields[8] ?? 0;
  }
  return { received, sent };
}

function cpuOfNode(): MachineReading["cpu"] {
  let busy = 0;
  let total = 0;
  for (const { times } of cpus()) {
    const all = Object.values(times).reduce((sum, each) => sum + each, 0);
    busy += all - times.idle;
    total += all;
  }
  return { busy, total };
}

async function readDisk(): Promise<DiskReading | undefined> {
  try {
    const { bsize, blocks, bfree, bavail } = await statfs("/");
    return { usedBytes: (blocks - bfree) * bsize, freeBytes: bavail * bsize };
  } catch {
    return undefined;
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return undefined;
  }
}
