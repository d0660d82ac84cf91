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
  /** Bytes of all interfaces, which never fall; undefined where the system does not tell. */
  readonly network: { readonly received: number; readonly sent: number } | undefined;
}

export interface DiskReading {
  readonly usedBytes: number;
  /** What users that are not root may still write. */
  readonly freeBytes: number;
}

/** What looks at the machine; it remembers networks, whose interfaces come and go. */
export function machineReader(proc = "/proc"): () => Promise<MachineReading> {
  const networks = new Networks();
  return () => readMachine(proc, networks);
}

async function readMachine(proc: string, networks: Networks): Promise<MachineReading> {
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
    network: network === undefined ? undefined : networks.take(network),
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

interface Traffic {
  readonly received: number;
  readonly sent: number;
}

/**
 * What all interfaces took together. Each counts for itself: one that vanishes, as a container's, takes nothing away that went
 * through it, and one that counts anew from 0 adds what it has.
 */
export class Networks {
  #before = new Map<string, Traffic>();
  #received = 0;
  #sent = 0;

  /** Of /proc/net/dev: bytes received are the first number of an interface, bytes sent the ninth. */
  take(dev: string): Traffic {
    const now = new Map<string, Traffic>();
    for (const [, name = "", numbers = ""] of dev.matchAll(/^ *([^:|\n]+):(.*)$/gm)) {
      const fields = numbers.trim().split(/\s+/).map(Number);
      const [received, sent] = [fields[0] ?? 0, fields[8] ?? 0];
      const before = this.#before.get(name);
      this.#received += since(before?.received, received);
      this.#sent += since(before?.sent, sent);
      now.set(name, { received, sent });
    }
    this.#before = now;
    return { received: this.#received, sent: this.#sent };
  }
}

function since(before = 0, now = 0): number {
  return now >= before ? now - before : now;
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
