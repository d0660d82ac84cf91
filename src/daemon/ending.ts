/**
 * The end of a daemon, which comes whatever its parts do: a disk that hangs, or a thread in it, would hold
 * it for ever, and with it the home's lock, `daemon stop`, and the machine's own shutdown.
 *
 * What is given up is crash-safe: whatever was acknowledged is on disk, and the next daemon goes on there.
 */
import { Worker } from "node:worker_threads";
import { type Deadline, deadlineAfter, poll, within } from "../home/wait.js";
import { CALLS_END_MS } from "../model/limits.js";

/** One step of the end, and what to call it. */
export interface Part {
  readonly name: string;
  readonly end: () => Promise<unknown>;
}

/** How an end went. After one that hangs, the process can only be killed: native threads hold its exit, too. */
export type End = { readonly kind: "whole" } | { readonly kind: "hangs"; readonly part: string };

/**
 * Ends the parts one after the other; at the deadline it gives up the one that hangs, and those behind it,
 * which rely on its being over. Rejects when a part does.
 */
export async function endInOrder(parts: readonly Part[], deadline: Deadline): Promise<End> {
  for (const { name, end } of parts)
    if (!(await within(deadline.leftMs(), end()))) return { kind: "hangs", part: name };
  return { kind: "whole" };
}

/**
 * Whether nothing holds the process's exit, which would wait for each request that a thread of libuv
 * carries out: for files of a disk that hangs, for names that no name server answers.
 */
export async function canExit(
  resources: () => readonly string[] = () => process.getActiveResourcesInfo(),
): Promise<boolean> {
  const isFree = () => !resources().some((name) => /^(FSReq|GetAddrInfo|GetNameInfo)/.test(name));
  return (await poll(deadlineAfter(CALLS_END_MS), () => isFree() || undefined)) ?? false;
}

/** What an end takes at most that gives up what hangs. */
const END_SAID_MS = 2 * CALLS_END_MS + 1_000;

/**
 * Sees to it that the process is gone by the end's limit, and then some: the main thread itself may hang,
 * as in a write to its log on the home's disk, and no timer of its own would ever run. A thread's does.
 */
export function endBy(limitMs: number): void {
  const program = `setTimeout(() => process.kill(process.pid, "SIGKILL"), ${Math.ceil(limitMs) + END_SAID_MS})`;
  const guard = new Worker(program, { eval: true, execArgv: [] });
  // Without it the end has the limits that it has by itself.
  guard.on("error", () => undefined);
  guard.unref();
}
