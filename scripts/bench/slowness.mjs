/**
 * How slow this machine is. Machines differ by a factor of 2.5, the same one from one day to the next; so bounds
 * that the CPU decides are for the machine on which Node starts and ends in 64 ms, and are scaled for any other.
 */
import { execFileSync } from "node:child_process";

const REFERENCE_MS = 64;

/** The best of eleven times of `node -e 0`, so that others on the machine do not count, against the reference machine's. */
export function measureSlowness() {
  const timesMs = Array.from({ length: 11 }, () => {
    const begin = performance.now();
    execFileSync(process.execPath, ["-e", "0"]);
    return performance.now() - begin;
  });
  return Math.min(...timesMs) / REFERENCE_MS;
}
