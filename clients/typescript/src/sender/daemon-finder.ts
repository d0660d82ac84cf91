/** Where the daemon is, and how it is started when it is nowhere. */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { clientFault, type Fault } from "../errors.js";
import { DAEMON_START_PAUSE_MS_MAX, DAEMON_START_PAUSE_MS_MIN, DAEMON_START_WAIT_MS } from "../limits.js";
import type { ClientSettings } from "../settings.js";
import { shellWords } from "./shell-words.js";

/** A gRPC target, or why there is none. */
export type Found = { readonly target: string } | { readonly fault: Fault };

/** Finds the daemon of one home. */
export class DaemonFinder {
  readonly #settings: ClientSettings;
  #startPauseMs = DAEMON_START_PAUSE_MS_MIN;
  #startNotBeforeMs = 0;
  /** Why the last start failed, if it did. */
  #startFault: Fault | undefined;

  constructor(settings: ClientSettings) {
    this.#settings = settings;
  }

  /**
   * The daemon's target. With `isSilent` the one in the endpoint file did not answer, so
   * a daemon is started, as it is when there is no file.
   */
  async find(isSilent: boolean): Promise<Found> {
    if (this.#settings.endpoint !== undefined) return { target: this.#settings.endpoint };
    const known = await this.#readEndpoint();
    if (known !== undefined && !isSilent) return { target: known };
    await this.#start();
    const target = await this.#readEndpoint();
    if (target !== undefined) return { target };
    return { fault: this.#startFault ?? unreachable(`There is no daemon in ${this.#settings.home}.`) };
  }

  async #readEndpoint(): Promise<string | undefined> {
    try {
      const content: unknown = JSON.parse(await readFile(join(this.#settings.home, "endpoint.json"), "utf8"));
      const isEndpoint = typeof content === "object" && content !== null && "endpoint" in content;
      return isEndpoint && typeof content.endpoint === "string" ? content.endpoint : undefined;
    } catch {
      // No file, or not readable: either way there is no daemon to be found by it.
      return undefined;
    }
  }

  /** Runs `stepwell daemon start`, at most once in a while: less and less often while it fails. */
  async #start(): Promise<void> {
    if (!this.#settings.autostart || Date.now() < this.#startNotBeforeMs) return;
    this.#startFault = await runStart(this.#settings);
    const hasFailed = this.#startFault !== undefined;
    this.#startPauseMs = hasFailed ? 2 * this.#startPauseMs : DAEMON_START_PAUSE_MS_MIN;
    this.#startPauseMs = Math.min(this.#startPauseMs, DAEMON_START_PAUSE_MS_MAX);
    this.#startNotBeforeMs = Date.now() + this.#startPauseMs;
  }
}

function runStart({ command, home }: ClientSettings): Promise<Fault | undefined> {
  const [program, ...args] = shellWords(command);
  if (program === undefined) return Promise.resolve(unreachable("STEPWELL_COMMAND names no command."));
  return new Promise((resolve) => {
    const child = spawn(program, [...args, "daemon", "start"], {
      stdio: "ignore",
      detached: true,
      env: { ...process.env, STEPWELL_HOME: home },
      timeout: DAEMON_START_WAIT_MS,
    });
    child.on("error", (error) => resolve(unreachable(`${program} can't be run: ${error.message}.`)));
    child.on("exit", (code, signal) => {
      const ended = signal ?? `exit code ${code}`;
      resolve(code === 0 ? undefined : unreachable(`"${command} daemon start" ended with ${ended}.`));
    });
  });
}

function unreachable(sentence: string): Fault {
  return clientFault("STEPWELL_DAEMON_UNREACHABLE", sentence);
}
