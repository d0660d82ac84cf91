/**
 * Files that are read again when they change: looked at now and then, when somebody comes, and when the relay is told
 * to (SIGHUP). Links are followed: a mounted secret is renewed by changing where one points. What can't be used,
 * because it is half written or wrong, changes nothing, and is looked at again.
 */
import { statSync } from "node:fs";
import { toStepwellError } from "../../errors/stepwell-error.js";
import type { Log } from "../../model/log.js";

const LOOK_MS = 2_000;

export interface WatchedFilesOptions {
  readonly paths: readonly string[];
  /** What they say, in the log. */
  readonly what: string;
  readonly log: Log;
  /** Reads them. What it throws is logged. */
  readonly read: () => void;
}

export class WatchedFiles {
  readonly #options: WatchedFilesOptions;
  #stamp: string;
  /** What the log said last. */
  #said = "";
  #timer: NodeJS.Timeout | undefined;

  /** The files were read, or are read next. */
  constructor(options: WatchedFilesOptions) {
    this.#options = options;
    this.#stamp = this.#stampNow();
  }

  watch(): void {
    this.#timer = setInterval(() => this.look(false), LOOK_MS).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Reads the files if they changed; `anyway`: also if not. */
  look(anyway: boolean): void {
    const { read, what, log, paths } = this.#options;
    const now = this.#stampNow();
    if (paths.length === 0 || (now === this.#stamp && !anyway)) return;
    try {
      read();
      this.#stamp = now;
      this.#said = "";
      log("info", `${what} was read again`);
    } catch (error) {
      const { code, message: reason } = toStepwellError(error);
      if (this.#said !== reason)
        log("error", `${what} can't be read again; what it was before stays`, { code, reason });
      this.#said = reason;
    }
  }

  #stampNow(): string {
    return this.#options.paths.map(stampOf).join(" ");
  }
}

function stampOf(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return "away";
  }
}
