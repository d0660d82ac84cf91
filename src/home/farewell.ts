/**
 * What a daemon says when it ends: how much of the journal no backend has yet. A file, because
 * nobody can ask it any more; whoever told it to end reads it when the process is gone.
 */
import { join } from "node:path";
import type { HomePaths } from "./endpoint.js";
import { readPlainSync } from "./plain-file.js";
import { replaceFile } from "./replace-file.js";

export interface Farewell {
  /** The daemon that wrote it. */
  readonly pid: number;
  /** Runs and trackers with entries that wait. */
  readonly lanes: number;
  readonly queuedPoints: number;
}

/** Leaves it in the home, in place of an earlier daemon's. */
export async function leaveFarewell(paths: HomePaths, farewell: Farewell): Promise<void> {
  await replaceFile(fileOf(paths), `${JSON.stringify(farewell)}\n`);
}

/** What the daemon with this pid left; undefined when it left nothing. */
export function readFarewell(paths: HomePaths, pid: number): Farewell | undefined {
  try {
    const { lanes, queuedPoints, ...left } = JSON.parse(readPlainSync(fileOf(paths))) as Farewell;
    const isValid = left.pid === pid && [lanes, queuedPoints].every(Number.isSafeInteger);
    return isValid ? { pid, lanes, queuedPoints } : undefined;
  } catch {
    return undefined;
  }
}

function fileOf({ home }: HomePaths): string {
  return join(home, "run", "farewell.json");
}
