/**
 * GPUs, as NVIDIA's own `nvidia-smi` tells of them: one process that goes on while somebody wants to know, since each new
 * one has to wake up the driver first. A machine without it is asked once, until nobody wants to know any more. One that
 * hangs, as behind a GPU that fell off its bus, is given up and asked again much later; where not even its end ends it,
 * once it is gone.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { systemCode } from "../errors/system-code.js";
import { startProcess } from "../home/start-process.js";
import type { Clock } from "../model/clock.js";
import type { Log } from "../model/log.js";
import type { GpuReading } from "./gpu-reading.js";

const FIELDS = [
  "index",
  "utilization.gpu",
  "memory.used",
  "memory.total",
  "power.draw",
  "enforced.power.limit",
  "temperature.gpu",
] as const;
type Field = (typeof FIELDS)[number];

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
  | { readonly kind: "runs"; readonly call: Call; readonly everyMs: number }
  /** It is not there, or there is no GPU behind it. */
  | { readonly kind: "absent" }
  | { readonly kind: "failed"; readonly atMs: number };

/** A process of it; none while it is being started. */
interface Call {
  child: ChildProcess | undefined;
  isOver: boolean;
  /** A field that it does not know, as an old one doesn't. */
  unknown: Field | undefined;
}

export interface NvidiaOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** The tool; tests have one of their own. */
  readonly command?: string;
  readonly silentMsMax?: number;
}

export class NvidiaGpus {
  readonly #options: NvidiaOptions;
  readonly #latest = new Map<number, { readonly gpu: GpuReading; readonly atMs: number }>();
  #fields: readonly Field[] = FIELDS;
  #state: State = { kind: "idle" };
  /** One that hung, and may still be there. */
  #hung: Call | undefined;
  #heardMs = 0;

  constructor(options: NvidiaOptions) {
    this.#options = options;
  }

  /** Whether it was asked, and there are none. */
  get isAbsent(): boolean {
    return this.#state.kind === "absent";
  }

  /** What is known by now, for somebody who asks at this interval; nothing at first. */
  read(everyMs: number): GpuReading[] {
    this.#keepRunning(everyMs);
    const oldestMs = this.#options.clock.monotonicMs() - 2 * everyMs - 1_000;
    const known = [...this.#latest.values()].filter(({ atMs }) => atMs >= oldestMs);
    return known.map(({ gpu }) => gpu).sort((one, other) => one.index - other.index);
  }

  /** Nobody asks any more. Who asks again may have a driver by then. */
  rest(): void {
    if (this.#state.kind === "runs") this.#end(this.#state.call);
    if (this.#state.kind !== "failed") this.#state = { kind: "idle" };
    this.#latest.clear();
  }

  #keepRunning(everyMs: number): void {
    const nowMs = this.#options.clock.monotonicMs();
    const state = this.#state;
    switch (state.kind) {
      case "absent":
        return;
      case "failed":
        if (nowMs - state.atMs >= RETRY_MS && (this.#hung?.isOver ?? true)) this.#start(everyMs);
        return;
      case "idle":
        return this.#start(everyMs);
      case "runs": {
        const { silentMsMax = SILENT_MS_MAX } = this.#options;
        if (nowMs - this.#heardMs > state.everyMs + silentMsMax) {
          this.#options.log("warn", "nvidia-smi hangs: GPUs are left out for a while");
          this.#end(state.call);
          this.#hung = state.call;
          this.#state = { kind: "failed", atMs: nowMs };
        } else if (state.everyMs !== everyMs) {
          this.#end(state.call);
          this.#start(everyMs);
        }
      }
    }
  }

  #start(everyMs: number): void {
    const call: Call = { child: undefined, isOver: false, unknown: undefined };
    this.#heardMs = this.#options.clock.monotonicMs();
    this.#state = { kind: "runs", call, everyMs };
    void this.#run(call, everyMs).catch((error: unknown) => {
      call.isOver = true;
      this.#over(call, String(error), systemCode(error) !== "ENOENT");
    });
  }

  async #run(call: Call, everyMs: number): Promise<void> {
    const { command = "nvidia-smi" } = this.#options;
    const fields = this.#fields;
    const every = String(Math.max(1, Math.round(everyMs / 1_000)));
    const args = [`--query-gpu=${fields.join(",")}`, "--format=csv,noheader,nounits", "-l", every];
    const child = await startProcess(() => spawn(command, args, { stdio: ["ignore", "pipe", "ignore"] }));
    call.child = child;
    child.once("close", (code, signal) => {
      call.isOver = true;
      this.#over(call, `${signal ?? `exit code ${code}`}`, true);
    });
    // It never holds the daemon's end; one that the daemon left alone ends at its next line.
    child.unref();
    (child.stdout as unknown as { unref?: () => void }).unref?.();
    let line = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (line + text).split("\n");
      line = lines.pop()?.slice(0, LINE_BYTES_MAX) ?? "";
      for (const each of lines) this.#take(call, fields, each);
    });
    // Somebody may have stopped to ask meanwhile.
    if (!this.#isCurrent(call)) this.#end(call);
  }

  #over(call: Call, reason: string, isThere: boolean): void {
    if (!this.#isCurrent(call) || this.#state.kind !== "runs") return;
    const { clock, log } = this.#options;
    const { everyMs } = this.#state;
    const worked = this.#latest.size > 0;
    this.#latest.clear();
    if (call.unknown !== undefined && !worked) {
      this.#fields = this.#fields.filter((field) => field !== call.unknown);
      return this.#start(everyMs);
    }
    this.#state = worked && isThere ? { kind: "failed", atMs: clock.monotonicMs() } : { kind: "absent" };
    if (isThere) log(worked ? "warn" : "info", "nvidia-smi ended: GPUs are left out", { reason });
  }

  #take(call: Call, fields: readonly Field[], line: string): void {
    if (!this.#isCurrent(call)) return;
    const [, unknown] = /^\s*Field "([^"]+)" is not a valid field/.exec(line) ?? [];
    call.unknown ??= fields.find((field) => field === unknown && field !== "index");
    const gpu = gpuOf(fields, line);
    if (!gpu || gpu.index >= GPUS_MAX) return;
    const nowMs = this.#options.clock.monotonicMs();
    this.#heardMs = nowMs;
    this.#latest.set(gpu.index, { gpu, atMs: nowMs });
  }

  #isCurrent(call: Call): boolean {
    return this.#state.kind === "runs" && this.#state.call === call;
  }

  #end({ child }: Call): void {
    this.#latest.clear();
    child?.stdout?.destroy();
    child?.kill("SIGKILL");
  }
}

/** A line of its CSV; what is not supported stands there in brackets. A line with more or fewer fields is none of it. */
function gpuOf(fields: readonly Field[], line: string): GpuReading | undefined {
  const texts = line.split(",");
  if (texts.length !== fields.length) return undefined;
  const told = (field: Field, scale = 1) => {
    const text = texts[fields.indexOf(field)] ?? "";
    return /^\s*-?\d+(\.\d+)?\s*$/.test(text) ? Number(text) * scale : undefined;
  };
  const index = told("index");
  if (index === undefined || index < 0) return undefined;
  return {
    index,
    utilization: told("utilization.gpu"),
    memoryUsedBytes: told("memory.used", MIB),
    memoryTotalBytes: told("memory.total", MIB),
    powerWatts: told("power.draw"),
    powerLimitWatts: told("enforced.power.limit"),
    celsius: told("temperature.gpu"),
  };
}
