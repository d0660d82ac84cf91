/** Starting a program so that every way in which that can fail is one: a rejection. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/**
 * Resolves to the process once it runs. Without memory, or with too long a line, Node's `spawn` throws; without a free file
 * it answers a process that has no streams and says the error later, where nobody listens yet: that would end this process.
 */
export async function startProcess<Child extends ChildProcess>(spawn: () => Child): Promise<Child> {
  const child = spawn();
  await once(child, "spawn");
  return child;
}
