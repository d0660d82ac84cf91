/** Finds the daemon that answers for a home now, and says what is wrong when it does not suit. */
import { accessSync, constants, existsSync } from "node:fs";
import { StepwellError } from "../../errors/stepwell-error.js";
import { isCode } from "../../errors/system-code.js";
import type { GetInfoResponse } from "../../gen/stepwell/v1/daemon.js";
import { systemClock } from "../../home/clock.js";
import { livesStill } from "../../home/daemon-process.js";
import { readEndpoint } from "../../home/endpoint.js";
import { isOf, isSameFolder } from "../../home/home-identity.js";
import { refuseForeignSocket, refuseOpenHome } from "../../home/trust.js";
import { userId } from "../../home/user.js";
import { deadlineAfter, sleep } from "../../home/wait.js";
import { VERSION } from "../../model/version.js";
import type { Context } from "../context.js";
import { unreachable } from "./call-error.js";
import type { DaemonClients } from "./client.js";

/** How long a daemon may take to say who it is. */
const INFO_MS_MAX = 5_000;
/** How long a home that takes a new id may seem to be another's: its daemon says the id before it is on disk, or after. */
const NEW_ID_MS_MAX = 5_000;
const NEW_ID_LOOK_MS = 50;
/** How often a command that needs it looks for one that lives and says nothing. */
const LOOKS_MAX = 4;

/** A daemon that has said who it is. Whoever gets one closes it. */
export interface Connection extends DaemonClients {
  readonly info: GetInfoResponse;
}

/** What a look for the daemon finds: one that answers, one whose process lives and says nothing, or none. */
type Sight =
  | { readonly kind: "answers"; readonly connection: Connection }
  | { readonly kind: "silent"; readonly pid: number }
  | { readonly kind: "none" };

/**
 * The daemon that answers, of whatever version; undefined when none does. Throws STEPWELL_HOME_OPEN
 * and STEPWELL_ENDPOINT_FOREIGN where somebody else may answer; nothing is sent then.
 */
export async function findDaemon(context: Context): Promise<Connection | undefined> {
  const sight = await lookForDaemon(context);
  return sight.kind === "answers" ? sight.connection : undefined;
}

/** The same, and whether a process is there that does not answer. Throws as findDaemon does. */
async function lookForDaemon(context: Context): Promise<Sight> {
  const deadline = deadlineAfter(NEW_ID_MS_MAX);
  for (;;) {
    const sight = await lookOnce(context);
    if (sight !== "another id") return sight;
    if (deadline.leftMs() <= 0) return { kind: "none" };
    await sleep(NEW_ID_LOOK_MS);
  }
}

async function lookOnce({ env, paths }: Context): Promise<Sight | "another id"> {
  const given = env["STEPWELL_ENDPOINT"];
  // Then no home is needed.
  if (given) return sightOf(await ask(given), undefined);
  const endpoint = readEndpoint(paths);
  if (!endpoint) return { kind: "none" };
  refuseOpenHome(paths.home);
  if (!isSameFolder(endpoint.home, paths.home)) return { kind: "none" };
  const beganMs = systemClock.monotonicMs();
  const found = await ask(endpoint.endpoint);
  // One that is ending has closed its socket: that is told at once.
  const isSilent = systemClock.monotonicMs() - beganMs >= INFO_MS_MAX && livesStill(endpoint);
  if (!found || isOf(paths, found.info)) return sightOf(found, isSilent ? endpoint.pid : undefined);
  found.close();
  return isSameFolder(found.info.home, paths.home) ? "another id" : { kind: "none" };
}

function sightOf(connection: Connection | undefined, silentPid: number | undefined): Sight {
  if (connection) return { kind: "answers", connection };
  return silentPid === undefined ? { kind: "none" } : { kind: "silent", pid: silentPid };
}

/**
 * The same, with so many looks at one that says nothing: where a hundred processes want the same cores that is no fault.
 * Throws STEPWELL_DAEMON_UNREACHABLE for one that stays so.
 */
export async function lookPatiently(
  context: Context,
  looks = LOOKS_MAX,
): Promise<Exclude<Sight, { readonly kind: "silent" }>> {
  for (let look = 1; ; look++) {
    const sight = await lookForDaemon(context);
    if (sight.kind === "none" && !context.env["STEPWELL_ENDPOINT"]) refuseUnreadable(context.paths.home);
    if (sight.kind !== "silent") return sight;
    if (look < looks) continue;
    const sentence = `The daemon (pid ${sight.pid}) lives and has not answered for ${(looks * INFO_MS_MAX) / 1000} s.`;
    const remedy = `If it stays so: kill -9 ${sight.pid}. Nothing acknowledged is lost.`;
    throw new StepwellError("STEPWELL_DAEMON_UNREACHABLE", sentence, { remedy });
  }
}

/** Throws STEPWELL_HOME_UNUSABLE for a home that this user may not look into: what is there is not said to be absent. */
function refuseUnreadable(home: string): void {
  try {
    accessSync(home, constants.R_OK | constants.X_OK);
  } catch (cause) {
    if (!isCode(cause, "EACCES", "EPERM")) return;
    const sentence = `The home ${home} can't be read by this user (id ${userId()}).`;
    throw new StepwellError("STEPWELL_HOME_UNUSABLE", sentence, { cause });
  }
}

/** No daemon answers. */
export function notRunning(context: Context): StepwellError {
  const given = context.env["STEPWELL_ENDPOINT"];
  if (given) return unreachable(`No daemon answers at ${given}.`);
  const { home } = context.paths;
  const isThere = existsSync(home);
  return unreachable(`No daemon is running for ${home}${isThere ? "" : ", which does not exist yet"}.`);
}

/** The daemon's version does not go with this command's. Closes the connection. */
export function closeAndMismatch(connection: Connection): StepwellError {
  connection.close();
  const sentence = `This command has version ${VERSION}, and the daemon that runs has ${connection.info.version}.`;
  return new StepwellError("STEPWELL_VERSION_MISMATCH", sentence);
}

async function ask(target: string): Promise<Connection | undefined> {
  refuseForeignSocket(target);
  // Only now: of a hundred callers that wait for one daemon, none takes processor time from its start.
  const { openClients } = await import("./client.js");
  const clients = openClients(target);
  try {
    const info = await clients.call(clients.daemon.getInfo.bind(clients.daemon), {}, INFO_MS_MAX);
    return { ...clients, info };
  } catch (error) {
    clients.close();
    if (error instanceof StepwellError && error.row.exit === "daemonUnreachable") return undefined;
    throw error;
  }
}
