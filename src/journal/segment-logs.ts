/**
 * A segment's files, and its logs, before LevelDB makes tables of them. The journal writes one group after the other,
 * each with an fsync before the next: damage before the last one hit something that was acknowledged.
 */
import { readFile } from "node:fs/promises";
import { StepwellError } from "../errors/stepwell-error.js";
import { namesIn } from "../leveldb/folder-names.js";
import { healthOf } from "../leveldb/log.js";

/** What a segment's logs hold. */
export interface LogState {
  /** Whether the last write is not whole. */
  readonly isTorn: boolean;
  readonly isEmpty: boolean;
}

/** The plain files of a segment. Throws STEPWELL_STORE_DAMAGED for anything else that LevelDB would open, and what the system says. */
export async function checkNames(folder: string): Promise<readonly string[]> {
  const { files, odd } = await namesIn(folder);
  if (odd.length === 0) return files;
  throw new StepwellError("STEPWELL_STORE_DAMAGED", `The segment's ${odd.join(", ")} is no plain file.`);
}

/**
 * Looks at a segment's logs. Throws STEPWELL_STORE_DAMAGED when one lost something before its last
 * write, and what the system says where one can't be read: LevelDB would take that for its end.
 */
export async function checkLogs(folder: string): Promise<LogState> {
  const names = await checkNames(folder);
  const logs = names.filter((name) => name.endsWith(".log"));
  // LevelDB would open it without what was in there, and say nothing.
  if (logs.length === 0) throw new StepwellError("STEPWELL_STORE_DAMAGED", "The segment's log is gone.");
  let isTorn = false;
  let isEmpty = true;
  for (const name of logs) {
    const log = await readFile(`${folder}/${name}`);
    const health = healthOf(log);
    if (health.isDamaged) throw new StepwellError("STEPWELL_STORE_DAMAGED", `The log ${name} is damaged.`);
    isTorn ||= health.isTorn;
    isEmpty &&= log.length === 0;
  }
  return { isTorn, isEmpty };
}
