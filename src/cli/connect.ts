/**
 * Finds the daemon of a home, or starts it.
 *
 * Who finds none takes the spawn lock and starts one; the others wait until it answers.
 * Whether it may be used is decided by its version: an older one is asked to end and is
 * replaced, under the same lock. With STEPWELL_ENDPOINT or STEPWELL_AUTOSTART=0 nothing
 * is started or replaced.
 */
import { realpathSync } from "node:fs";
import { type Endpoint, prepareHome, readEndpoint } from "../daemon/endpoint.js";
import { StepwellError } from "../errors/stepwell-error.js";
import type { GetInfoResponse } from "../gen/stepwell/v1/daemon.js";
import { VERSION } from "../model/version.js";
import { call, type DaemonClients, openClients, unreachable } from "./client.js";
import type { Context } from "./context.js";
import { isAlive, startTicksOf } from "./processes.js";
import { type SpawnedDaemon, spawnDaemon } from "./spawn.js";
import { type SpawnLock, trySpawnLock } from "./spawn-lock.js";
import { versionVerdict, worksTogether } from "./version-rule.js";
import { type Deadline, deadlineAfter, poll, sleep } from "./wait.js";

/** How long a daemon that was started may take to answer. */
const START_MS_MAX = 10_000;
/** How long a daemon may take to end beyond the time that it was given to drain. */
const STOP_MS_MAX = 15_000;
/** How long an older daemon may drain before a newer one takes over; what is left is on disk. */
const REPLACE_DRAIN_MS = 1_000;
/** How long others may be busy with starting it. */
const WAIT_MS_MAX = REPLACE_DRAIN_MS + STOP_MS_MAX + START_MS_MAX;
/** How long a daemon may take to say who it is. */
const INFO_MS_MAX = 5_000;

/** A daemon that has said who it is. */
export interface Connection extends DaemonClients {
  readonly info: GetInfoResponse;
}

/** A daemon whose version suits, started if it must be and may be. The caller closes the connection. */
export async function connect(context: Context): Promise<Connection> {
  const found = await findDaemon(context);
  const mayStart = !context.env["STEPWELL_ENDPOINT"] && context.env["STEPWELL_AUTOSTART"] !== "0";
  if (!found && !mayStart) throw notRunning(context);
  if (!found || (mayStart && versionVerdict(VERSION, found.info.version) === "replace")) {
    found?.close();
    return startDaemon(context, []);
  }
  if (!worksTogether(VERSION, found.info.version)) throw closeAndMismatch(found);
  return found;
}

/** The daemon that answers for this home now, of whatever version; undefined when none does. */
export async function findDaemon(context: Context): Promise<Connection | undefined> {
  const given = context.env["STEPWELL_ENDPOINT"];
  if (given) return ask(given);
  const endpoint = readEndpoint(context.paths);
  const found = endpoint && (await ask(endpoint.endpoint));
  // A copied home holds the endpoint file of the home that it was copied from.
  if (!found || isSameFolder(found.info.home, context.paths.home)) return found;
  found.close();
  return undefined;
}

/** Starts the daemon unless one answers already; an older one is replaced. Resolves when it answers. */
export async function startDaemon(context: Context, flags: readonly string[]): Promise<Connection> {
  if (context.env["STEPWELL_ENDPOINT"]) {
    const given = await findDaemon(context);
    if (given) return given;
    throw notRunning(context);
  }
  await prepareHome(context.paths);
  const turn = await lockOrDaemon(context, deadlineAfter(WAIT_MS_MAX));
  if ("connection" in turn) return turn.connection;
  try {
    // Somebody may have been quicker between the last look and the lock.
    const found = await findDaemon(context);
    if (found && versionVerdict(VERSION, found.info.version) === "use") return found;
    if (found && versionVerdict(VERSION, found.info.version) === "mismatch") throw closeAndMismatch(found);
    if (found) await stopDaemon(context, found, REPLACE_DRAIN_MS);
    return await spawnAndWait(context, flags);
  } finally {
    turn.lock.release();
  }
}

