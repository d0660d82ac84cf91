/**
 * Starts the daemon of a home, once however many ask.
 *
 * Who gets the spawn lock starts it; the others wait until it answers. An older daemon is
 * asked to end and is replaced, under the same lock.
 */
import { prepareHome, readEndpoint } from "../../home/endpoint.js";
import { isAlive } from "../../home/processes.js";
import { type SpawnLock, trySpawnLock } from "../../home/spawn-lock.js";
import { deadlineAfter, poll, sleep } from "../../home/wait.js";
import { VERSION } from "../../model/version.js";
import type { Context } from "../context.js";
import { unreachable } from "./call-error.js";
import { type Connection, closeAndMismatch, findDaemon, lookPatiently, notRunning } from "./find-daemon.js";
import { type SpawnedDaemon, spawnDaemon } from "./spawn.js";
import { STOP_MS_MAX, stopDaemon } from "./stop-daemon.js";
import { versionVerdict } from "./version-rule.js";

/**
 * How long a daemon that was started may take to answer. It needs a second of CPU; where a hundred processes
 * want the same two cores that took 34 s. One that fails has ended by itself, and is not waited for.
 */
const START_MS_MAX = 120_000;
/** How many daemons may be killed or told to end by others before they answer: what befell one says nothing of the next. */
const ENDED_BY_OTHERS_MAX = 3;
/** When to say what is waited for. */
const NOTE_MS = 2_000;
/** How long an older daemon may drain before a newer one takes over; what is left is on disk. */
const REPLACE_DRAIN_MS = 1_000;
/** How long another caller may be busy with starting it: with all its own waits. */
const WAIT_MS_MAX = REPLACE_DRAIN_MS + 2 * STOP_MS_MAX + 2 * START_MS_MAX;

/** Starts the daemon with these flags unless one answers already. Resolves when it answers. */
export async function startDaemon(context: Context, flags: readonly string[]): Promise<Connection> {
  if (context.env["STEPWELL_ENDPOINT"]) return findGiven(context);
  await prepareHome(context.paths);
  const turn = await lockOrDaemon(context);
  if ("connection" in turn) return turn.connection;
  try {
    // Somebody may have been quicker between the last look and the lock.
    const sight = await lookPatiently(context);
    const found = sight.kind === "answers" ? sight.connection : undefined;
    const verdict = found && versionVerdict(VERSION, found.info.version);
    if (found && verdict === "use") return found;
    if (found && verdict === "mismatch") throw closeAndMismatch(found);
    if (found) await stopDaemon(context, found, REPLACE_DRAIN_MS);
    return await spawnAndWait(context, flags);
  } finally {
    turn.lock.release();
  }
}

/** A daemon that STEPWELL_ENDPOINT names is not ours to start. */
async function findGiven(context: Context): Promise<Connection> {
  const found = await findDaemon(context);
  if (found) return found;
  throw notRunning(context);
}

/** The spawn lock, or a daemon that somebody else started and that suits. */
async function lockOrDaemon(context: Context): Promise<{ lock: SpawnLock } | { connection: Connection }> {
  const turn = await poll(deadlineAfter(WAIT_MS_MAX), async () => {
    const lock = trySpawnLock(context.paths.spawnLockFile);
    if (lock) return { lock };
    // A killed daemon's file is not worth a hundred callers' connections, 40 times a second.
    const endpoint = readEndpoint(context.paths);
    const connection = endpoint && isAlive(endpoint.pid) ? await findDaemon(context) : undefined;
    if (connection && versionVerdict(VERSION, connection.info.version) === "use") return { connection };
    connection?.close();
    return undefined;
  });
  if (turn) return turn;
  throw unreachable(`Another command has been starting the daemon for ${WAIT_MS_MAX / 1000} s.`);
}

async function spawnAndWait(context: Context, flags: readonly string[]): Promise<Connection> {
  const giveUp = deadlineAfter(STOP_MS_MAX + START_MS_MAX);
  let endedByOthers = 0;
  for (;;) {
    const spawned = spawnDaemon(context.paths, context.env, flags);
    const connection = await waitForStart(context, spawned);
    if (connection) return connection;
    const words = spawned.lastWords();
    if (words.code !== "STEPWELL_HOME_LOCKED") {
      if (spawned.ending()?.kind !== "ended by others") throw words;
      if (++endedByOthers === ENDED_BY_OTHERS_MAX) throw words;
    }
    // The one before it has closed its socket and not yet its state: try again until it has.
    if (giveUp.leftMs() === 0) throw words;
    await sleep(200);
  }
}

/** Resolves when the daemon answers, or to undefined when it has ended and no other answers either. */
async function waitForStart(context: Context, spawned: SpawnedDaemon): Promise<Connection | undefined> {
  const isWritten = () => readEndpoint(context.paths)?.pid === spawned.pid;
  const note = setTimeout(() => context.stderr("Waiting for the daemon to start...\n"), NOTE_MS);
  const turn = await poll(deadlineAfter(START_MS_MAX), async () => {
    const hasEnded = spawned.ending() !== undefined;
    const found = hasEnded || isWritten() ? await findDaemon(context) : undefined;
    return found || hasEnded ? { found } : undefined;
  });
  clearTimeout(note);
  if (turn) return turn.found;
  throw unreachable(
    `The daemon did not answer within ${START_MS_MAX / 1000} s. ${spawned.lastWords().message}`,
  );
}
