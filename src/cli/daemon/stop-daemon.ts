/** Ends a daemon and waits until it has ended. */

import { StepwellError } from "../../errors/stepwell-error.js";
import { readEndpoint } from "../../home/endpoint.js";
import { isAlive, startTicksOf } from "../../home/processes.js";
import { deadlineAfter, poll } from "../../home/wait.js";
import type { Context } from "../context.js";
import type { Connection } from "./find-daemon.js";

/** How long a daemon may take to end beyond the time that it was given to drain. */
export const STOP_MS_MAX = 15_000;

/** Asks the daemon to drain and end, closes the connection, and waits as waitUntilEnded does. */
export async function stopDaemon(context: Context, connection: Connection, drainMs: number): Promise<void> {
  const ending = endingOf(context, connection.info.pid);
  try {
    await connection.call(connection.daemon.shutdown.bind(connection.daemon), { drainMs });
  } catch (error) {
    // It was ending already.
    if (!(error instanceof StepwellError && error.code === "STEPWELL_DAEMON_UNREACHABLE")) throw error;
  } finally {
    connection.close();
  }
  await waitUntilEnded(context, ending, drainMs);
}

/** A daemon's process as it was before it was asked to end. */
export interface Ending {
  readonly pid: number;
  /** Whether it is gone with its endpoint file. */
  readonly hasEnded: () => boolean;
}

/** Keeps in mind which process has this pid now, so that no later one is taken for it. */
export function endingOf(context: Context, pid: number): Ending {
  const startTicks = startTicksOf(pid);
  const startedMs = readEndpoint(context.paths)?.startedMs;
  const isListed = () => {
    const now = readEndpoint(context.paths);
    return now?.pid === pid && now.startedMs === startedMs;
  };
  return { pid, hasEnded: () => !isAlive(pid, startTicks) && !isListed() };
}

/**
 * Waits for the end of a daemon that drains for at most drainMs, and says so on stderr
 * when that takes over a second. Throws STEPWELL_DAEMON_STOPPING when it lives on.
 */
export async function waitUntilEnded(context: Context, ending: Ending, drainMs: number): Promise<void> {
  const note = setTimeout(() => {
    context.stderr(`Waiting for the daemon (pid ${ending.pid}) to drain and end...\n`);
  }, 1_000);
  const limitMs = drainMs + STOP_MS_MAX;
  const ended = await poll(deadlineAfter(limitMs), () => (ending.hasEnded() ? true : undefined));
  clearTimeout(note);
  if (ended) return;
  const sentence = `The daemon (pid ${ending.pid}) has not ended after ${limitMs / 1000} s.`;
  throw new StepwellError("STEPWELL_DAEMON_STOPPING", sentence);
}
