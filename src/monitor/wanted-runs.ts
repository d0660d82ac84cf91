/** Which runs are to have metrics of the system, how often, and which processes are theirs. */
import type { PipelineBook } from "../leases/pipeline-book.js";
import type { ProcessId } from "../model/process.js";
import { nodeName, type SystemWish, systemMetricsSeconds } from "../model/system-metrics.js";
import { isHere, type Machine } from "../runs/lease.js";
import type { Lease, LeaseBook } from "../runs/lease-book.js";
import { hasEnded, type Run } from "../runs/run.js";
import type { RunBook } from "../runs/run-book.js";
import type { StackBook } from "../stacks/stack-book.js";

/** Who is asked. */
export interface WantedSources {
  readonly runs: Pick<RunBook, "find" | "sampled">;
  readonly leases: Pick<LeaseBook, "all">;
  readonly pipelines: Pick<PipelineBook, "live">;
  readonly stacks: Pick<StackBook, "components">;
  readonly machine: Machine;
  /** The machine's name. */
  readonly host: string;
}

/** A run that is to have them. */
export interface Wanted {
  readonly run: Run;
  readonly everyMs: number;
  /** Before the names, behind "system/"; empty: nothing. */
  readonly node: string;
  /** Pids of its processes: of who holds it under "", of ranks beside them under their own names. */
  readonly parts: ReadonlyMap<string, readonly number[]>;
}

/** Those that somebody holds who lives on this machine, by their ids. */
export function wantedRuns(sources: WantedSources): Map<string, Wanted> {
  const { runs, leases, pipelines, machine, host } = sources;
  const wanted = new Map<string, Wanted>();
  const byTracker = wishesOfTrackers(sources);
  if (!runs.sampled.areAsked && byTracker.size === 0) return wanted;
  const add = (runId: string, processes: readonly (readonly [string, ProcessId])[], node: string) => {
    const run = runs.find(runId);
    const wish = run && wishOf(run, byTracker);
    if (!run || !wish) return;
    const parts = new Map(wanted.get(runId)?.parts ?? []);
    let isOurs = false;
    for (const [name, process] of processes) {
      const where = isHere(process, machine);
      isOurs ||= where !== "elsewhere";
      if (where === "here") parts.set(name, [...(parts.get(name) ?? []), process.pid]);
    }
    if (isOurs) wanted.set(runId, { run, everyMs: wish.everyMs, node: wish.node || node, parts });
  };
  for (const lease of leases.all()) add(lease.runId, processesOf(lease), nodeOf(lease, host));
  for (const { steps } of pipelines.live()) {
    for (const { process, state, trackings } of steps) {
      if (!process || state.kind !== "running") continue;
      for (const { runId } of trackings) add(runId, [["", process]], "");
    }
  }
  return wanted;
}

/** Where rank 0 is on another machine, this one has to be named. */
function nodeOf({ holders, ranks = [] }: Lease, host: string): string {
  const isBeside = holders.length === 0 && ranks.some(({ isWithFirst }) => !isWithFirst);
  return isBeside ? nodeName(host) : "";
}

function wishesOfTrackers({ stacks }: Pick<WantedSources, "stacks">): Map<string, SystemWish> {
  const wishes = new Map<string, SystemWish>();
  for (const { id, configuration } of stacks.components("experiment_tracker")) {
    const seconds = systemMetricsSeconds(configuration["system_metrics"] ?? "off");
    if (seconds) wishes.set(id, { everyMs: 1_000 * seconds, node: "" });
  }
  return wishes;
}

/** What a run asks for, or else the most that one of its trackers does; undefined: nothing. */
function wishOf(run: Run, byTracker: ReadonlyMap<string, SystemWish>): SystemWish | undefined {
  if (!run.start || hasEnded(run)) return undefined;
  if (run.systemWish) return run.systemWish.everyMs > 0 ? run.systemWish : undefined;
  const wishes = (run.targets ?? []).flatMap(({ trackerId }) => byTracker.get(trackerId) ?? []);
  return wishes.sort((one, other) => one.everyMs - other.everyMs)[0];
}

/** Who holds a run, and its other ranks under their names. */
function processesOf({ state, holders, ranks = [] }: Lease): (readonly [string, ProcessId])[] {
  const held = state === "held" ? holders.map((process) => ["", process] as const) : [];
  const others = ranks.flatMap(({ rank, process }) =>
    rank === 0 ? [] : [[`rank_${rank}`, process] as const],
  );
  return [...held, ...others];
}
