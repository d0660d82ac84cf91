/** Finds the daemon that answers for a home now, and says what is wrong when it does not suit. */
import { StepwellError } from "../../errors/stepwell-error.js";
import type { GetInfoResponse } from "../../gen/stepwell/v1/daemon.js";
import { readEndpoint } from "../../home/endpoint.js";
import { isOf, isSameFolder } from "../../home/home-identity.js";
import { refuseForeignSocket, refuseOpenHome } from "../../home/trust.js";
import { VERSION } from "../../model/version.js";
import type { Context } from "../context.js";
import { unreachable } from "./call-error.js";
import type { DaemonClients } from "./client.js";

/** How long a daemon may take to say who it is. */
const INFO_MS_MAX = 5_000;

/** A daemon that has said who it is. Whoever gets one closes it. */
export interface Connection extends DaemonClients {
  readonly info: GetInfoResponse;
}

/**
 * The daemon that answers, of whatever version; undefined when none does. Throws STEPWELL_HOME_OPEN
 * and STEPWELL_ENDPOINT_FOREIGN where somebody else may answer; nothing is sent then.
 */
export async function findDaemon(context: Context): Promise<Connection | undefined> {
  const given = context.env["STEPWELL_ENDPOINT"];
  // Then no home is needed.
  if (given) return ask(given);
  const { paths } = context;
  const endpoint = readEndpoint(paths);
  if (!endpoint) return undefined;
  refuseOpenHome(paths.home);
  if (!isSameFolder(endpoint.home, paths.home)) return undefined;
  const found = await ask(endpoint.endpoint);
  if (!found || isOf(paths, found.info)) return found;
  found.close();
  return undefined;
}

/** No daemon answers. */
export function notRunning(context: Context): StepwellError {
  const given = context.env["STEPWELL_ENDPOINT"];
  return unreachable(
    given ? `No daemon answers at ${given}.` : `No daemon is running for ${context.paths.home}.`,
  );
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
