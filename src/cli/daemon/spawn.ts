/** Starts a daemon that outlives this command and holds on to nothing of it. */
import { spawn } from "node:child_process";
import { closeSync, existsSync, fstatSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { StepwellError } from "../../errors/stepwell-error.js";
import { ERRORS, type ErrorCode } from "../../errors/table.js";
import type { Environment, HomePaths } from "../../home/endpoint.js";
import { openForAppending, readPlainSync } from "../../home/plain-file.js";
import { privateFlags, withoutCoreDump } from "../../home/private-memory.js";

/** What a daemon inherits of its environment; beside it, its own STEPWELL_ settings. Nothing else: no credentials. */
const INHERITED = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "LANG",
  "LANGUAGE",
  "TZ",
  "TMPDIR",
  "DBUS_SESSION_BUS_ADDRESS",
  // Where Databricks' profiles are: a path.
  "DATABRICKS_CONFIG_FILE",
];

/** What OpenTelemetry's SDK is told; it goes to a daemon that is to push its metrics, and to no other. */
const TELEMETRY =
  /^OTEL_(?:EXPORTER_OTLP_[A-Z_]+|METRIC_EXPORT_(?:INTERVAL|TIMEOUT)|RESOURCE_ATTRIBUTES|SERVICE_NAME|SDK_DISABLED)$/;

/** Settings that are about finding a daemon, not about being one. */
const OURS = ["STEPWELL_ENDPOINT", "STEPWELL_AUTOSTART", "STEPWELL_COMMAND"];

/**
 * One arena for all of glibc's threads: with one each, what a drain allocates and frees
 * outside the JavaScript heap stays with the process (measured: 149 MB instead of 119).
 */
const ALLOCATOR = { MALLOC_ARENA_MAX: "1" };

/**
 * Each thread's heap. The young one in MB: with V8's 16 what is received at full speed takes 25 MB more, and no less
 * time. The old one is looked through when it has grown by so many percent, what is allocated beside it included:
 * by V8's own measure, which differs from start to start, that is 20 MB more at full speed, and no faster.
 */
const HEAP = ["--max-semi-space-size=4", "--heap-growing-percent=50"];

/** A daemon that was started. */
export interface SpawnedDaemon {
  readonly pid: number;
  /** How its process ended; undefined while it lives. */
  ending(): Ending | undefined;
  /** Why it ended: what it said in its log, as an error, or else how. */
  lastWords(): StepwellError;
}

/**
 * How a daemon's process ended: by itself, or because somebody killed it or told it to end, which
 * says nothing of the next one; or it could not even be made.
 */
export type Ending =
  | { readonly kind: "failed"; readonly code: number }
  | { readonly kind: "ended by others"; readonly how: string }
  | { readonly kind: "not made"; readonly reason: string };

/** Where in which file a daemon's log began: the file may be set aside, and another takes its place. */
interface LogBegin {
  readonly inode: number;
  readonly offset: number;
}

/** Starts the daemon of a home that prepareHome has made. Does not wait for it. */
export function spawnDaemon(paths: HomePaths, env: Environment, flags: readonly string[]): SpawnedDaemon {
  const log = tryOpen(paths.logFile);
  const begin = log === undefined ? undefined : beginOf(log);
  const output = log ?? "ignore";
  try {
    const [interpreter = "", ...words] = daemonCommand(flags);
    const { program, args } = withoutCoreDump(interpreter, words);
    const child = spawn(program, args, {
      cwd: paths.home,
      // A session of its own: neither Ctrl-C nor the end of the terminal reaches it.
      detached: true,
      stdio: ["ignore", output, output],
      env: environmentOfDaemon(env, paths),
    });
    let ending: Ending | undefined;
    child.once("exit", (code, signal) => (ending = endingOf(code, signal)));
    child.once("error", ({ message }) => (ending = { kind: "not made", reason: message }));
    child.unref();
    return {
      pid: child.pid ?? 0,
      ending: () => ending,
      lastWords: () => lastWords(begin && said(paths.logFile, begin), ending),
    };
  } finally {
    if (log !== undefined) closeSync(log);
  }
}

/** A log that can't be written to is no reason to start no daemon. */
function tryOpen(logFile: string): number | undefined {
  try {
    return openForAppending(logFile);
  } catch {
    return undefined;
  }
}

