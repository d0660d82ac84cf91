import { readEndpoint } from "../../daemon/endpoint.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { EXIT } from "../../errors/table.js";
import { type Connection, findDaemon, startDaemon, stopDaemon } from "../connect.js";
import type { Context } from "../context.js";
import { reportFault } from "../faults.js";
import type { OutputOptions } from "../options.js";
import { type Format, render } from "../output.js";
import { isAlive } from "../processes.js";
import { infoView } from "../views.js";

/** Options of start. */
export interface StartOptions extends OutputOptions {
  readonly allowNetworkFs?: true;
}

/** Options of stop. */
export interface StopOptions {
  readonly timeout: number;
}

/** `daemon start`: returns when the daemon answers. */
export async function start(context: Context, options: StartOptions): Promise<number> {
  return show(context, await startDaemon(context, flagsOf(options)), options.output);
}

/** `daemon stop`: returns when the process is gone. No daemon is no error. */
export async function stop(context: Context, options: StopOptions): Promise<number> {
  const found = await findDaemon(context);
  if (!found) refuseSilentDaemon(context);
  if (found) await stopDaemon(context, found, options.timeout * 1000);
  context.stderr(found ? `The daemon (pid ${found.info.pid}) has ended.\n` : "No daemon is running.\n");
  return EXIT.ok;
}

/** `daemon restart`: what is stop, then start. */
export async function restart(context: Context, options: StartOptions & StopOptions): Promise<number> {
  const found = await findDaemon(context);
  if (found) await stopDaemon(context, found, options.timeout * 1000);
  return start(context, options);
}

/** `daemon status`: never starts one. */
export async function status(context: Context, options: OutputOptions): Promise<number> {
  const found = await findDaemon(context);
  if (found) return show(context, found, options.output);
  const { home } = context.paths;
  if (options.output !== "table") {
    context.stdout(render({ kind: "record", record: { running: false, home } }, options.output));
  }
  const error = new StepwellError("STEPWELL_DAEMON_UNREACHABLE", `No daemon is running for ${home}.`);
  return reportFault(error, context.stderr);
}

function show(context: Context, connection: Connection, format: Format): number {
  connection.close();
  context.stdout(render({ kind: "record", record: infoView(connection.info) }, format));
  return EXIT.ok;
}

function flagsOf(options: StartOptions): string[] {
  return options.allowNetworkFs ? ["--allow-network-fs"] : [];
}

/** A daemon that lives and does not answer can't be asked to end, and must not be called absent. */
function refuseSilentDaemon(context: Context): void {
  const endpoint = readEndpoint(context.paths);
  if (!endpoint || !isAlive(endpoint.pid)) return;
  throw new StepwellError("STEPWELL_DAEMON_UNREACHABLE", `The daemon (pid ${endpoint.pid}) does not answer.`);
}
