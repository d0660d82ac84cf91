/**
 * GPUs, as NVIDIA's own `nvidia-smi` tells of them: one process that goes on while somebody wants to know, since each new
 * one has to wake up the driver first. A machine without it is asked once. One that hangs, as behind a GPU that fell off
 * its bus, is given up and asked again much later.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { systemCode } from "../errors/system-code.js";
import type { Clock } from "../model/clock.js";
import type { Log } from "../model/log.js";

/** One GPU; what its driver does not tell is undefined. */
export interface GpuReading {
  readonly index: number;
  readonly utilization: number | undefined;
  readonly memoryUsedBytes: number | undefined;
  readonly memoryTotalBytes: number | undefined;
  readonly powerWatts: number | undefined;
  readonly powerLimitWatts: number | undefined;
  readonly celsius: number | undefined;
}

const FIELDS =
  "index,utilization.gpu,memory.used,memory.total,power.draw,enforced.power.limit,temperature.gpu";
/** How long it may say nothing, beyond its interval: drivers of eight sleeping GPUs take ten seconds to wake up. */
const SILENT_MS_MAX = 30_000;
/** When one that failed, after it had worked, is tried again. */
const RETRY_MS = 10 * 60_000;
const MIB = 1_048_576;
/** Bytes of a line that has no end; GPUs that are told of. */
const LINE_BYTES_MAX = 4_096;
const GPUS_MAX = 64;

type State =
  | { readonly kind: "idle" }
  /** It runs, at this interval. */
  | { readonly kind: "runs"; readonly child: ChildProcess; readonly everyMs: number }
  /** It is not there, or there is no GPU behind it. */
  | { readonly kind: "absent" }
  | { readonly kind: "failed"; readonly atMs: number };

export interface GpusOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** The tool; tests have one of their own. */
  readonly command?: string;
  readonly silentMsMax?: number;
}

export class Gpus {
  readonly #options: GpusOptions;
  readonly #latest = new Map<number, { readonly gpu: GpuReading; readonly atMs: number }>();
  #state: State = { kind: "idle" };
  #heardMs = 0;

  constructor(options: GpusOptions) {
    this.#options = options;
  }

  /** What is known by now, for somebody who asks at this interval; nothing at first. */
  read(everyMs: number): GpuReading[] {
    this.#keepRunning(everyMs);
    const oldestMs = this.#options.clock.monotonicMs() - 2 * everyMs - 1_000;
    const known = [...this.#latest.values()].filter(({ atMs }) => atMs >= oldestMs);
    return known.map(({ gpu }) => gpu).sort((one, other) => one.index - other.index);
  }

  /** Nobody asks any more. */
  rest(): void {
    if (this.#state.kind === "runs") this.#end(this.#state.child, { kind: "idle" });
    this.#latest.clear();
  }

  #keepRunning(everyMs: number): void {
    const nowMs = this.#options.clock.monotonicMs();
    const state = this.#state;
    switch (state.kind) {
      case "absent":
        return;
      case "failed":
        if (nowMs - state.atMs >= RETRY_MS) this.#start(everyMs);
        return;
      case "idle":
        return this.#start(everyMs);
      case "runs": {
        const { silentMsMax = SILENT_MS_MAX } = this.#options;
        if (nowMs - this.#heardMs > state.everyMs + silentMsMax) {
          this.#options.log("warn", "nvidia-smi hangs: GPUs are left out for a while");
          this.#end(state.child, { kind: "failed", atMs: nowMs });
        } else if (state.everyMs !== everyMs) {
          this.#end(state.child, { kind: "idle" });
          this.#start(everyMs);
        }
      }
    }
  }

  #start(everyMs: number): void {
    const { clock, log, command = "nvidia-smi" } = this.#options;
    this.#heardMs = clock.monotonicMs();
    const every = String(Math.max(1, Math.round(everyMs / 1_000)));
    const args = [`--query-gpu=${FIELDS}`, "--format=csv,noheader,nounits", "-l", every];
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] });
    this.#state = { kind: "runs", child, everyMs };
    let line = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (line + text).split("\n");
      line = lines.pop()?.slice(0, LINE_BYTES_MAX) ?? "";
      for (const each of lines) this.#take(each);
    });
    const over = (reason: string, isThere: boolean) => {
      if (this.#state.kind !== "runs" || this.#state.child !== child) return;
      const worked = this.#latest.size > 0;
      this.#latest.clear();
      this.#state = worked && isThere ? { kind: "failed", atMs: clock.monotonicMs() } : { kind: "absent" };
      if (isThere) log(worked ? "warn" : "info", "nvidia-smi ended: GPUs are left out", { reason });
    };
    child.once("error", (error) => over(error.message, systemCode(error) !== "ENOENT"));
    child.once("exit", (code, signal) => over(`${signal ?? `exit code ${code}`}`, true));
    // It never holds the daemon's end; one that the daemon left alone ends at its next line.
    child.unref();
    (child.stdout as unknown as { unref?: () => void }).unref?.();
  }

  #take(line: string): void {
    const gpu = gpuOf(line);
    if (!gpu || gpu.index >= GPUS_MAX) return;
    const nowMs = this.#options.clock.monotonicMs();
    this.#heardMs = nowMs;
    this.#latest.set(gpu.index, { gpu, atMs: nowMs });
  }

  #end(child: ChildProcess, state: State): void {
    this.#state = state;
    this.#latest.clear();
    child.stdout?.destroy();
    child.kill("SIGKILL");
  }
}

/** A line of its CSV; what is not supported stands there in brackets. */
function gpuOf(line: string): GpuReading | undefined {
  const [index, utilization, used, total, power, limit, celsius] = line
    .split(",")
    .map((field) => (/^\s*-?\d+(\.\d+)?\s*$/.test(field) ? Number(field) : undefined));
  if (index === undefined || index < 0) return undefined;
  return {
    index,
    utilization,
    memoryUsedBytes: used === undefined ? undefined : used * MIB,
    memoryTotalBytes: total === undefined ? undefined : total * MIB,
    powerWatts: power,
    powerLimitWatts: limit,
    celsius,
  };
}
