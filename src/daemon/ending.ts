/**
 * The end of a daemon, which comes whatever its parts do: a disk that hangs, or a thread in it, would hold
 * it for ever, and with it the home's lock, `daemon stop`, and the machine's own shutdown.
 *
 * What is given up is crash-safe: whatever was acknowledged is on disk, and the next daemon goes on there.
 */
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
