/**
 * What a daemon says when it ends: how much of the journal no backend has yet. A file, because
 * nobody can ask it any more; whoever told it to end reads it when the process is gone.
 */
import { existsSync } from "node:fs";
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
  /** The rest is not there where an older version wrote it. */
  readonly version?: string;
  readonly queuedBytes?: number;
  /** When the oldest entry that waits was received, in milliseconds since 1970; 0 when none waits. */
  readonly oldestMs?: number;
  readonly journaledPoints?: number;
  readonly deliveredPoints?: number;
  /** Entries in dead letters. */
  readonly deadLetters?: number;
  /** Runs that the home has had. */
  readonly runs?: number;
}

/** Leaves it in the home, in place of an earlier daemon's. */
export async function leaveFarewell(paths: HomePaths, farewell: Farewell): Promise<void> {
  await replaceFile(fileOf(paths), `${JSON.stringify(farewell)}\n`);
}

/** What the daemon with this pid left; undefined when it left nothing. */
export function readFarewell(paths: HomePaths, pid: number): Farewell | undefined {
  const left = readLeft(paths);
  return left?.pid === pid ? left : undefined;
}

/** What the home's last daemon left; undefined where it did not end by itself, or there was none. */
export function readLastFarewell(paths: HomePaths): Farewell | undefined {
  return existsSync(paths.endpointFile) ? undefined : readLeft(paths);
}

function readLeft(paths: HomePaths): Farewell | undefined {
  try {
    const left = JSON.parse(readPlainSync(fileOf(paths))) as Farewell;
    return [left.pid, left.lanes, left.queuedPoints].every(Number.isSafeInteger) ? left : undefined;
  } catch {
    return undefined;
  }
}

function fileOf({ home }: HomePaths): string {
  return join(home, "run", "farewell.json");
}
