/**
 * The daemon for tests of leases: one whose patience with processes that it can't look at is
 * short, so that a test need not wait for a minute. Only what starts it can ask for that;
 * the daemon that users have takes no such word. `e2e/leases-long` has one case with the real bound.
 */
import { type Daemon, startDaemon } from "../../src/daemon/daemon.js";
import { openLogFile } from "../../src/daemon/log-file.js";
import { systemClock } from "../../src/home/clock.js";
import { readConfig } from "../../src/home/config.js";
import { prepareHome } from "../../src/home/endpoint.js";
import { QUICK_RETURN_MS } from "./quick-return.js";

let starting: Promise<Daemon> | undefined;

async function stop(drainMs: number): Promise<void> {
  const daemon = await starting;
  await daemon?.close(drainMs);
  process.exit(0);
}

async function main(): Promise<void> {
  process.umask(0o077);
  const config = readConfig();
  await prepareHome(config.paths);
  // Its endpoint is there before its start is over: whoever sees it may send the signal.
  process.once("SIGTERM", () => void stop(0));
  starting = startDaemon({
    ...config,
    clock: systemClock,
    random: Math.random,
    log: openLogFile(config.paths.logFile, systemClock).log,
    leaseReturnMs: QUICK_RETURN_MS,
    onShutdown: (drainMs) => void stop(drainMs),
    onHomeLost: () => void stop(0),
  });
  await starting;
}

// What fails ends the process, and its log says why.
void main();
