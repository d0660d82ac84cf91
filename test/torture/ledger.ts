/**
 * The ledger of one client process: what it is about to log, written before the call, and
 * how far that was acknowledged, written after the daemon said so. One line each:
 *
 *   R run runId baseMs trackers   a run begins; its trackers' names with commas between
 *   M run key count      points up to this count may be logged
 *   P run count          params up to this count
 *   T run version        the tag's version
 *   E run status         the run's end
 *   X run runId trackers a run that logs one param, which each tracker refuses, and ends
 *   A line               all that stands in the ledger through this line is acknowledged
 *
 * A line goes to the kernel in one write, so the file survives the death of its process.
 * reader.py reads it.
 */
import { openSync, writeSync } from "node:fs";

/** Writes a ledger. */
export class Ledger {
  readonly #file: number;
  #lines = 0;

  constructor(path: string) {
    this.#file = openSync(path, "a");
  }

  /** Lines so far. */
  get lines(): number {
    return this.#lines;
  }

  write(...fields: readonly (string | number)[]): void {
    writeSync(this.#file, `${fields.join(" ")}\n`);
    this.#lines += 1;
  }

  /** All through a line is acknowledged. */
  acknowledge(line: number): void {
    this.write("A", line);
  }
}
