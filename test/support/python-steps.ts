/** Programs with Python steps in a test's home. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ROOT, type ScratchHome } from "./home.js";
import { PYTHON_CLIENT, pythonEnvironment } from "./python-environment.js";

/** How a program ended. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end; a daemon is started by the home's own command. */
export async function runPython(
  home: ScratchHome,
  text: string,
  args: readonly string[],
): Promise<ProgramEnd> {
  const python = await pythonEnvironment(PYTHON_CLIENT);
  const env = {
    ...home.env,
    PYTHONPATH: join(ROOT, "clients/python/src"),
    STEPWELL_COMMAND: `${process.execPath} ${join(ROOT, "build/stepwell.js")}`,
  };
  const child = spawn(python, ["-c", text, ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].on("data", (bytes: Buffer) => {
      output[stream] += String(bytes);
    });
  const timer = setTimeout(() => child.kill("SIGKILL"), 240_000);
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(timer);
  return { code, ...output };
}
