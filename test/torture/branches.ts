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
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
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

/** Reads the ledger of a branch as it grows: each line once, however often it is asked. */
export class BranchLedger {
  readonly #path: string;
  readonly #branch: number;
  readonly #batches: LoggedBatch[] = [];
  #readBytes = 0;
  #lines = 0;
  #acknowledged = 0;
  #acknowledgedPoints = 0;

  constructor(path: string, branch: number) {
    this.#path = path;
    this.#branch = branch;
  }

  /** All batches of the branch by now, in their order. */
  batches(): LoggedBatch[] {
    this.#readOn();
    return [...this.#batches];
  }

  /** Points that are acknowledged by now. */
  acknowledgedPoints(): number {
    this.#readOn();
    return this.#acknowledgedPoints;
  }

  /** How many lines stand whole by now. */
  lines(): number {
    this.#readOn();
    return this.#lines;
  }

  #readOn(): void {
    // A killed process may leave half a line behind.
    const added = textFrom(this.#path, this.#readBytes);
    const whole = added.slice(0, added.lastIndexOf("\n") + 1);
    this.#readBytes += whole.length;
    for (const line of whole.split("\n").slice(0, -1)) this.#take(line, this.#lines++);
  }

  #take(text: string, line: number): void {
    const [kind, sequence, ...rest] = text.split(" ");
    if (kind === "B") {
      const [runId = "", from, to, isEnd] = rest;
      const bounds = { branch: this.#branch, from: Number(from), to: Number(to) };
      this.#batches.push({ runId, ...bounds, isEnd: isEnd === "1", acknowledged: undefined });
    }
    if (kind !== "A") return;
    const through = Math.min(Number(sequence), this.#batches.length);
    for (; this.#acknowledged < through; this.#acknowledged++) {
      const batch = this.#batches[this.#acknowledged];
      if (!batch) return;
      this.#batches[this.#acknowledged] = { ...batch, acknowledged: { pid: Number(rest[0]), line } };
      this.#acknowledgedPoints += batch.to - batch.from;
    }
  }
}

/** What a file of ASCII has from a byte on. */
function textFrom(path: string, from: number): string {
  if (!existsSync(path)) return "";
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - from));
    return bytes.toString("latin1", 0, readSync(file, bytes, 0, bytes.length, from));
  } finally {
    closeSync(file);
  }
}
