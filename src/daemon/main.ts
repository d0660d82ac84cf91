/**
 * The daemon's process. It stays in the foreground: whoever starts it detaches it.
 * The first SIGTERM or SIGINT drains with a deadline; the second one ends at once,
 * which loses nothing either: what is acknowledged is on disk.
 */

import { EXIT } from "../errors/row.js";
import { type StepwellError, toStepwellError } from "../errors/stepwell-error.js";
import { systemClock } from "../home/clock.js";
import { readConfig } from "../home/config.js";
import { prepareHome } from "../home/endpoint.js";
import { refuseNetworkFileSystem } from "../home/file-system.js";
import { LEASE_RETURN_MS, TERM_DRAIN_MS } from "../model/limits.js";
import { type Daemon, startDaemon } from "./daemon.js";
import { openLogFile } from "./log-file.js";

async function main(): Promise<void> {
  process.umask(0o077);
  const config = readConfig();
  const { paths, allowNetworkFileSystem } = config;
  await refuseNetworkFileSystem(paths.home, allowNetworkFileSystem);
  await prepareHome(paths);
  const { log } = openLogFile(paths.logFile, systemClock);
  let daemon: Daemon | undefined;
  let isStopping = false;
  const stop = (drainMs: number) => {
    if (isStopping) endNow();
    isStopping = true;
    const closing = daemon?.close(drainMs) ?? Promise.resolve();
    closing.then(
      () => process.exit(EXIT.ok),
      (error: unknown) => die(error),
    );
  };
  const die = (thrown: unknown) => {
    const error = toStepwellError(thrown);
    log("error", "the daemon failed", { code: error.code, reason: error.message, stack: error.stack });
    endNow();
  };
  process.on("SIGTERM", () => stop(TERM_DRAIN_MS));
  process.on("SIGINT", () => stop(TERM_DRAIN_MS));
  process.on("SIGHUP", () => undefined);
  process.on("uncaughtException", die);
  try {
    daemon = await startDaemon({
      ...config,
      clock: systemClock,
      random: Math.random,
      log,
      leaseReturnMs: LEASE_RETURN_MS,
      onShutdown: (drainMs) => {
        if (!isStopping) stop(drainMs);
      },
    });
  } catch (error) {
    const { code, message } = toStepwellError(error);
    log(code === "STEPWELL_HOME_LOCKED" ? "info" : "error", "the daemon did not start", {
      code,
      reason: message,
    });
    throw error;
  }
}

/** An exit would wait for a worker that is in SQLite, and the binding aborts when it is torn down there. */
function endNow(): void {
  process.kill(process.pid, "SIGKILL");
}

main().catch((thrown: unknown) => {
  const error: StepwellError = toStepwellError(thrown);
  process.stderr.write(`error: ${error.message} ${error.remedy} [${error.code}]\n`);
  process.exit(EXIT[error.row.exit]);
});
