/**
 * A home of its own for a test, with the real command and the real daemon in it. When the
 * test is over, whatever became of it, no process of that home lives and nothing is left.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { ExecutionContext } from "ava";
import { type Endpoint, type HomePaths, homeOf, readEndpoint } from "../../src/home/endpoint.js";
import { ensureBundle } from "./bundle.js";
import { type Answered, runHere } from "./command-here.js";
import { daemonWords } from "./daemon-words.js";

/** The repository. */
export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const DAEMON_ENTRY = join(ROOT, "build/stepwell-daemon.cjs");

/** Homes whose test is not over; should the test's process end before that, so do theirs. */
const inUse = new Set<HomePaths>();
process.once("exit", () => inUse.forEach(endProcesses));

/** The keychain of whoever runs the tests is none of theirs. */
const NO_KEYCHAIN = { DBUS_SESSION_BUS_ADDRESS: "unix:path=/none" };

/** What runs say of themselves is tested for itself. */
const QUIET = { STEPWELL_QUIET: "1" };

/** What programs write is kept where that is what is tested: each has an artifact of its own then. */
const NO_OUTPUT = { STEPWELL_RUN_OUTPUT: "0" };

/** What a command in a process of its own left behind. */
export interface CommandResult extends Answered {
  readonly elapsedMs: number;
}

/** A daemon that the test started as its own child. */
export interface DaemonProcess {
  readonly endpoint: Endpoint;
  readonly child: ChildProcess;
  /** Sends the signal and resolves to the exit code, null after a signal that ends at once. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** How a daemon is started by startDaemon. */
export interface DaemonOptions {
  /** Another program than this build's. */
  readonly entry?: string;
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface ScratchHome {
  readonly paths: HomePaths;
  /** The environment of everything in this home. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs the bundled command to its end, with more environment and standard input if given. Ends it after ten minutes. */
  stepwell(
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
    input?: string,
  ): Promise<CommandResult>;
  /** The same in the test's own process, which costs a tenth: for what stands beside a test's subject. */
  here(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Answered>;
  /** Runs the command with `-o json` and parses its answer. Throws when it exits with another code than 0. */
  json(args: readonly string[]): Promise<unknown>;
  /** The endpoint of the home's daemon, which the command starts where there is none. */
  startDaemonOrFind(): Promise<string>;
  /** Starts the daemon as a child of the test and resolves when its endpoint file is there. */
  startDaemon(options?: DaemonOptions): Promise<DaemonProcess>;
}

/** Makes a home. `name` is the folder's name inside the scratch folder. */
export async function scratchHome(
  t: Pick<ExecutionContext, "teardown">,
  name = "home",
): Promise<ScratchHome> {
  const command = await ensureBundle();
  const folder = realpathSync(await mkdtemp(join(tmpdir(), "stepwell-test-")));
  const env = {
    ...inheritedEnvironment(),
    ...NO_KEYCHAIN,
    ...QUIET,
    ...NO_OUTPUT,
    STEPWELL_HOME: join(folder, name),
    // What is installed for all homes of a user is none of theirs.
    XDG_DATA_HOME: join(folder, "data"),
  };
  const paths = homeOf(env);
  inUse.add(paths);
  t.teardown(async () => {
    // A command that is still starting a daemon may do so between two looks.
    for (let round = 0; round < 50 && endProcesses(paths) > 0; round++) await sleep(20);
    inUse.delete(paths);
    // The socket is elsewhere where the home's path is long.
    for (const left of [folder, dirname(paths.socketPath)]) await rm(left, { recursive: true, force: true });
  });
  const stepwell: ScratchHome["stepwell"] = (args, more, input) =>
    runCommand(command, args, { ...env, ...more }, input);
  return {
    paths,
    env,
    stepwell,
    here: (args, more) => runHere(args, { ...env, ...more }),
    json: async (args) => {
      const result = await runHere([...args, "--output=json"], env);
      if (result.code === 0) return JSON.parse(result.stdout) as unknown;
      throw new Error(`stepwell ${args.join(" ")} exited with ${result.code}: ${result.stderr}`);
    },
    startDaemonOrFind: async () => {
      const result = await runHere(["daemon", "start"], env);
      const found = readEndpoint(paths);
      if (result.code === 0 && found) return found.endpoint;
      throw new Error(`stepwell daemon start exited with ${result.code}: ${result.stderr}`);
    },
    startDaemon: (options = {}) => startDaemon(paths, env, options),
  };
}

/** Makes this build's daemon with another version number; resolves to its program. */
export async function daemonOfVersion(version: string): Promise<string> {
  const name = /stepwell\/daemon-\w+\.cjs/.exec(readFileSync(DAEMON_ENTRY, "utf8"))?.[0] ?? "";
  const bundle = readFileSync(join(ROOT, "build", name), "utf8");
  const text = bundle.replace(/^(\s*var VERSION = )"[^"]+";$/m, `$1${JSON.stringify(version)};`);
  if (text === bundle) throw new Error(`${name} names no version`);
  // Beside the bundle: it names programs and workers by its own place.
  const folder = join(ROOT, "build", "test-daemons");
  await mkdir(folder, { recursive: true });
  const path = join(folder, `of-${version}.cjs`);
  await writeFile(`${path}.${process.pid}`, `${text.trimEnd()}(require, __filename);\n`);
  await rename(`${path}.${process.pid}`, path);
  return path;
}

function inheritedEnvironment(): Record<string, string> {
  const isOurs = (name: string) => /^(STEPWELL|MLFLOW|ZENML)_/.test(name);
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (pair): pair is [string, string] => pair[1] !== undefined && !isOurs(pair[0]),
    ),
  );
}

function runCommand(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input = "",
): Promise<CommandResult> {
  const begin = performance.now();
  const limits = { env, timeout: 600_000, maxBuffer: 1 << 26 };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [command, ...args], limits, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
      resolve({ code, stdout, stderr, elapsedMs: performance.now() - begin });
    });
    // Most commands end without having read it.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

