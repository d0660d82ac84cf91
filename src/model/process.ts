/** One process of an operating system, beyond doubt: a reused pid is another process. */
export interface ProcessId {
  /** The kernel's boot id; empty where the system has none. */
  readonly bootId: string;
  /** The pid namespace's number in decimal; "0": not known. */
  readonly pidNamespace: string;
  readonly pid: number;
  /** Clock ticks between boot and the process's start, in decimal; "0": not known. */
  readonly startTicks: string;
}

/** One key for each process. */
export function processKey({ bootId, pidNamespace, pid, startTicks }: ProcessId): string {
  return `${bootId}/${pidNamespace}/${pid}/${startTicks}`;
}
