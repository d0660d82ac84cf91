/** Where the daemon is, and how it is started when it is nowhere. */
import { spawn } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import {
  DAEMON_START_PAUSE_MS_MAX,
  DAEMON_START_PAUSE_MS_MIN,
  DAEMON_START_WAIT_MS,
  START_FAILURE_WARNING_MS,
} from "../contract.js";
import { clientFault, type Fault } from "../errors.js";
import type { ClientSettings } from "../settings.js";
import { shellWords } from "./shell-words.js";
import { foreignSocketFault, isSameFolder, keptHomeId, openHomeFault } from "./trust.js";

/** A gRPC target, or why there is none. */
export type Found = { readonly target: string } | { readonly fault: Fault };

const COMMAND_REMEDY = "Put stepwell on the PATH, or set STEPWELL_COMMAND to what runs it.";

/** Finds the daemon of one home. */
export class DaemonFinder {
  readonly #settings: ClientSettings;
  #startPauseMs = DAEMON_START_PAUSE_MS_MIN;
  /** Of the monotonic clock. */
  #startNotBeforeMs = 0;
  /** Why the last start failed, if it did. */
  #startFault: Fault | undefined;

  constructor(settings: ClientSettings) {
    this.#settings = settings;
  }

  /**
   * The daemon's target. With `isSilent` the one in the endpoint file did not answer, or was another
   * home's, so a daemon is started, as it is when there is no file.
   */
  async find(isSilent: boolean): Promise<Found> {
    const { home, endpoint } = this.#settings;
    if (home === undefined) return trusted(endpoint ?? "");
    const known = this.#readEndpoint(home);
    if (known !== undefined && !isSilent) return openHome(home) ?? trusted(known);
    await this.#start(home);
    const target = this.#readEndpoint(home);
    if (target !== undefined) return openHome(home) ?? trusted(target);
    return { fault: this.#startFault ?? unreachable(`There is no daemon in ${home}.`) };
  }

  /** Why the daemon that says to have this home is not the one that was looked for, if so. */
  foreignHome(homeId: string): Fault | undefined {
    const { home } = this.#settings;
    const kept = home === undefined ? undefined : keptHomeId(home);
    if (kept === undefined || kept === homeId) return undefined;
    return unreachable(`The daemon that answers has the home ${homeId}, and ${home} is ${kept}.`);
  }

  #readEndpoint(folder: string): string | undefined {
    try {
      const file = join(folder, "endpoint.json");
      // What stands there may be a pipe, which would hold this thread.
      if (!statSync(file).isFile()) return undefined;
      const content = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown> | null;
      const { endpoint, home } = content ?? {};
      const isOurs = typeof home === "string" && isSameFolder(home, folder);
      return isOurs && typeof endpoint === "string" ? endpoint : undefined;
    } catch {
      // No file, or not readable: either way there is no daemon to be found by it.
      return undefined;
    }
  }

  /** Runs `stepwell daemon start`, at most once in a while: less and less often while it fails. */
  async #start(home: string): Promise<void> {
    if (!this.#settings.autostart || performance.now() < this.#startNotBeforeMs) return;
    const words = shellWords(this.#settings.command);
    this.#startFault = await runStart(words, home, commandBeside(words));
    const hasFailed = this.#startFault !== undefined;
    this.#startPauseMs = hasFailed ? 2 * this.#startPauseMs : DAEMON_START_PAUSE_MS_MIN;
    this.#startPauseMs = Math.min(this.#startPauseMs, DAEMON_START_PAUSE_MS_MAX);
    this.#startNotBeforeMs = performance.now() + this.#startPauseMs;
  }
}

/** The target, unless another user could answer there. */
function trusted(target: string): Found {
  const fault = foreignSocketFault(target);
  return fault === undefined ? { target } : { fault };
}

function openHome(home: string): Found | undefined {
  const fault = openHomeFault(home);
  return fault && { fault };
}

/** The command of a package that is installed beside this one, for where `stepwell` is not on the PATH. */
function commandBeside(words: readonly string[]): string[] {
  if (words.length !== 1 || words[0] !== "stepwell") return [];
  try {
    const manifest = createRequire(import.meta.url).resolve("stepwell/package.json");
    return [process.execPath, join(dirname(manifest), "build", "stepwell.js")];
  } catch {
    // The client alone is installed.
    return [];
  }
}

/** Runs `daemon start`; by the other words where the first name no program. */
function runStart(
  words: readonly string[],
  home: string,
  other: readonly string[],
): Promise<Fault | undefined> {
  const [program, ...args] = words;
  if (program === undefined) return Promise.resolve(unreachable("STEPWELL_COMMAND names no command."));
  return new Promise((resolve) => {
    const child = spawn(program, [...args, "daemon", "start"], {
      stdio: ["ignore", "ignore", "pipe"],
      detached: true,
      env: { ...process.env, STEPWELL_HOME: home },
      timeout: DAEMON_START_WAIT_MS,
    });
    child.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT" && other.length > 0) return resolve(runStart(other, home, []));
      const fault = unreachable(`${program} can't be run: ${error.message}.`);
      resolve({ ...fault, remedy: COMMAND_REMEDY, patienceMs: 0 });
    });
    let said = "";
    child.stderr.on("data", (bytes: Buffer) => {
      if (said.length < COMMAND_OUTPUT_CHARACTERS_MAX) said += bytes.toString();
    });
    child.on("exit", (code, signal) => {
      const tell = () => {
        child.stderr.destroy();
        const ended = `"${words.join(" ")} daemon start" ended with ${signal ?? `exit code ${code}`}`;
        const fault = unreachable(`${ended}${reasonIn(said)}`);
        resolve(code === 0 ? undefined : { ...fault, patienceMs: START_FAILURE_WARNING_MS });
      };
      if (code === 0) return tell();
      // What it said may come a moment later; one that lives on may hold the pipe open.
      child.once("close", tell);
      setTimeout(tell, COMMAND_OUTPUT_WAIT_MS);
    });
  });
}

/** What a command said of its end, on one line: the sentence, what to do and the code. */
function reasonIn(said: string): string {
  const lines = said.split("\n").map((line) => line.trim());
  const text = lines
    .filter((line) => line !== "")
    .join(" ")
    .replace(/^error: /, "")
    .slice(0, COMMAND_REASON_CHARACTERS_MAX);
  return text === "" ? "." : `: ${text}.`;
}

/** How much of what it said is read, and told, and how long that may come after its end. */
const COMMAND_OUTPUT_CHARACTERS_MAX = 8_192;
const COMMAND_REASON_CHARACTERS_MAX = 600;
const COMMAND_OUTPUT_WAIT_MS = 200;

function unreachable(sentence: string): Fault {
  return clientFault("STEPWELL_DAEMON_UNREACHABLE", sentence);
}
