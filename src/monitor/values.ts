/**
 * What is logged of a reading, by MLflow's names and units and rounded as MLflow does: its megabytes are of a million
 * bytes. What MLflow has no name for (`process/...`, a GPU's temperature) is named in its manner.
 */
import type { GpuReading } from "./gpu-reading.js";
import type { MachineReading } from "./machine-reading.js";
import type { TreeUsage } from "./process-table.js";

/** Values by the names that stand behind `system/`. */
export type Values = Record<string, number>;

/** A reading, and when it was taken on a clock that never jumps. */
export interface Timed<Reading> {
  readonly reading: Reading;
  readonly atMs: number;
}

/** Of the machine, between two looks. Networks count from `first` on, as MLflow's do from the run's begin. */
export function machineValues(
  first: MachineReading,
  before: MachineReading,
  { cpu, memory, disk, network }: MachineReading,
): Values {
  const ticks = cpu.total - before.cpu.total;
  return {
    ...(ticks > 0
      ? { cpu_utilization_percentage: Math.min(100, percent(cpu.busy - before.cpu.busy, ticks)) }
      : {}),
    system_memory_usage_megabytes: megabytes(memory.usedBytes),
    system_memory_usage_percentage: percent(memory.usedBytes, memory.totalBytes),
    ...(disk
      ? {
          disk_usage_percentage: percent(disk.usedBytes, disk.usedBytes + disk.freeBytes),
          disk_usage_megabytes: megabytes(disk.usedBytes),
          disk_available_megabytes: megabytes(disk.freeBytes),
        }
      : {}),
    ...(network && first.network
      ? {
          network_receive_megabytes: exactMegabytes(network.received - first.network.received),
          network_transmit_megabytes: exactMegabytes(network.sent - first.network.sent),
        }
      : {}),
  };
}

/** Of GPUs, by their numbers as NVML has them. */
export function gpuValues(gpus: readonly GpuReading[]): Values {
  const values: Values = {};
  for (const gpu of gpus) {
    const { memoryUsedBytes: used, memoryTotalBytes: total, powerWatts: power, powerLimitWatts: limit } = gpu;
    const name = `gpu_${gpu.index}`;
    const put = (what: string, value: number | undefined) => {
      if (value !== undefined) values[`${name}_${what}`] = value;
    };
    put("utilization_percentage", gpu.utilization);
    put("memory_usage_megabytes", used === undefined ? undefined : megabytes(used));
    put("memory_usage_percentage", used === undefined || !total ? undefined : percent(used, total));
    put("power_usage_watts", power === undefined ? undefined : rounded(power));
    put("power_usage_percentage", power === undefined || !limit ? undefined : percent(power, limit));
    put("temperature_celsius", gpu.celsius);
  }
  return values;
}

/**
 * Of a step's processes, between two looks. 100 % are one processor; of memory they are what the processes may have. `io` is
 * what went to the disk and came from it since the first look.
 */
export function processValues(
  before: Timed<TreeUsage>,
  now: Timed<TreeUsage>,
  io: TreeUsage["io"],
  totalMemoryBytes: number,
): Values {
  const { processes, threads, cpuSeconds, residentBytes, memoryLimitBytes } = now.reading;
  const mayHave = Math.min(totalMemoryBytes, memoryLimitBytes ?? totalMemoryBytes);
  const seconds = (now.atMs - before.atMs) / 1_000;
  return {
    ...(seconds > 0
      ? { "process/cpu_utilization_percentage": percent(cpuSeconds - before.reading.cpuSeconds, seconds) }
      : {}),
    "process/memory_usage_megabytes": megabytes(residentBytes),
    "process/memory_usage_percentage": percent(residentBytes, mayHave),
    "process/processes": processes,
    "process/threads": threads,
    ...(io
      ? {
          "process/disk_read_megabytes": exactMegabytes(io.read),
          "process/disk_write_megabytes": exactMegabytes(io.written),
        }
      : {}),
  };
}

function megabytes(bytes: number): number {
  return rounded(bytes / 1e6);
}

/** Counters are not rounded. */
function exactMegabytes(bytes: number): number {
  return Math.max(0, bytes) / 1e6;
}

function percent(part: number, whole: number): number {
  return rounded((Math.max(0, part) / whole) * 100);
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
