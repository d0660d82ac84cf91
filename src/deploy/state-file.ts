/** What the supervisor tells of its servers, in a file: whoever asks needs no channel to it, and gets an answer when it is gone, too. */
import { readPlainSync } from "../home/plain-file.js";
import { replaceFile } from "../home/replace-file.js";

/** How a server is: on its way, there, or waiting to be started again. */
export type PartState = "starting" | "serving" | "waiting";

/** One server of a deployment. */
export interface PartReport {
  readonly name: string;
  readonly state: PartState;
  /** 0 where no process of it lives. */
  readonly pid: number;
  /** Tells its process from a later one with the same pid; empty where the system does not say. */
  readonly startTicks: string;
  /** How often it was started again. */
  readonly restarts: number;
  /** How it ended last; empty where it never did. */
  readonly lastEnd: string;
}

/** Writes it, whole. */
export async function writeState(file: string, parts: readonly PartReport[]): Promise<void> {
  await replaceFile(file, `${JSON.stringify({ format: 1, parts })}\n`);
}

/** Empty where there is none. */
export function readState(file: string): readonly PartReport[] {
  try {
    const found = JSON.parse(readPlainSync(file)) as { format?: unknown; parts?: unknown };
    if (found.format !== 1 || !Array.isArray(found.parts)) return [];
    return found.parts.filter(isReport);
  } catch {
    // It was never begun.
    return [];
  }
}

function isReport(value: unknown): value is PartReport {
  if (typeof value !== "object" || value === null) return false;
  const { name, state, pid, startTicks, restarts, lastEnd } = value as Record<string, unknown>;
  const texts = [name, state, startTicks, lastEnd].every((each) => typeof each === "string");
  return texts && Number.isSafeInteger(pid) && Number.isSafeInteger(restarts);
}
