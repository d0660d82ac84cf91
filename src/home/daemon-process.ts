/** Whether a home's daemon lives, by facts that need no answer of it: its process and its lock. */
import { readdirSync, readFileSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Endpoint, HomePaths } from "./endpoint.js";
import { processMark } from "./process-identity.js";
import { canBeAlive, isAlive, startTicksOf } from "./processes.js";

/** Whether the process that wrote an endpoint file still lives, as far as can be seen from here. */
export function livesStill({ pid, startedMs, process: mark }: Endpoint): boolean {
  if (!mark) return canBeAlive(pid, startedMs);
  const here = processMark();
  // A pid of another namespace, as of a container that is gone, says nothing here.
  if (mark.bootId !== here.bootId || mark.pidNamespace !== here.pidNamespace) return false;
  return isAlive(pid, startTicksOf(pid) === undefined ? undefined : mark.startTicks);
}

/** The process that holds the lock on a home's state store; undefined where none is seen. */
export function lockHolder({ stateFolder }: HomePaths): number | undefined {
  const file = join(stateFolder, "LOCK");
  const inode = statSync(file, { bigint: true, throwIfNoEntry: false })?.ino;
  if (inode === undefined) return undefined;
  // 1: POSIX  ADVISORY  WRITE 4321 fd:01:131090 0 EOF. The device's numbers are not stat's on every file system.
  const line = new RegExp(`^\\d+: POSIX .* WRITE (\\d+) [0-9a-f]+:[0-9a-f]+:${inode} `, "m");
  const pid = line.exec(locks())?.[1];
  return pid !== undefined && opens(Number(pid), file) ? Number(pid) : undefined;
}

/** Whether a process has this very file open: two file systems may have a file of one number. */
function opens(pid: number, file: string): boolean {
  try {
    const wanted = realpathSync(file);
    const folder = `/proc/${pid}/fd`;
    return readdirSync(folder).some((each) => linkOf(`${folder}/${each}`) === wanted);
  } catch {
    // It has gone, or is another user's.
    return false;
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function locks(): string {
  try {
    return readFileSync("/proc/locks", "utf8");
  } catch {
    return "";
  }
}
