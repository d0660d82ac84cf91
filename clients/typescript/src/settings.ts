import { userInfo } from "node:os";
import { join, resolve } from "node:path";
import { BUFFER_BYTES_MAX, EXIT_WAIT_MS } from "./contract.js";
import { StepwellClientError } from "./errors.js";

/** What a caller may set; the environment gives the rest. */
export interface ClientOptions {
  /** The daemon's folder. Default: STEPWELL_HOME, else `stepwell` in the XDG data folder. */
  readonly home?: string;
  /** A gRPC target, which ends the search for a daemon. Default: STEPWELL_ENDPOINT. */
  readonly endpoint?: string;
  /** Whether a daemon may be started. Default: true, unless STEPWELL_AUTOSTART is 0. */
  readonly autostart?: boolean;
  /** The command that starts one, with its arguments. Default: STEPWELL_COMMAND, else `stepwell`, on the PATH or beside this package. */
  readonly command?: string;
  /** Memory for entries without an acknowledgement, in bytes. Beyond it the newest are dropped. Default: STEPWELL_BUFFER_BYTES, else 256 MiB. */
  readonly bufferBytesMax?: number;
}

/** Every setting, decided. */
export interface ClientSettings {
  /** Undefined where an endpoint is given: its daemon may have any home. */
  readonly home: string | undefined;
  readonly endpoint: string | undefined;
  readonly autostart: boolean;
  readonly command: string;
  readonly bufferBytesMax: number;
  /** How long the end of the process waits for the next acknowledgement. */
  readonly exitWaitMs: number;
}

/** Completes the options. Throws STEPWELL_SETTING_INVALID and STEPWELL_HOME_UNUSABLE. */
export function completeOptions(options: ClientOptions, env: NodeJS.ProcessEnv): ClientSettings {
  const bufferBytesMax =
    options.bufferBytesMax ?? Math.trunc(numberIn(env, "STEPWELL_BUFFER_BYTES") ?? BUFFER_BYTES_MAX);
  if (!Number.isSafeInteger(bufferBytesMax) || bufferBytesMax <= 0) {
    throw new StepwellClientError(
      "STEPWELL_SETTING_INVALID",
      "bufferBytesMax must be a whole number above 0.",
    );
  }
  const endpoint = options.endpoint ?? given(env["STEPWELL_ENDPOINT"]);
  return {
    home: endpoint === undefined ? resolve(options.home ?? homeOf(env)) : undefined,
    endpoint,
    autostart: options.autostart ?? env["STEPWELL_AUTOSTART"] !== "0",
    command: options.command ?? given(env["STEPWELL_COMMAND"]) ?? "stepwell",
    bufferBytesMax,
    exitWaitMs: 1_000 * (numberIn(env, "STEPWELL_EXIT_TIMEOUT") ?? EXIT_WAIT_MS / 1_000),
  };
}

/** A variable's number, which is not negative. Throws STEPWELL_SETTING_INVALID. */
function numberIn(env: NodeJS.ProcessEnv, name: string): number | undefined {
  const text = given(env[name]);
  if (text === undefined) return undefined;
  const number = Number(text);
  if (number >= 0 && number < Number.POSITIVE_INFINITY) return number;
  throw new StepwellClientError(
    "STEPWELL_SETTING_INVALID",
    `${name} is ${JSON.stringify(text)}, which is no such number.`,
  );
}

function homeOf(env: NodeJS.ProcessEnv): string {
  const home = given(env["STEPWELL_HOME"]);
  if (home !== undefined) return home;
  const dataHome = given(env["XDG_DATA_HOME"]);
  if (dataHome !== undefined) return join(dataHome, "stepwell");
  const folder = given(env["HOME"]) ?? userFolder();
  if (folder !== undefined) return join(folder, ".local", "share", "stepwell");
  throw new StepwellClientError(
    "STEPWELL_HOME_UNUSABLE",
    "There is no folder for a home: neither STEPWELL_HOME nor HOME is set, and this user id has no entry in passwd.",
  );
}

/** The user's folder as the system knows it; a user id may have none, as in many containers. */
function userFolder(): string | undefined {
  try {
    return userInfo().homedir || undefined;
  } catch {
    return undefined;
  }
}

/** A variable that is set to nothing counts as not set. */
function given(variable: string | undefined): string | undefined {
  return variable === "" ? undefined : variable;
}
