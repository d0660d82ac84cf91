import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** What anybody may read of processes: by pid their words and, where the system shows it, their environment. */
export function readProcesses(): Map<number, Buffer> {
  if (process.platform !== "linux") {
    const { stdout } = spawnSync("ps", ["-A", "-ww", "-o", "pid=,args="], { encoding: "utf8" });
    return new Map(stdout.split("\n").map((line) => [Number.parseInt(line, 10), Buffer.from(line)]));
  }
  const found = new Map<number, Buffer>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const files = ["cmdline", "environ"].map((name) => readFileSync(`/proc/${pid}/${name}`));
      found.set(Number(pid), Buffer.concat(files));
    } catch {
      // It has ended, or is another user's.
    }
  }
  return found;
}
