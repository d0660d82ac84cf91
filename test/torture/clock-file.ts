/** The file that says by how many ms the wall clocks of a torture's processes are moved. */
import { renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "./random.js";

/** Where a process finds the file; clients/moved_clock.py reads it, too. */
export const CLOCK_VARIABLE = "TORTURE_CLOCK";
/** A control: when set, the monotonic clock is moved as well, as if what waits took the wall clock. */
export const WAITS_VARIABLE = "TORTURE_CLOCK_OF_WAITS";

/** Which way a clock jumps. */
export type Way = "back" | "ahead" | "both";

const DAY_MS = 86_400_000;
const DAYS_MAX = 3;
/** A wait is shorter than that now and then, and is to be met. */
const JUMP_EVERY_MS = 100;

export class ClockFile {
  readonly path: string;
  #movedMs = 0;
  jumps = 0;

  constructor(path: string) {
    this.path = path;
    this.#write();
  }

  /** Whether a moment is of the day that the moved clocks show now. */
  isToday(moment: Date): boolean {
    return Math.abs(moment.getTime() - Date.now() - this.#movedMs) < DAY_MS / 2;
  }

  /** Jumps by days, again and again, until the signal comes. */
  async jumpUntil(way: Way, random: Random, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const isBack = way === "back" || (way === "both" && random.chance(0.5));
      this.#movedMs += random.between(1, DAYS_MAX) * (isBack ? -DAY_MS : DAY_MS);
      this.jumps += 1;
      this.#write();
      await sleep(JUMP_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Under its name there is always a whole number. */
  #write(): void {
    writeFileSync(`${this.path}.new`, String(this.#movedMs));
    renameSync(`${this.path}.new`, this.path);
  }
}