async function startDaemon(
  paths: HomePaths,
  env: Readonly<Record<string, string>>,
  options: DaemonOptions,
): Promise<DaemonProcess> {
  mkdirSync(join(paths.logFile, ".."), { recursive: true });
  const log = openSync(paths.logFile, "a", 0o600);
  const args = [...daemonWords(options.entry ?? DAEMON_ENTRY), ...(options.flags ?? [])];
  const child = spawn(process.execPath, args, {
    env: { ...env, ...options.env },
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const exited = once(child, "exit");
  for (const end = performance.now() + 120_000; performance.now() < end; ) {
    const endpoint = readEndpoint(paths);
    if (endpoint && endpoint.pid === child.pid)
      return { endpoint, child, end: (signal) => endChild(child, exited, signal) };
    if (child.exitCode !== null) break;
    await sleep(10);
  }
  child.kill("SIGKILL");
  throw new Error(`The daemon did not start:\n${readFileSync(paths.logFile, "utf8")}`);
}

async function endChild(
  child: ChildProcess,
  exited: Promise<unknown[]>,
  signal: NodeJS.Signals,
): Promise<number | null> {
  child.kill(signal);
  const [code] = await exited;
  return typeof code === "number" ? code : null;
}

/** Kills the daemon and the commands of this home; says how many there were. */
function endProcesses(paths: HomePaths): number {
  const pids = process.platform === "linux" ? pidsByEnvironment(paths.home) : endpointPid(paths);
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has just ended by itself.
    }
  }
  return pids.length;
}

/** No other test's process has this home in its environment. */
function pidsByEnvironment(home: string): number[] {
  const mark = `STEPWELL_HOME=${home}`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => environmentOf(name).split("\0").includes(mark))
    .map(Number);
}

/** Empty for a process that has gone, a zombie, and one of another user. */
function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
}

function endpointPid(paths: HomePaths): number[] {
  const pid = readEndpoint(paths)?.pid;
  return pid === undefined || pid === process.pid ? [] : [pid];
}
