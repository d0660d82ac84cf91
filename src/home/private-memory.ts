/**
 * Keeps what a process has in memory out of files and out of others' sight: it holds secrets.
 *
 * A core dump holds all of it. Node.js can't set its own limits, so who starts a program of ours lowers
 * them first, and the program, which may have been started by anybody, tells Linux to leave its memory out
 * of any dump, as one does that a handler takes whatever the limit. Its children inherit both. SIGUSR1
 * would open a debugger on a TCP port, to every user of the machine; a diagnostic report holds the environment.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const SHELL = "/bin/sh";
const PRLIMIT_MS_MAX = 5_000;

/** A program and its arguments, to be started so that it writes no core dump. Its process has the pid of what is started. */
export function withoutCoreDump(
  program: string,
  args: readonly string[],
): { readonly program: string; readonly args: readonly string[] } {
  if (!existsSync(SHELL)) return { program, args };
  // A shell that may not lower the limit starts it nevertheless.
  return { program: SHELL, args: ["-c", 'ulimit -c 0 2>/dev/null; exec "$@"', "stepwell", program, ...args] };
}

/** Node's own arguments for a program of ours: no debugger from the first moment, where this version knows how. */
export function privateFlags(): string[] {
  return ["--disable-sigusr1"].filter((flag) => process.allowedNodeEnvironmentFlags.has(flag));
}

/** Makes this process's memory its own affair. Never throws: what a system does not have it can't be told. */
export function keepMemoryPrivate(): void {
  // Once somebody listens, Node's own handler, which opens the debugger, is not asked.
  process.on("SIGUSR1", () => undefined);
  if (process.report) {
    process.report.reportOnFatalError = false;
    process.report.reportOnUncaughtException = false;
    process.report.reportOnSignal = false;
  }
  attempt(() => writeFileSync("/proc/self/coredump_filter", "0"));
}

/** Lowers this process's own limit, where whoever started it did not and a program is there that can. Never throws. */
export function forbidCoreDumps(): void {
  attempt(() => {
    if (coreLimitOf("self") === "0") return;
    spawnSync("prlimit", [`--pid=${process.pid}`, "--core=0:0"], {
      stdio: "ignore",
      timeout: PRLIMIT_MS_MAX,
    });
  });
}

/** What of a process's memory a core dump would hold, as far as the system tells. */
export function dumpsMemory(pid: number): "no" | "yes" | "unknown" {
  try {
    const filter = Number.parseInt(readFileSync(`/proc/${pid}/coredump_filter`, "utf8"), 16);
    return filter === 0 || coreLimitOf(pid) === "0" ? "no" : "yes";
  } catch {
    return "unknown";
  }
}

/** The soft limit of a core dump's bytes, or "unlimited". */
function coreLimitOf(pid: number | "self"): string | undefined {
  return /^Max core file size\s+(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, "utf8"))?.[1];
}

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // No Linux, or no such program.
  }
}
