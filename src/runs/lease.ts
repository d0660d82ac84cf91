/**
 * Whether the process that a run depends on still lives.
 *
 * In the daemon's own pid namespace the kernel tells: a process is gone when its pid is free,
 * belongs to a process that started at another time, or is a zombie. A process that is
 * stopped, busy or slow lives. Of a process elsewhere (another namespace, another boot, a
 * system without /proc) only its streams tell: it counts as gone when all of them have been
 * closed for as long as it may be without one (LEASE_RETURN_MS), and as back when it opens one.
 */
import type { ProcessId } from "../model/process.js";

/** What the kernel says of a pid. */
export interface KernelProcess {
  /** "0" where the system does not tell. */
  readonly startTicks: string;
  /** Whether it has ended and waits for its parent to notice. */
  readonly isZombie: boolean;
}

/** The machine, as the daemon sees it. */
export interface Machine {
  readonly bootId: string;
  readonly pidNamespace: string;
  /** The process that has this pid now. */
  processAt(pid: number): KernelProcess | undefined;
}

/** The streams of one process. */
export interface StreamsOf {
  readonly open: number;
  /** Since when none is open, or since when the daemon watches; without meaning while one is. */
  readonly closedForMs: number;
  /** How long none may be open. */
  readonly returnMs: number;
}

/** Why the process is gone, in one sentence; undefined while it lives, for all that is known. */
export function goneReason(process: ProcessId, machine: Machine, streams: StreamsOf): string | undefined {
  const isHere = process.bootId === machine.bootId && process.pidNamespace === machine.pidNamespace;
  if (isHere && process.pid > 0) return goneHere(process, machine.processAt(process.pid));
  if (streams.open > 0 || streams.closedForMs < streams.returnMs) return undefined;
  return `The process ${process.pid || "of the run"} did not come back within ${streams.returnMs / 1000} s.`;
}

/**
 * Whether the process lives on this machine: "beside" where another pid namespace keeps it from being looked at, and
 * "elsewhere" for one of another machine, and for one that is gone.
 */
export function isHere(process: ProcessId, machine: Machine): "here" | "beside" | "elsewhere" {
  if (process.bootId !== machine.bootId) return "elsewhere";
  if (process.pidNamespace !== machine.pidNamespace || process.pid === 0) return "beside";
  return goneHere(process, machine.processAt(process.pid)) === undefined ? "here" : "elsewhere";
}

function goneHere(process: ProcessId, found: KernelProcess | undefined): string | undefined {
  const isSame =
    found &&
    (process.startTicks === "0" || found.startTicks === "0" || found.startTicks === process.startTicks);
  if (isSame && !found.isZombie) return undefined;
  return `The process ${process.pid} is gone; it was killed or left without ending the run.`;
}
