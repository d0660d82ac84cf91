/** Programs with Python steps in a test's home. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { ROOT, type ScratchHome } from "./home.js";
import { PYTHON_CLIENT, type PythonRequirements, pythonEnvironment } from "./python-environment.js";

/** How a program ended. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. */
export interface PythonProgram {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** Resolves when the program has written this text to its standard output. Throws where it ends without. */
  said(text: string): Promise<void>;
  readonly ended: Promise<ProgramEnd>;
}

/**
 * Starts a program, inside of another command, with other packages and in a folder if given; a daemon is started
 * by the home's own command. It is killed after a quarter of an hour.
 */
export async function startPython(
  home: ScratchHome,
  text: string,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
  around: readonly string[] = [],
  packages: PythonRequirements = PYTHON_CLIENT,
  cwd: string = process.cwd(),
): Promise<PythonProgram> {
  const python = await pythonEnvironment(packages);
  const env = { ...home.env, ...pythonVariables(), ...more };
  const [command = python, ...words] = [...around, python, "-c", text, ...args];
  const child = spawn(command, words, { cwd, env, stdio: ["pipe", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].on("data", (bytes: Buffer) => {
      output[stream] += String(bytes);
    });
  const timer = setTimeout(() => child.kill("SIGKILL"), 900_000);
  const ended = once(child, "close").then(([code]: unknown[]) => {
    clearTimeout(timer);
    return { code: code as number | null, ...output };
  });
  const said = async (wanted: string) => {
    while (!output.stdout.includes(wanted)) {
      const next = await Promise.race([once(child.stdout, "data"), ended]);
      if (!Array.isArray(next)) throw new Error(`The program ended: ${JSON.stringify(next)}`);
    }
  };
  return { child, said, ended };
}

/** What a Python program needs in its environment to be a client of this build. */
function pythonVariables(): Record<string, string> {
  return {
    PYTHONPATH: join(ROOT, "clients/python/src"),
    STEPWELL_COMMAND: `${process.execPath} ${join(ROOT, "build/stepwell.js")}`,
  };
}

/** Runs a program to its end, without standard input. */
export async function runPython(
  home: ScratchHome,
  text: string,
  args: readonly string[],
): Promise<ProgramEnd> {
  const { child, ended } = await startPython(home, text, args);
  child.stdin.end();
  return await ended;
}
