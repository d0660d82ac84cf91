/**
 * Logs metrics of the system to runs that ask for them: what their machine does, and what their step's processes take.
 *
 * The daemon does it, so that an interpreter that is blocked for minutes misses none. A run has them while somebody holds
 * its lease, and only here, where that process lives. Runs that are due at the same time share one look at the machine, and
 * the interval's ticks are the same for all. Points go the way of all points. They wait here, so many of them, while the
 * journal takes nothing, and while a run goes nowhere because its program may still say which experiment it is of: what the
 * machine does decides nothing of that.
 */
import type { Door } from "../ingest/door.js";
import type { Clock } from "../model/clock.js";
import type { Log } from "../model/log.js";
import { Turns } from "../model/turns.js";
import { hasEnded } from "../runs/run.js";
import type { Gpus } from "./gpus.js";
import type { MachineReading } from "./machine-reading.js";
import { Part } from "./part.js";
import type { ProcessTable } from "./process-table.js";
import { gpuValues, machineValues, type Values } from "./values.js";
import { type Wanted, type WantedSources, wantedRuns } from "./wanted-runs.js";

/** How often it is looked whether any run is due. */
const LOOK_MS = 1_000;
/** Runs that are journaled in one go. */
const RUNS_AT_ONCE = 100;
/** Rows of one run that wait: more than come before a run is placed that its program left open, one a second. */
const WAITING_MAX = 150;

export interface MonitorOptions extends WantedSources {
  readonly door: Pick<Door, "enter">;
  readonly clock: Clock;
  readonly log: Log;
  readonly gpus: Pick<Gpus, "read" | "rest">;
  readonly readMachine: () => Promise<MachineReading>;
  readonly readProcesses: () => Promise<Pick<ProcessTable, "usageOf"> | undefined>;
}

/** What is remembered of a run from its first look on. */
interface Meter {
  readonly machine: MachineReading;
  readonly parts: Map<string, Part>;
  /** The step of its last point; -1: none yet. */
  step: number;
  /** What is not journaled yet. */
  waiting: Row[];
}

/** What was logged at one time, by whole keys. */
interface Row {
  readonly step: number;
  readonly timestampMs: number;
  readonly values: Values;
}

/** What was seen at a look. */
interface Look {
  readonly machine: MachineReading;
  readonly gpus: Values;
  readonly processes: Pick<ProcessTable, "usageOf"> | undefined;
  readonly atMs: number;
  readonly timestampMs: number;
}

export class Monitor {
  readonly #options: MonitorOptions;
  /** For each interval its last tick, and what was seen then. */
  readonly #ticks = new Map<number, { readonly tick: number; readonly machine: MachineReading }>();
  readonly #meters = new Map<string, Meter>();
  readonly #looking = new Turns();
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #isRefused = false;

  constructor(options: MonitorOptions) {
    this.#options = options;
  }