/** Asks the daemon to end, waits until it has, and closes the connection. Says so when that takes over a second. */
export async function stopDaemon(context: Context, connection: Connection, drainMs: number): Promise<void> {
  const { pid } = connection.info;
  const before = readEndpoint(context.paths);
  const startTicks = startTicksOf(pid);
  const hasEnded = () => !isListed(context, before) && !isAlive(pid, startTicks);
  const note = setTimeout(
    () => context.stderr(`Waiting for the daemon (pid ${pid}) to drain and end...\n`),
    1_000,
  );
  try {
    await call(connection.daemon.shutdown.bind(connection.daemon), { drainMs });
    const gone = await poll(deadlineAfter(drainMs + STOP_MS_MAX), () => hasEnded() || undefined);
    if (!gone) {
      const seconds = (drainMs + STOP_MS_MAX) / 1000;
      throw new StepwellError(
        "STEPWELL_DAEMON_STOPPING",
        `The daemon (pid ${pid}) has not ended after ${seconds} s.`,
      );
    }
  } finally {
    clearTimeout(note);
    connection.close();
  }
}

function isListed(context: Context, before: Endpoint | undefined): boolean {
  const now = readEndpoint(context.paths);
  return now !== undefined && now.pid === before?.pid && now.startedMs === before.startedMs;
}

async function ask(target: string): Promise<Connection | undefined> {
  const clients = openClients(target);
  try {
    const info = await call(clients.daemon.getInfo.bind(clients.daemon), {}, INFO_MS_MAX);
    return { ...clients, info };
  } catch (error) {
    clients.close();
    if (error instanceof StepwellError && error.row.exit === "daemonUnreachable") return undefined;
    throw error;
  }
}

/** The spawn lock, or a daemon that somebody else started and that suits. */
async function lockOrDaemon(
  context: Context,
  deadline: Deadline,
): Promise<{ lock: SpawnLock } | { connection: Connection }> {
  const turn = await poll(deadline, async () => {
    const lock = trySpawnLock(context.paths.spawnLockFile);
    if (lock) return { lock };
    // A killed daemon's file is not worth a hundred callers' connections, 40 times a second.
    const endpoint = readEndpoint(context.paths);
    const connection = endpoint && isAlive(endpoint.pid) ? await findDaemon(context) : undefined;
    if (connection && versionVerdict(VERSION, connection.info.version) === "use") return { connection };
    connection?.close();
    return undefined;
  });
  if (!turn) throw unreachable("Another command is starting the daemon and does not get done.");
  return turn;
}

async function spawnAndWait(context: Context, flags: readonly string[]): Promise<Connection> {
  const deadline = deadlineAfter(START_MS_MAX);
  let spawned: SpawnedDaemon | undefined;
  const connection = await poll(deadline, async () => {
    const isWritten = spawned !== undefined && readEndpoint(context.paths)?.pid === spawned.pid;
    const found = isWritten || spawned?.hasEnded() ? await findDaemon(context) : undefined;
    if (found) return found;
    if (spawned?.hasEnded()) {
      const words = spawned.lastWords();
      if (words.code !== "STEPWELL_HOME_LOCKED") throw words;
      // The daemon before us has closed its socket and not yet its state: try again until it has.
      await sleep(100);
      spawned = undefined;
    }
    spawned ??= spawnDaemon(context.paths, context.env, flags);
    return undefined;
  });
  if (connection) return connection;
  const words = spawned?.lastWords().message ?? "it did not get the home";
  throw unreachable(`No daemon answered within ${START_MS_MAX / 1000} s. ${words}`);
}

function notRunning(context: Context): StepwellError {
  const given = context.env["STEPWELL_ENDPOINT"];
  return unreachable(
    given ? `No daemon answers at ${given}.` : `No daemon is running for ${context.paths.home}.`,
  );
}

function closeAndMismatch(connection: Connection): StepwellError {
  connection.close();
  const sentence = `This command has version ${VERSION}, and the daemon that runs has ${connection.info.version}.`;
  return new StepwellError("STEPWELL_VERSION_MISMATCH", sentence);
}

function isSameFolder(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return one === other;
  }
}
