/** Starts, ends and looks at the supervisor of a deployment. */
import { spawn } from "node:child_process";
import { closeSync, rmSync } from "node:fs";
import type { Environment, HomePaths } from "../home/endpoint.js";
import { openForAppending } from "../home/plain-file.js";
import { privateFlags, withoutCoreDump } from "../home/private-memory.js";
import { isAlive, startTicksOf } from "../home/processes.js";
import { spawnLockHolder } from "../home/spawn-lock.js";
import { deadlineAfter, poll } from "../home/wait.js";
import { pathsOfDeployment } from "./deployment.js";
import type { Told } from "./local-parts.js";
import { type PartReport, readState } from "./state-file.js";

/** What a deployment on this machine does. */
export interface Standing {
  /** The supervisor's; undefined where none lives. */
  readonly pid: number | undefined;
  /** Whether it ended without being told to, as by a reboot. */
  readonly hasDied: boolean;
  readonly parts: readonly PartReport[];
}

/** One that was started just now. */
export interface SpawnedSupervisor {
  readonly ended: () => boolean;
  /** Asks it to end, also before it has said that it lives. */
  readonly end: () => void;
}

/** Servers get 15 s each to end in order, and the supervisor then kills them. */
const END_MS_MAX = 60_000;

/** How it is now. */
export function standingOf(paths: HomePaths, name: string): Standing {
  const { supervisorLock, stateFile } = pathsOfDeployment(paths, name);
  const holder = spawnLockHolder(supervisorLock);
  const parts = readState(stateFile);
  const lives = holder?.isAlive === true;
  // One that ends in order takes its lock along.
  return { pid: lives ? holder.pid : undefined, hasDied: holder !== undefined && !lives, parts };
}

/** Starts the supervisor, in a session of its own. What it says on stderr is in the deployment's log. */
export function spawnSupervisor(
  paths: HomePaths,
  env: Environment,
  command: readonly string[],
  { name, told }: { readonly name: string; readonly told: Told },
): SpawnedSupervisor {
  const { folder, stateFile, logFile } = pathsOfDeployment(paths, name);
  // What the last one told says nothing of this one.
  rmSync(stateFile, { force: true });
  const log = openForAppending(logFile);
  try {
    const [interpreter = "", ...words] = command;
    // It holds a password until the server has it.
    const { program, args } = withoutCoreDump(interpreter, [...privateFlags(), ...words]);
    const child = spawn(program, args, {
      cwd: folder,
      detached: true,
      stdio: ["pipe", log, log],
      env: { ...env },
    });
    let isEnded = false;
    child.once("exit", () => (isEnded = true));
    child.once("error", () => (isEnded = true));
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(`${JSON.stringify(told)}\n`);
    child.unref();
    return { ended: () => isEnded, end: () => void child.kill() };
  } finally {
    closeSync(log);
  }
}

/** Ends the supervisor with its servers, and servers that a killed one left; resolves to whether any lived. */
export async function endSupervisor(paths: HomePaths, name: string): Promise<boolean> {
  const { pid, parts } = standingOf(paths, name);
  if (pid !== undefined) {
    const startTicks = startTicksOf(pid);
    // It gives its lock back before its process ends. Where the system does not say when one began, that has to do.
    const lives = () => startTicks !== undefined && isAlive(pid, startTicks);
    const isGone = () => (standingOf(paths, name).pid === undefined && !lives() ? true : undefined);
    tryKill(pid, "SIGTERM");
    if (!(await poll(deadlineAfter(END_MS_MAX), isGone))) tryKill(pid, "SIGKILL");
    await poll(deadlineAfter(END_MS_MAX), isGone);
  }
  // Where the system does not say when a process began, the pid may be another's by now.
  const left = parts.filter((part) => part.startTicks !== "" && isAlive(part.pid, part.startTicks));
  for (const part of left.toReversed()) await endLeft(part);
  // From now on it is stopped, and has not died.
  rmSync(pathsOfDeployment(paths, name).supervisorLock, { force: true });
  return pid !== undefined || left.length > 0;
}

/** Ends a server that a killed supervisor left: most end with it, PostgreSQL and relays do not. */
async function endLeft({ pid, startTicks }: PartReport): Promise<void> {
  const isGone = () => (isAlive(pid, startTicks) ? undefined : true);
  tryKill(pid, "SIGTERM");
  if (!(await poll(deadlineAfter(END_MS_MAX), isGone))) tryKill(pid, "SIGKILL");
}

function tryKill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has just ended by itself.
  }
}
