/**
 * The daemon for tests of leases: one whose patience with processes that it can't look at is
 * short, so that a test need not wait for a minute. Only what starts it can ask for that;
 * the daemon that users have takes no such word. `e2e/leases-long` has one case with the real bound.
 */

import { type Daemon, startDaemon } from "../../src/daemon/daemon.js";
import { openLogFile } from "../../src/daemon/log-file.js";
import { systemClock } from "../../src/home/clock.js";
import { readConfig } from "../../src/home/config.js";
import { QUICK_RETURN_MS } from "./quick-return.js";

let daemon: Daemon | undefined;
const stop = async (drainMs: number) => {
  await daemon?.close(drainMs);
  process.exit(0);
};
process.umask(0o077);
const config = readConfig();
daemon = await startDaemon({
  ...config,
  clock: systemClock,
  random: Math.random,
  log: openLogFile(config.paths.logFile, systemClock).log,
  leaseReturnMs: QUICK_RETURN_MS,
  onShutdown: (drainMs) => void stop(drainMs),
  onHomeLost: () => void stop(0),
});
process.once("SIGTERM", () => void stop(0));
