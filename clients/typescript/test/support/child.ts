import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** How a program ended. */
export interface ChildResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly elapsedMs: number;
}

/** Runs a program of test/programs to its end, or kills it after four minutes. */
export function runProgram(
  name: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<ChildResult> {
  return runFile(fileURLToPath(new URL(`../programs/${name}.js`, import.meta.url)), env, args);
}

/** Runs a program to its end, or kills it after four minutes. */
export function runFile(
  program: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): Promise<ChildResult> {
  const beginMs = performance.now();
  const child = spawn(process.execPath, [program, ...args], {
    // What runs say of themselves is tested for itself.
    env: { ...process.env, STEPWELL_QUIET: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 240_000,
    killSignal: "SIGKILL",
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve({ code, signal, stdout, stderr, elapsedMs: performance.now() - beginMs });
    });
  });
}
