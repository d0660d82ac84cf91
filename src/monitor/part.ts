/**
 * What the processes of one rank take, look by look. Its counters never fall: a process that is neither alive nor waited for has
 * no figures for a moment. And where another process comes to hold the run, what that one took before is not of this time.
 */
import type { TreeUsage } from "./process-table.js";
import { processValues, type Timed, type Values } from "./values.js";

export class Part {
  #roots = "";
  #before: Timed<TreeUsage> | undefined;
  #ioBefore: TreeUsage["io"];
  #io = { read: 0, written: 0 };

  /** What is to be logged of a look at these processes. */
  take(pids: readonly number[], now: Timed<TreeUsage>, totalMemoryBytes: number): Values {
    const roots = [...pids].sort((one, other) => one - other).join();
    const isSame = roots === this.#roots;
    const before = isSame ? (this.#before ?? now) : now;
    this.#roots = roots;
    this.#before = now;
    this.#count(now.reading.io, isSame);
    return processValues(before, now, now.reading.io && this.#io, totalMemoryBytes);
  }

  #count(io: TreeUsage["io"], isSame: boolean): void {
    if (!io) return;
    const before = isSame ? (this.#ioBefore ?? io) : io;
    const top = { read: Math.max(before.read, io.read), written: Math.max(before.written, io.written) };
    this.#io = {
      read: this.#io.read + top.read - before.read,
      written: this.#io.written + top.written - before.written,
    };
    this.#ioBefore = top;
  }
}
