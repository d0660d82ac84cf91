/** Ends a daemon and waits until it has ended. */
import { readEndpoint } from "../daemon/endpoint.js";
import { StepwellError } from "../errors/stepwell-error.js";
import type { Context } from "./context.js";
import type { Connection } from "./find-daemon.js";
import { isAlive, startTicksOf } from "./processes.js";
import { deadlineAfter, poll } from "./wait.js";

/** How long a daemon may take to end beyond the time that it was given to drain. */
export const STOP_MS_MAX = 15_000;

/** Asks the daemon to drain and end, closes the connection, and waits as waitUntilEnded does. */
export async function stopDaemon(context: Context, connection: Connection, drainMs: number): Promise<void> {
  const { pid } = connection.info;
  const ended = waitUntilEnded(context, pid, drainMs);
  try {
    const shutdown = connection.daemon.shutdown.bind(connection.daemon);
    await Promise.all([connection.call(shutdown, { drainMs }), ended]);
  } finally {
    connection.close();
  }
}

/**
 * Waits until a daemon that drains for at most drainMs is gone with its endpoint file,
 * and says so on stderr when that takes over a second. Throws STEPWELL_DAEMON_STOPPING
 * when it lives on.
 */
export async function waitUntilEnded(context: Context, pid: number, drainMs: number): Promise<void> {
  const startTicks = startTicksOf(pid);
  const startedMs = readEndpoint(context.paths)?.startedMs;
  const isListed = () => {
    const now = readEndpoint(context.paths);
    return now?.pid === pid && now.startedMs === startedMs;
  };
  const note = setTimeout(() => {
    context.stderr(`Waiting for the daemon (pid ${pid}) to drain and end...\n`);
  }, 1_000);
  const limitMs = drainMs + STOP_MS_MAX;
  const hasEnded = () => (!isAlive(pid, startTicks) && !isListed() ? true : undefined);
  const ended = await poll(deadlineAfter(limitMs), hasEnded);
  clearTimeout(note);
  if (ended) return;
  const sentence = `The daemon (pid ${pid}) has not ended after ${limitMs / 1000} s.`;
  throw new StepwellError("STEPWELL_DAEMON_STOPPING", sentence);
}
