/**
 * LevelDB's lock on a store, without opening the store: opening writes, and drops what it can't read.
 * The lock is on the file LOCK: another database whose own LOCK leads there has it, too.
 */
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { Level } from "level";
import { StepwellError } from "../errors/stepwell-error.js";
import { isLocked, isNoSpace } from "../leveldb/level-fault.js";
import { diskFull } from "./writer.js";

/** Runs work while nobody can open the store. Throws STEPWELL_HOME_LOCKED or STEPWELL_DISK_FULL. */
export async function withLock<Value>(folder: string, work: () => Promise<Value>): Promise<Value> {
  // Each has its own: one that finds the store locked must not take away the other's.
  const stand = `${folder}.lock-${process.pid}`;
  await rm(stand, { recursive: true, force: true });
  await mkdir(stand, { mode: 0o700 });
  try {
    await symlink(join(folder, "LOCK"), join(stand, "LOCK"));
    const level = new Level(stand);
    try {
      await level.open();
    } catch (error) {
      throw hindrance(error) ?? error;
    }
    try {
      return await work();
    } finally {
      await level.close();
    }
  } finally {
    await rm(stand, { recursive: true, force: true });
  }
}

/** Why LevelDB opens nothing here now, where its bytes are not to blame. */
export function hindrance(cause: unknown): StepwellError | undefined {
  if (isLocked(cause))
    return new StepwellError("STEPWELL_HOME_LOCKED", "Another daemon owns this home.", { cause });
  return isNoSpace(cause) ? diskFull(cause) : undefined;
}