  /** Begins to look at intervals. */
  start(): void {
    this.#timer = setInterval(() => {
      if (!this.#isLooking) void this.#looking.take(() => this.look());
    }, LOOK_MS).unref();
  }

  /** Stops; what is under way is journaled when this resolves. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking.idle();
    this.#options.gpus.rest();
  }

  /** Journals what waits of runs that ended. */
  async settle(): Promise<void> {
    await this.#looking.take(() => this.#leave(wantedRuns(this.#options)));
  }

  /** Logs to the runs that are due. Throws nothing. */
  async look(): Promise<void> {
    this.#isLooking = true;
    try {
      await this.#look();
    } catch (error) {
      this.#options.log("warn", "metrics of the system can't be read", { reason: String(error) });
    } finally {
      this.#isLooking = false;
    }
  }

  async #look(): Promise<void> {
    const { runs, gpus, clock } = this.#options;
    const wanted = wantedRuns(this.#options);
    runs.sampled.logsTo(new Set(wanted.keys()));
    await this.#leave(wanted);
    const intervals = new Set([...wanted.values()].map(({ everyMs }) => everyMs));
    for (const everyMs of this.#ticks.keys()) if (!intervals.has(everyMs)) this.#ticks.delete(everyMs);
    if (wanted.size === 0) return gpus.rest();
    const nowMs = clock.monotonicMs();
    const isDue = (everyMs: number) => this.#ticks.get(everyMs)?.tick !== Math.floor(nowMs / everyMs);
    const due = [...wanted.values()].filter(
      ({ run, everyMs }) => isDue(everyMs) || !this.#meters.has(run.runId),
    );
    if (due.length === 0) return;
    const seen = await this.#see(due, Math.min(...intervals));
    const before = new Map(this.#ticks);
    for (const everyMs of intervals)
      if (isDue(everyMs))
        this.#ticks.set(everyMs, { tick: Math.floor(nowMs / everyMs), machine: seen.machine });
    for (let from = 0; from < due.length; from += RUNS_AT_ONCE) {
      const some = due.slice(from, from + RUNS_AT_ONCE);
      await Promise.all(some.map((each) => this.#log(each, seen, before.get(each.everyMs)?.machine)));
    }
  }

  async #see(due: readonly Wanted[], leastMs: number): Promise<Look> {
    const { readMachine, readProcesses, gpus, clock } = this.#options;
    const hasProcesses = due.some(({ parts }) => parts.size > 0);
    return {
      machine: await readMachine(),
      gpus: gpuValues(await gpus.read(leastMs)),
      processes: hasProcesses ? await readProcesses() : undefined,
      atMs: clock.monotonicMs(),
      timestampMs: clock.nowMs(),
    };
  }

  /** The first look at a run is what later ones are held against. */
  async #log(wanted: Wanted, seen: Look, before: MachineReading | undefined): Promise<void> {
    const { run, node } = wanted;
    const meter = this.#meters.get(run.runId);
    const parts = meter?.parts ?? new Map<string, Part>();
    const values = await partValues(parts, wanted, seen);
    if (!meter) {
      this.#meters.set(run.runId, { machine: seen.machine, parts, step: -1, waiting: [] });
      return;
    }
    if (!this.#options.runs.sampled.isLoggedByOthers(run.runId))
      Object.assign(values, machineValues(meter.machine, before ?? meter.machine, seen.machine), seen.gpus);
    const now = this.#options.runs.find(run.runId);
    if (!now || hasEnded(now)) return;
    const prefix = node === "" ? "system/" : `system/${node}/`;
    const keyed = Object.entries(values).map(([key, value]) => [prefix + key, value] as const);
    // Counted from the run's begin: the steps of a daemon that was started anew, and of other machines, go with these.
    const { timestampMs } = seen;
    const passed = Math.max(0, timestampMs - (run.start?.startTimeMs ?? timestampMs));
    meter.step = Math.max(meter.step + 1, Math.round(passed / wanted.everyMs));
    meter.waiting.push({ step: meter.step, timestampMs, values: Object.fromEntries(keyed) });
    if (meter.waiting.length > WAITING_MAX) meter.waiting.shift();
    if (!now.isOpen) await this.#enter(run.runId, meter);
  }

  /** What waits of a run that ended was logged before that. */
  async #leave(wanted: ReadonlyMap<string, Wanted>): Promise<void> {
    for (const [runId, meter] of this.#meters) {
      if (wanted.has(runId)) continue;
      await this.#enter(runId, meter);
      this.#meters.delete(runId);
    }
  }

  async #enter(runId: string, meter: Meter): Promise<void> {
    const { door, log } = this.#options;
    const rows = meter.waiting;
    if (rows.length === 0) return;
    try {
      await door.enter({ runId, metrics: columnsOf(rows) });
      meter.waiting = [];
      this.#isRefused = false;
    } catch (error) {
      if (!this.#isRefused)
        log("warn", "metrics of the system can't be journaled now", { reason: String(error) });
      this.#isRefused = true;
    }
  }
}

/** What the run's processes take, by each rank. */
async function partValues(parts: Map<string, Part>, wanted: Wanted, seen: Look): Promise<Values> {
  const values: Values = {};
  for (const [name, pids] of wanted.parts) {
    const reading = await seen.processes?.usageOf(pids);
    if (!reading) continue;
    const part = parts.get(name) ?? new Part();
    parts.set(name, part);
    const taken = part.take(pids, { reading, atMs: seen.atMs }, seen.machine.memory.totalBytes);
    for (const [key, value] of Object.entries(taken)) values[name === "" ? key : `${name}/${key}`] = value;
  }
  return values;
}

/** Rows as columns, each key's in their order. */
function columnsOf(rows: readonly Row[]) {
  const columns = new Map<string, { steps: bigint[]; timestampsMs: bigint[]; values: number[] }>();
  for (const { step, timestampMs, values } of rows) {
    for (const [key, value] of Object.entries(values)) {
      const column = columns.get(key) ?? { steps: [], timestampsMs: [], values: [] };
      column.steps.push(BigInt(step));
      column.timestampsMs.push(BigInt(timestampMs));
      column.values.push(value);
      columns.set(key, column);
    }
  }
  return [...columns].map(([key, column]) => ({ key, modelId: "", ...column }));
}
