/** The GPUs of the machine: NVIDIA's, and where there are none AMD's, as MLflow looks for them. */
import { AmdGpus } from "./amd.js";
import type { GpuReading } from "./gpu-reading.js";
import { NvidiaGpus, type NvidiaOptions } from "./nvidia.js";

export interface GpusOptions extends NvidiaOptions {
  /** The kernel's folder of graphics devices. */
  readonly devices?: string;
}

export class Gpus {
  readonly #nvidia: NvidiaGpus;
  readonly #amd: AmdGpus;

  constructor(options: GpusOptions) {
    this.#nvidia = new NvidiaGpus(options);
    this.#amd = new AmdGpus(options.devices);
  }

  /** What is known by now, for somebody who asks at this interval; nothing at first. */
  async read(everyMs: number): Promise<GpuReading[]> {
    const gpus = this.#nvidia.read(everyMs);
    // Numbers of GPUs must not change in the midst of a run: one that fails for a while is no reason to tell of others.
    return this.#nvidia.isAbsent ? await this.#amd.read() : gpus;
  }

  /** Nobody asks any more. */
  rest(): void {
    this.#nvidia.rest();
    this.#amd.rest();
  }
}
