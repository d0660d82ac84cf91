/**
 * What SQLite opens has to be plain files. A pipe in the place of a database, or of a file that SQLite keeps
 * beside it, holds the thread that opens it until somebody writes into it: for ever, as a rule.
 */
import { type Stats, statSync } from "node:fs";
import { StepwellError } from "../../errors/stepwell-error.js";
import { faultOf } from "./faults.js";

/** What SQLite may open with a database. It reads a journal that it finds, before anything else. */
const ENDINGS = ["", "-journal", "-wal", "-shm"];

/** Throws STEPWELL_DATABASE_NOT_UNDERSTOOD where anything else stands; what is missing is fine. */
export function refuseOddFiles(path: string): void {
  for (const file of ENDINGS.map((ending) => `${path}${ending}`)) {
    const stats = statsOf(file);
    if (!stats || stats.isFile()) continue;
    const sentence = `${file} is ${kindOf(stats)}, where only a plain file can be used.`;
    throw new StepwellError("STEPWELL_DATABASE_NOT_UNDERSTOOD", sentence);
  }
}

function statsOf(file: string): Stats | undefined {
  try {
    return statSync(file, { throwIfNoEntry: false });
  } catch (error) {
    throw faultOf(error, file);
  }
}

function kindOf(stats: Stats): string {
  if (stats.isFIFO()) return "a pipe";
  if (stats.isDirectory()) return "a folder";
  return stats.isSocket() ? "a socket" : "a device";
}
