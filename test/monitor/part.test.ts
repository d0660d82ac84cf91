/** Counters of a run's processes, while those come and go. */
import test from "ava";
import { Part } from "../../src/monitor/part.js";
import type { TreeUsage } from "../../src/monitor/process-table.js";

const usage = (cpuSeconds: number, written?: number): TreeUsage => ({
  ...{ processes: 1, threads: 1, cpuSeconds, residentBytes: 1e6, memoryLimitBytes: undefined },
  io: written === undefined ? undefined : { read: 0, written },
});

/** The percentage of a processor and the megabytes written that each look tells, one a second. */
function told(...looks: readonly (readonly [pids: readonly number[], usage: TreeUsage])[]) {
  const part = new Part();
  return looks.map(([pids, reading], second) => {
    const values = part.take(pids, { reading, atMs: 1_000 * second }, 1e9);
    return [values["process/cpu_utilization_percentage"], values["process/disk_write_megabytes"]];
  });
}

test("what a process took before it came to hold the run is not of this time", (t) => {
  const looks = told(
    [[10], usage(5, 4e6)],
    [[10], usage(6, 5e6)],
    // Another one joins that has worked for an hour, and leaves again.
    [[10, 11], usage(3_600, 9e9)],
    [[11, 10], usage(3_602, 9e9 + 1e6)],
    [[10], usage(8, 6e6)],
    [[10], usage(9, 7e6)],
  );
  t.deepEqual(looks, [
    [undefined, 0],
    [100, 1],
    [undefined, 1],
    [200, 2],
    [undefined, 2],
    [100, 3],
  ]);
});

test("a child that ended and is not waited for yet takes nothing away", (t) => {
  const looks = told(
    [[10], usage(1, 1e6)],
    [[10], usage(2, 8e6)],
    [[10], usage(2, 2e6)],
    [[10], usage(3, undefined)],
    [[10], usage(4, 9e6)],
  );
  t.deepEqual(
    looks.map(([, written]) => written),
    [0, 7, 7, undefined, 8],
  );
});
