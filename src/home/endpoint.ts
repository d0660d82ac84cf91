/**
 * Where a home's parts are and how a daemon is found: the one rule that the daemon and
 * its clients share.
 *
 * The endpoint file is written by rename after the daemon answers, and removed when it
 * ends cleanly. A file left by a killed daemon names a socket that refuses connections,
 * so a reader always connects before it believes the file. The socket's path is never
 * guessed from the home: it moves to a short folder when it would not fit into the
 * kernel's socket address.
 */
import { unlinkSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { StepwellError } from "../errors/stepwell-error.js";
import { ambiguousCharacter } from "../model/store-path.js";
import { makeFolder } from "./durable-folder.js";
import { readPlainSync } from "./plain-file.js";
import { removeDrafts, replaceFile } from "./replace-file.js";
import { socketFoldersOf, socketIn } from "./socket-place.js";
import { userFolder, userId } from "./user.js";

/** Environment variables, as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Absolute paths of a home's parts. Nothing of it need exist. */
export interface HomePaths {
  readonly home: string;
  readonly endpointFile: string;
  /** Where the socket is, unless something stands there: in <home>/run, or in a folder with a short path. */
  readonly socketPath: string;
  /** The folders that it can be in, the best first. */
  readonly socketFolders: readonly string[];
  /** Held by whoever starts the daemon, while it starts. */
  readonly spawnLockFile: string;
  readonly logFile: string;
  readonly stateFolder: string;
  /** The home's id once more: the state store may lose it. */
  readonly homeIdFile: string;
  readonly journalFolder: string;
  /** Curves of what runs logged, which can be made again. */
  readonly curvesFolder: string;
  /** Takes room, to be given back on a full disk. */
  readonly reserveFile: string;
  /** Notes of clients of how a step ended, while the daemon could not be told. */
  readonly stepEndsFolder: string;
  readonly clientSpoolsFolder: string;
  /** What programs of `stepwell run` wrote so far, for the case that the command is killed. */
  readonly outputsFolder: string;
  /** Secrets, encrypted, where there is no keychain. */
  readonly vaultFolder: string;
  /** The default stack's local artifact store. */
  readonly artifactStoreFolder: string;
  /** Programs that were installed for all of the user's homes; in this one where the user has no folder. */
  readonly integrationsFolder: string;
  /** Servers that stand behind experiment trackers, a folder each. */
  readonly deploymentsFolder: string;
}

/** What the endpoint file says of the daemon that wrote it. */
export interface Endpoint {
  readonly pid: number;
  /** A gRPC target, for example unix:/run/user/1000/stepwell/daemon.sock. */
  readonly endpoint: string;
  readonly version: string;
  readonly home: string;
  /** 32 hexadecimal digits. */
  readonly homeId: string;
  /** Milliseconds since 1970 UTC. */
  readonly startedMs: number;
  /** Tells its process from a later one with the same pid; an older daemon did not write it. */
  readonly process?: ProcessMark;
}

/** When and where a process began, as its system tells it; empty where it does not. */
export interface ProcessMark {
  readonly bootId: string;
  readonly pidNamespace: string;
  /** Clock ticks since boot. */
  readonly startTicks: string;
}

/** The paths for an environment: STEPWELL_HOME, else the XDG data folder. Throws STEPWELL_HOME_UNUSABLE where neither is. */
export function homeOf(env: Environment): HomePaths {
  const data = dataFolder(env);
  const home = resolve(env["STEPWELL_HOME"] || join(data ?? noFolder(), "stepwell"));
  const socketFolders = socketFoldersOf(home, env);
  return {
    home,
    endpointFile: join(home, "endpoint.json"),
    socketPath: socketIn(socketFolders[0] ?? join(home, "run")),
    socketFolders,
    spawnLockFile: join(home, "run", "spawn.lock"),
    logFile: join(home, "log", "daemon.log"),
    stateFolder: join(home, "state"),
    homeIdFile: join(home, "home-id"),
    journalFolder: join(home, "journal"),
    curvesFolder: join(home, "curves"),
    reserveFile: join(home, "reserve"),
    stepEndsFolder: join(home, "step-ends"),
    clientSpoolsFolder: join(home, "client-spools"),
    outputsFolder: join(home, "outputs"),
    vaultFolder: join(home, "vault"),
    artifactStoreFolder: join(home, "artifact_stores", "default"),
    integrationsFolder: join(data === undefined ? home : resolve(data, "stepwell"), "integrations"),
    deploymentsFolder: join(home, "deployments"),
  };
}

/**
 * Makes the home, for this user alone. Throws STEPWELL_HOME_UNUSABLE where it can't be made, or MLflow can't be
 * told of its path.
 */
export async function prepareHome(paths: HomePaths): Promise<void> {
  const character = ambiguousCharacter(paths.home);
  if (character !== undefined) {
    const named = JSON.stringify(character);
    throw unusable(paths.home, `MLflow could not open the store in it, for the ${named} in its path`);
  }
  await makeUsable(paths.home);
  await makeUsable(dirname(paths.logFile));
  await makeUsable(dirname(paths.spawnLockFile));
}

/** What the endpoint file says; undefined when it is missing or not one of ours. */
export function readEndpoint(paths: HomePaths): Endpoint | undefined {
  try {
    return parseEndpoint(JSON.parse(readPlainSync(paths.endpointFile)));
  } catch {
    // Missing, unreadable or not JSON: in each case no daemon can be found through it.
    return undefined;
  }
}

/** Writes the endpoint file, readable by this user alone, so that a reader sees all of it or the old one. */
export async function writeEndpoint(paths: HomePaths, endpoint: Endpoint): Promise<void> {
  const { homeId, startedMs, process, ...rest } = endpoint;
  const { bootId, pidNamespace, startTicks } = process ?? {};
  const mark = process && { boot_id: bootId, pid_namespace: pidNamespace, start_ticks: startTicks };
  const text = JSON.stringify({
    ...{ format: 1, ...rest, home_id: homeId, started_ms: startedMs },
    process: mark,
  });
  await replaceFile(paths.endpointFile, `${text}\n`);
  // One daemon of a home writes it at a time: the others' drafts are of daemons that were killed.
  await removeDrafts(paths.endpointFile);
}

/** Removes the endpoint file if this process wrote it; a successor's is left alone. */
export function removeEndpoint(paths: HomePaths, pid: number): void {
  if (readEndpoint(paths)?.pid !== pid) return;
  try {
    unlinkSync(paths.endpointFile);
  } catch {
    // It is gone already, or the folder is read-only now: readers connect before they believe it.
  }
}

/** Where the user's programs keep what is theirs; undefined for a user who has no folder. */
function dataFolder(env: Environment): string | undefined {
  const folder = env["HOME"] || userFolder();
  return env["XDG_DATA_HOME"] || (folder && join(folder, ".local", "share"));
}

function noFolder(): never {
  const sentence = `There is no folder for a home: neither STEPWELL_HOME nor HOME is set, and the user id ${userId()} has no entry in passwd.`;
  throw new StepwellError("STEPWELL_HOME_UNUSABLE", sentence);
}

async function makeUsable(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (error) {
    throw unusable(folder, error instanceof Error ? error.message : String(error), error);
  }
}

function unusable(folder: string, reason: string, cause?: unknown): StepwellError {
  const sentence = `The folder ${folder} can't be used: ${reason}.`;
  return new StepwellError("STEPWELL_HOME_UNUSABLE", sentence, { cause });
}

function parseEndpoint(value: unknown): Endpoint | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { format, pid, endpoint, version, home, home_id, started_ms, process } = value as Record<
    string,
    unknown
  >;
  const texts = [endpoint, version, home, home_id];
  if (format !== 1 || !Number.isSafeInteger(pid) || !Number.isSafeInteger(started_ms)) return undefined;
  if (!texts.every((text) => typeof text === "string")) return undefined;
  return {
    pid: pid as number,
    endpoint: endpoint as string,
    version: version as string,
    home: home as string,
    homeId: home_id as string,
    startedMs: started_ms as number,
    ...markIn(process),
  };
}

function markIn(value: unknown): { readonly process?: ProcessMark } {
  if (typeof value !== "object" || value === null) return {};
  const { boot_id, pid_namespace, start_ticks } = value as Record<string, unknown>;
  if (![boot_id, pid_namespace, start_ticks].every((text) => typeof text === "string")) return {};
  return {
    process: {
      bootId: boot_id as string,
      pidNamespace: pid_namespace as string,
      startTicks: start_ticks as string,
    },
  };
}