/** The daemon's program with its interpreter and arguments: a process that stays in the foreground. */
export function daemonCommand(flags: readonly string[]): readonly string[] {
  // Without source maps: they would stay in memory (measured: 12 MB), and the built lines read like the source's.
  return [process.execPath, ...HEAP, ...privateFlags(), daemonProgram("daemon"), ...flags];
}

/** The environment of a daemon: an allow-list, so that nothing of a training step's shell gets into it. */
export function daemonEnvironment(env: Environment): Record<string, string> {
  const isWanted = (name: string) =>
    INHERITED.includes(name) ||
    (env["STEPWELL_METRICS_PUSH"] === "1" && TELEMETRY.test(name)) ||
    /^(XDG|LC)_/.test(name) ||
    (name.startsWith("STEPWELL_") && !OURS.includes(name));
  const pairs = Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return Object.fromEntries(pairs.filter(([name]) => isWanted(name)));
}

/** What a home's daemon is started with. */
export function environmentOfDaemon(env: Environment, { home }: HomePaths): Record<string, string> {
  return { ...daemonEnvironment(env), ...ALLOCATOR, STEPWELL_HOME: home };
}

/** Programs of the daemon's side, as they are built. */
const PROGRAMS = {
  daemon: "stepwell-daemon.cjs",
  doctor: "stepwell-doctor.cjs",
  relay: "stepwell-relay.cjs",
} as const;

/** One of them: below the nearest folder above this file that holds it, bundled or not. */
export function daemonProgram(name: keyof typeof PROGRAMS): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (folder !== dirname(folder)) {
    const entry = join(folder, PROGRAMS[name]);
    if (existsSync(entry)) return entry;
    folder = dirname(folder);
  }
  throw new StepwellError("STEPWELL_INTERNAL", "The daemon's program is missing: the package is not built.");
}

function beginOf(log: number): LogBegin {
  const { ino, size } = fstatSync(log);
  return { inode: ino, offset: size };
}

function endingOf(code: number | null, signal: NodeJS.Signals | null): Ending {
  if (signal !== null) return { kind: "ended by others", how: `killed by ${signal}` };
  return code === 0 ? { kind: "ended by others", how: "told to end" } : { kind: "failed", code: code ?? 0 };
}

/** The error that a daemon's log ends with, or how it ended with the last line of what it logged; undefined is no log. */
function lastWords(text: string | undefined, ending: Ending | undefined): StepwellError {
  // A path in it may hold line feeds; a daemon before it that is still ending may have written behind it.
  const errors = /(?:^|\n)error: ((?:(?!\nerror: ).)*?) \[(STEPWELL_[A-Z_]+)\](?=\n|$)/gs;
  const [, sentence, code] = [...(text ?? "").matchAll(errors)].at(-1) ?? [];
  if (sentence !== undefined && code !== undefined && isKnown(code)) return errorOf(code, sentence);
  const line = text?.trimEnd().split("\n").at(-1);
  const shown =
    line === undefined
      ? "its log can't be read"
      : line === ""
        ? "it wrote nothing to its log"
        : `its log's last line is: ${line}`;
  return new StepwellError("STEPWELL_DAEMON_UNREACHABLE", `${sentenceOf(ending)}; ${shown}`);
}

function sentenceOf(ending: Ending | undefined): string {
  if (ending === undefined) return "The daemon has not ended";
  if (ending.kind === "failed") return `The daemon did not start, and ended with ${ending.code}`;
  if (ending.kind === "not made") return `The daemon's process could not be made: ${ending.reason}`;
  return `The daemon was ${ending.how} before it answered`;
}

/** What is said ends with a remedy: the code's own, or one that only this case has. */
function errorOf(code: ErrorCode, said: string): StepwellError {
  const { remedy } = ERRORS[code];
  if (said.endsWith(remedy)) return new StepwellError(code, said.slice(0, -remedy.length).trimEnd());
  return new StepwellError(code, said, { remedy: "" });
}

/** What a log holds since it was at a point, also where its file was set aside meanwhile; undefined where that can't be read. */
function said(logFile: string, { inode, offset }: LogBegin): string | undefined {
  try {
    const isSetAside = statSync(logFile, { throwIfNoEntry: false })?.ino !== inode;
    if (!isSetAside) return readPlainSync(logFile, offset);
    const before = statSync(`${logFile}.1`, { throwIfNoEntry: false })?.ino === inode;
    const [older, newer] = [`${logFile}.1`, logFile];
    return (before ? readPlainSync(older, offset) : "") + (existsSync(newer) ? readPlainSync(newer) : "");
  } catch {
    return undefined;
  }
}

function isKnown(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
