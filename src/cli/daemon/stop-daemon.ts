/** Ends a daemon and waits until it has ended, which its process and its lock decide, and no answer. */

import { StepwellError } from "../../errors/stepwell-error.js";
import { livesStill, lockHolder } from "../../home/daemon-process.js";
import { readEndpoint } from "../../home/endpoint.js";
import { isAlive, startTicksOf } from "../../home/processes.js";
import { type Deadline, deadlineAfter, poll, sleep } from "../../home/wait.js";
import { END_MS_MAX } from "../../model/limits.js";
import type { Context } from "../context.js";
import { type Connection, findDaemon } from "./find-daemon.js";

/** How long a daemon may take to end beyond the time that it was given to drain. */
export const STOP_MS_MAX = END_MS_MAX + 10_000;
/** How long to wait before one that did not answer is asked again. */
const ASK_AGAIN_MS = 1_000;

/** Asks the daemon to drain and end, closes the connection, and waits as endDaemon does. */
export async function stopDaemon(context: Context, connection: Connection, drainMs: number): Promise<void> {
  const ending = endingOf(context, connection.info.pid);
  const wasAsked = await ask(connection, drainMs);
  await endDaemon(context, ending, drainMs, wasAsked);
}

/** A daemon's process as it was before it was asked to end. */
export interface Ending {
  readonly pid: number;
  /** Whether it is gone, and with it its lock on the home. */
  readonly hasEnded: () => boolean;
}

/**
 * Keeps in mind which process has this pid now, so that no later one is taken for it. Where the home's
 * lock shows who holds it, that process counts: a daemon in a container tells its pid there.
 */
export function endingOf({ env, paths }: Context, pid: number): Ending {
  const listed = readEndpoint(paths);
  const isListed = () => {
    const now = readEndpoint(paths);
    return now?.pid === pid && now.startedMs === listed?.startedMs;
  };
  const isGiven = Boolean(env["STEPWELL_ENDPOINT"]);
  const holder = isGiven ? undefined : lockHolder(paths);
  const watched = holder ?? pid;
  // One that was killed leaves its endpoint file; of one that can't be seen from here that file alone tells.
  const isSeen = isGiven || holder !== undefined || !listed || livesStill(listed);
  const startTicks = startTicksOf(watched);
  return { pid, hasEnded: () => (isSeen ? !isAlive(watched, startTicks) : !isListed()) };
}

/**
 * Waits for the end of a daemon that drains for at most drainMs, and says so on stderr when that
 * takes over a second. One that was not asked, or whose answer did not come, is asked while it can
 * be found. Throws STEPWELL_DAEMON_STOPPING when it lives on, and STEPWELL_DAEMON_UNREACHABLE when
 * it never took the request.
 */
export async function endDaemon(
  context: Context,
  ending: Ending,
  drainMs: number,
  wasAsked: boolean,
): Promise<void> {
  const note = setTimeout(() => {
    context.stderr(`Waiting for the daemon (pid ${ending.pid}) to drain and end...\n`);
  }, 1_000);
  const limitMs = drainMs + STOP_MS_MAX;
  const deadline = deadlineAfter(limitMs);
  const isAsked = wasAsked || (await askUntilHeard(context, ending, drainMs, deadline));
  const hasEnded = await poll(deadline, () => (ending.hasEnded() ? true : undefined));
  clearTimeout(note);
  if (hasEnded) return;
  const remedy = `If it stays so: kill -9 ${ending.pid}. Nothing acknowledged is lost.`;
  const sentence = `The daemon (pid ${ending.pid}) has not ended after ${limitMs / 1000} s.`;
  if (isAsked) throw new StepwellError("STEPWELL_DAEMON_STOPPING", sentence, { remedy });
  const unheard = `The daemon (pid ${ending.pid}) lives and could not be told to end within ${limitMs / 1000} s.`;
  throw new StepwellError("STEPWELL_DAEMON_UNREACHABLE", unheard, { remedy });
}

/** Whether it was told to end before it ended or the time was over. */
async function askUntilHeard(
  context: Context,
  ending: Ending,
  drainMs: number,
  deadline: Deadline,
): Promise<boolean> {
  while (!ending.hasEnded() && deadline.leftMs() > 0) {
    const connection = await findDaemon(context);
    if (connection?.info.pid === ending.pid && (await ask(connection, drainMs))) return true;
    connection?.close();
    await sleep(Math.min(ASK_AGAIN_MS, deadline.leftMs()));
  }
  return false;
}

/** Whether the daemon took the request to end. Closes the connection. */
async function ask(connection: Connection, drainMs: number): Promise<boolean> {
  try {
    const { call, daemon } = connection;
    await call(daemon.shutdown.bind(daemon), { drainMs });
    return true;
  } catch (error) {
    // It may be ending, or may not have heard: its process tells.
    if (error instanceof StepwellError && error.code === "STEPWELL_DAEMON_UNREACHABLE") return false;
    throw error;
  } finally {
    connection.close();
  }
}
