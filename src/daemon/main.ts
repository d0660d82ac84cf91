/**
 * The daemon's process. It stays in the foreground: whoever starts it detaches it.
 * The first SIGTERM or SIGINT drains with a deadline; the second one ends at once,
 * which loses nothing either: what is acknowledged is on disk.
 */
import { writeSync } from "node:fs";
import { EXIT } from "../errors/row.js";
import { StepwellError, toStepwellError } from "../errors/stepwell-error.js";
import { systemClock } from "../home/clock.js";
import { readConfig } from "../home/config.js";
import { prepareHome } from "../home/endpoint.js";
import { refuseNetworkFileSystem } from "../home/file-system.js";
import { homeGone } from "../home/hold.js";
import { closeHome } from "../home/open-home.js";
import { forbidCoreDumps, keepMemoryPrivate } from "../home/private-memory.js";
import { sleep } from "../home/wait.js";
import { CALLS_END_MS, END_MS_MAX, HOME_GONE_MS, LEASE_RETURN_MS, TERM_DRAIN_MS } from "../model/limits.js";
import { type Daemon, startDaemon } from "./daemon.js";
import { canExit, endBy } from "./ending.js";
import type { HomeLoss } from "./home-watch.js";
import { openLogFile } from "./log-file.js";

async function main(): Promise<void> {
  process.umask(0o077);
  keepMemoryPrivate();
  forbidCoreDumps();
  const config = readConfig();
  const { paths, allowNetworkFileSystem } = config;
  await refuseNetworkFileSystem(paths.home, allowNetworkFileSystem);
  await prepareHome(paths);
  const closed = await closeHome(paths.home, config.allowOpenParent);
  const { log } = openLogFile(paths.logFile, systemClock);
  if (closed.length > 0) log("warn", "what was open to other users is closed to them", { paths: closed });
  let daemon: Daemon | undefined;
  let starting: Promise<Daemon> | undefined;
  let isStopping = false;
  const stop = (drainMs: number) => {
    if (isStopping) endNow();
    isStopping = true;
    endBy(drainMs + END_MS_MAX);
    endOrderly(starting, drainMs).catch(die);
  };
  const die = (thrown: unknown) => {
    const error = toStepwellError(thrown);
    log("error", "the daemon failed", { code: error.code, reason: error.message, stack: error.stack });
    endNow();
  };
  const leave = (loss: HomeLoss) => {
    if (isStopping) return;
    isStopping = true;
    endBy(HOME_GONE_MS);
    const fault = faultOf(loss, paths.home);
    log("error", "the daemon ends", { code: fault.code, reason: fault.message });
    const over = () => {
      say(fault);
      endNow();
    };
    // A second daemon may write to the same stores: nothing is closed in order.
    if (loss === "unlocked" || !daemon) return over();
    // A volume that is gone may answer nothing any more.
    setTimeout(over, HOME_GONE_MS);
    daemon.close(0).then(over, over);
  };
  process.on("SIGTERM", () => stop(TERM_DRAIN_MS));
  process.on("SIGINT", () => stop(TERM_DRAIN_MS));
  process.on("SIGHUP", () => undefined);
  process.on("uncaughtException", die);
  try {
    starting = startDaemon({
      ...config,
      clock: systemClock,
      random: Math.random,
      log,
      leaseReturnMs: LEASE_RETURN_MS,
      onShutdown: (drainMs) => {
        if (!isStopping) stop(drainMs);
      },
      onHomeLost: leave,
    });
    daemon = await starting;
  } catch (error) {
    const { code, message } = toStepwellError(error);
    log(code === "STEPWELL_HOME_LOCKED" ? "info" : "error", "the daemon did not start", {
      code,
      reason: message,
    });
    throw error;
  }
}

/**
 * Ends the process: with an exit code where nothing holds its exit. One that others see already, and that is about to
 * be done with its start, is ended as any; one that is in the midst of it has nothing to close.
 */
async function endOrderly(starting: Promise<Daemon> | undefined, drainMs: number): Promise<void> {
  // Of a start that fails the process's own end says so.
  const started = starting?.catch(() => undefined);
  const daemon = await Promise.race([started, sleep(CALLS_END_MS)]);
  const end = await daemon?.close(drainMs);
  if (end?.kind === "hangs" || !(await canExit())) endNow();
  else process.exit(EXIT.ok);
}

/** An exit would wait for a worker that is in SQLite, and the binding aborts when it is torn down there. */
function endNow(): void {
  process.kill(process.pid, "SIGKILL");
}

/** Why a daemon without its home ends. */
function faultOf(loss: HomeLoss, home: string): StepwellError {
  if (loss === "gone") return homeGone(home);
  const sentence = `The file that locked the home ${home} was removed, so a second daemon may have it.`;
  return new StepwellError("STEPWELL_HOME_LOCKED", sentence);
}

/** At once: what ends the process next does not wait for a stream. */
function say({ message, remedy, code }: StepwellError): void {
  try {
    writeSync(2, `error: ${message} ${remedy} [${code}]\n`);
  } catch {
    // Nobody reads it.
  }
}

main().catch((thrown: unknown) => {
  const error = toStepwellError(thrown);
  say(error);
  process.exit(EXIT[error.row.exit]);
});
