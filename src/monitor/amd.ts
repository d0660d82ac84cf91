/**
 * AMD's GPUs, as their kernel driver tells of them in files: `rocm-smi` reads the same ones, and takes a second for it. They
 * are told in the order of the kernel's cards, which is the tool's, too. A driver that hangs holds one reading, not the daemon.
 */
import { readdir, readFile } from "node:fs/promises";
import { within } from "../home/wait.js";
import type { GpuReading } from "./gpu-reading.js";

const AMD = "0x1002";
const GPUS_MAX = 64;
/** How long all of them may take. */
const READ_MS_MAX = 1_000;

export class AmdGpus {
  readonly #devices: string;
  /** The folders of AMD's devices; undefined: nobody has looked. */
  #folders: readonly string[] | undefined;
  #isReading = false;

  constructor(devices = "/sys/class/drm") {
    this.#devices = devices;
  }

  /** Nothing where a driver takes too long, until it is done. */
  async read(): Promise<GpuReading[]> {
    if (this.#folders?.length === 0 || this.#isReading) return [];
    const read: GpuReading[] = [];
    this.#isReading = true;
    const reading = this.#readTo(read).finally(() => {
      this.#isReading = false;
    });
    return (await within(READ_MS_MAX, reading)) ? read : [];
  }

  /** Looks for them anew when somebody asks again. */
  rest(): void {
    this.#folders = undefined;
  }

  async #readTo(read: GpuReading[]): Promise<void> {
    this.#folders ??= await foldersIn(this.#devices);
    for (const [index, folder] of this.#folders.entries()) read.push(await readOne(index, folder));
  }
}

async function foldersIn(devices: string): Promise<string[]> {
  const names = await readdir(devices).catch((): string[] => []);
  const numbers = names.flatMap((name) => /^card(\d{1,4})$/.exec(name)?.[1] ?? []).map(Number);
  const found: string[] = [];
  for (const number of numbers.sort((one, other) => one - other)) {
    const folder = `${devices}/card${number}/device`;
    if ((await textOf(`${folder}/vendor`)).trim() === AMD && found.length < GPUS_MAX) found.push(folder);
  }
  return found;
}

async function readOne(index: number, folder: string): Promise<GpuReading> {
  const [sensors] = (await readdir(`${folder}/hwmon`).catch((): string[] => [])).sort();
  const number = async (name: string) => numberOf(await textOf(`${folder}/${name}`));
  const sensor = async (name: string, scale: number) => {
    const value = sensors === undefined ? undefined : await number(`hwmon/${sensors}/${name}`);
    return value === undefined ? undefined : value / scale;
  };
  return {
    index,
    utilization: await number("gpu_busy_percent"),
    memoryUsedBytes: await number("mem_info_vram_used"),
    memoryTotalBytes: await number("mem_info_vram_total"),
    // In microwatts; newer chips tell only what they take now.
    powerWatts: (await sensor("power1_average", 1e6)) ?? (await sensor("power1_input", 1e6)),
    powerLimitWatts: await sensor("power1_cap", 1e6),
    celsius: await sensor("temp1_input", 1_000),
  };
}

function numberOf(text: string): number | undefined {
  return /^\s*-?\d{1,20}\s*$/.test(text) ? Number(text) : undefined;
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}
