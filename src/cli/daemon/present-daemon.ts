import { VERSION } from "../../model/version.js";
import type { Context } from "../context.js";
import { type Connection, closeAndMismatch, lookPatiently } from "./find-daemon.js";
import { worksTogether } from "./version-rule.js";

/** Who only looks waits for less. */
const LOOKS = 2;

/**
 * The daemon that answers, for a command that only looks: none is started or replaced. Undefined where none runs; throws
 * STEPWELL_DAEMON_UNREACHABLE for one that lives and does not answer, and STEPWELL_VERSION_MISMATCH.
 */
export async function presentDaemon(context: Context): Promise<Connection | undefined> {
  const sight = await lookPatiently(context, LOOKS);
  if (sight.kind === "none") return undefined;
  if (!worksTogether(VERSION, sight.connection.info.version)) throw closeAndMismatch(sight.connection);
  return sight.connection;
}
