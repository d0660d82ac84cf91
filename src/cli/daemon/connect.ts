import { VERSION } from "../../model/version.js";
import type { Context } from "../context.js";
import { type Connection, closeAndMismatch, findDaemon, notRunning } from "./find-daemon.js";
import { startDaemon } from "./start-daemon.js";
import { versionVerdict, worksTogether } from "./version-rule.js";

/**
 * A daemon whose version suits: the one that answers, or one that is started, or one that
 * replaces an older one. With STEPWELL_ENDPOINT or STEPWELL_AUTOSTART=0 nothing is started
 * or replaced. Throws STEPWELL_DAEMON_UNREACHABLE or STEPWELL_VERSION_MISMATCH.
 */
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
