/**
 * The daemon's log: one JSON line for each event, in a file that is set aside as ".1"
 * when it grows too large. One such file is kept, so that the log is bounded.
 */
import { chmodSync, closeSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";
import type { Clock } from "../model/clock.js";
import { LOG_FILE_BYTES_MAX } from "../model/limits.js";
import type { Log } from "../model/log.js";

export interface LogFile {
  readonly log: Log;
  close(): void;
}

/** Opens the log for appending. */
export function openLogFile(path: string, clock: Clock): LogFile {
  let file = openSync(path, "a", 0o600);
  chmodSync(path, 0o600);
  let bytes = fstatSync(file).size;
  return {
    log: (level, message, facts = {}) => {
      const line = `${JSON.stringify({ time: new Date(clock.nowMs()).toISOString(), level, message, ...facts })}\n`;
      if (bytes > LOG_FILE_BYTES_MAX) {
        closeSync(file);
        renameSync(path, `${path}.1`);
        file = openSync(path, "a", 0o600);
        bytes = 0;
      }
      try {
        bytes += writeSync(file, line);
      } catch {
        // A full disk must not end the daemon: what it can't log it goes on without.
      }
    },
    close: () => closeSync(file),
  };
}
