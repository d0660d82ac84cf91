import { EXIT } from "../../errors/row.js";
import { livesStill, lockHolder } from "../../home/daemon-process.js";
import { readEndpoint } from "../../home/endpoint.js";
import { readFarewell } from "../../home/farewell.js";
import { isSameFolder } from "../../home/home-identity.js";
import { counted } from "../../model/counted.js";
import type { Context } from "../context.js";
import { type Connection, findDaemon, lookPatiently, notRunning } from "../daemon/find-daemon.js";
import { startDaemon } from "../daemon/start-daemon.js";
import { endDaemon, endingOf, stopDaemon } from "../daemon/stop-daemon.js";
import type { OutputOptions } from "../input/options.js";
import { type Format, isForPeople, showAnswer } from "../output/output.js";
import { infoView } from "../output/views.js";
import { absentSentence, absentStatus } from "./no-daemon.js";

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
  return await showInfo(context, await startDaemon(context, flagsOf(options)), options.output);
}

/** `daemon stop`: returns when the process is gone. No daemon is no error. */
export async function stop(context: Context, options: StopOptions): Promise<number> {
  const pid = await end(context, Math.round(options.timeout * 1000));
  context.stderr(
    pid === undefined
      ? "No daemon is running.\n"
      : `The daemon (pid ${pid}) has ended${rest(context, pid)}.\n`,
  );
  return EXIT.ok;
}

/** What a daemon that has ended left undelivered, as the end of a sentence. */
function rest(context: Context, pid: number): string {
  const left = readFarewell(context.paths, pid);
  if (!left) return "; stepwell status tells what waits";
  if (left.lanes === 0) return "; everything is delivered";
  return `; left on disk for the next one: ${counted(left.queuedPoints, "point")} of ${counted(left.lanes, "lane")}`;
}

/** `daemon restart`: what is stop, then start. */
export async function restart(context: Context, options: StartOptions & StopOptions): Promise<number> {
  await end(context, Math.round(options.timeout * 1000));
  return start(context, options);
}

/** `daemon status`: never starts one, and shows one of any version. */
export async function status(context: Context, options: OutputOptions): Promise<number> {
  const sight = await lookPatiently(context, 1);
  if (sight.kind === "answers") return await showInfo(context, sight.connection, options.output);
  const isGiven = Boolean(context.env["STEPWELL_ENDPOINT"]);
  if (!isForPeople(options.output)) {
    const record = isGiven ? { running: false } : absentStatus(context);
    await showAnswer(context, { kind: "record", record }, options.output);
  } else if (!isGiven && absentSentence(context) !== "") context.stdout(`${absentSentence(context)}\n`);
  throw notRunning(context);
}

async function showInfo(context: Context, connection: Connection, format: Format): Promise<number> {
  connection.close();
  await showAnswer(context, { kind: "record", record: infoView(connection.info) }, format);
  return EXIT.ok;
}

/** The daemon's own arguments. */
export function flagsOf(options: Pick<StartOptions, "allowNetworkFs">): string[] {
  return options.allowNetworkFs ? ["--allow-network-fs"] : [];
}

/** Ends the daemon if there is one, and says which. */
async function end(context: Context, drainMs: number): Promise<number | undefined> {
  const found = await findDaemon(context);
  if (found) {
    await stopDaemon(context, found, drainMs);
    return found.info.pid;
  }
  const pid = context.env["STEPWELL_ENDPOINT"] ? undefined : livingPid(context);
  if (pid !== undefined) await endDaemon(context, endingOf(context, pid), drainMs, false);
  return pid;
}

/** The process of a daemon that does not answer: it may be ending, or hang. */
function livingPid({ paths }: Context): number | undefined {
  const endpoint = readEndpoint(paths);
  if (endpoint && isSameFolder(endpoint.home, paths.home) && livesStill(endpoint)) return endpoint.pid;
  return lockHolder(paths);
}
