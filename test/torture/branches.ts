/**
 * Branches: what clients log whose home or store goes back meanwhile. Each client process is a branch with a
 * number of its own. It logs one metric of runs that others log as well; steps of different branches never
 * meet. Everything about a point follows from its run, branch and index, so its ledger holds positions only.
 *
 * A client's ledger has a line before each batch and one for each acknowledgement:
 *
 *   B sequence runId from to isEnd   points of the branch from one index up to another one may be logged
 *   A sequence pid                   all through this sequence is acknowledged, by the daemon with this pid
 */
import { existsSync, readFileSync } from "node:fs";
import { seedOf, valueAt } from "./points.js";

/** The one metric that all branches log. */
export const KEY = "loss";
const STEPS_OF_BRANCH = 1_000_000;
const BASE_MS = 1_700_000_000_000;
const LARGEST = Number.MAX_VALUE;

/** A batch as its client's ledger has it. */
export interface LoggedBatch {
  readonly branch: number;
  readonly runId: string;
  readonly from: number;
  readonly to: number;
  /** Whether it ends its run. */
  readonly isEnd: boolean;
  /** Who acknowledged it first, and in which line of the ledger; undefined while nobody has. */
  readonly acknowledged: { readonly pid: number; readonly line: number } | undefined;
}

export function stepOf(branch: number, index: number): number {
  return branch * STEPS_OF_BRANCH + index;
}

export function branchOf(step: number): { readonly branch: number; readonly index: number } {
  return { branch: Math.floor(step / STEPS_OF_BRANCH), index: step % STEPS_OF_BRANCH };
}

export function timestampOf(step: number): number {
  return BASE_MS + step;
}

export function pointValue(runId: string, step: number): number {
  const { branch, index } = branchOf(step);
  return valueAt(seedOf(runId, branch), index);
}

/** The same as MLflow's tables hold it: value and is_nan. */
export function storedValue(runId: string, step: number): readonly [value: number, isNan: number] {
  const value = pointValue(runId, step);
  if (Number.isNaN(value)) return [0, 1];
  return [Number.isFinite(value) ? value : Math.sign(value) * LARGEST, 0];
}

/** Lines of a ledger that stand whole. */
export function linesOf(ledger: string): string[] {
  // A killed process may leave half a line behind.
  return existsSync(ledger) ? readFileSync(ledger, "utf8").split("\n").slice(0, -1) : [];
}

/** All batches of a branch, in their order. */
export function readBranch(ledger: string, branch: number): LoggedBatch[] {
  const batches: LoggedBatch[] = [];
  let acknowledged = 0;
  for (const [line, text] of linesOf(ledger).entries()) {
    const [kind, sequence, ...rest] = text.split(" ");
    if (kind === "B") {
      const [runId = "", from, to, isEnd] = rest;
      const bounds = { from: Number(from), to: Number(to) };
      batches.push({ branch, runId, ...bounds, isEnd: isEnd === "1", acknowledged: undefined });
    }
    if (kind !== "A") continue;
    const through = Math.min(Number(sequence), batches.length);
    for (; acknowledged < through; acknowledged++) {
      const batch = batches[acknowledged];
      if (batch) batches[acknowledged] = { ...batch, acknowledged: { pid: Number(rest[0]), line } };
    }
  }
  return batches;
}
