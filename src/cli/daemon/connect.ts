import { existsSync } from "node:fs";
import { VERSION } from "../../model/version.js";
import type { Context } from "../context.js";
import { type Connection, closeAndMismatch, lookPatiently, notRunning } from "./find-daemon.js";
import { startDaemon } from "./start-daemon.js";
import { versionVerdict, worksTogether } from "./version-rule.js";

/** Where a command may start a daemon: what changes something does anywhere, and a question makes no home. */
export type StartPlace = "anywhere" | "in a home";

/**
 * A daemon whose version suits: the one that answers, or one that is started, or one that
 * replaces an older one. With STEPWELL_ENDPOINT or STEPWELL_AUTOSTART=0 nothing is started
 * or replaced. Throws STEPWELL_DAEMON_UNREACHABLE or STEPWELL_VERSION_MISMATCH.
 */
export async function connect(context: Context, place: StartPlace = "anywhere"): Promise<Connection> {
  const sight = await lookPatiently(context);
  const mayStart = !context.env["STEPWELL_ENDPOINT"] && context.env["STEPWELL_AUTOSTART"] !== "0";
  if (sight.kind === "none") {
    if (!mayStart || (place === "in a home" && !existsSync(context.paths.home))) throw notRunning(context);
    return startDaemon(context, []);
  }
  const { connection } = sight;
  if (mayStart && versionVerdict(VERSION, connection.info.version) === "replace") {
    connection.close();
    return startDaemon(context, []);
  }
  if (!worksTogether(VERSION, connection.info.version)) throw closeAndMismatch(connection);
  return connection;
}
