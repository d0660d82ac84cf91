import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensureBundle } from "./bundle.js";
import { ROOT, type ScratchHome } from "./home.js";

/** Whether a terminal can be had: Python makes it. */
export function hasTerminal(): boolean {
  return spawnSync("python3", ["-c", "import pty"]).status === 0;
}

/** Runs the command on a terminal and types an answer at each expected text. `shown` is all that the terminal showed. */
export async function onTerminal(
  home: ScratchHome,
  args: readonly string[],
  steps: readonly (readonly [expected: string, answer: string])[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly shown: string }> {
  const program = [join(ROOT, "test/support/terminal.py"), JSON.stringify(steps)];
  const command = [process.execPath, await ensureBundle(), ...args];
  return new Promise((resolve) => {
    execFile(
      "python3",
      [...program, ...command],
      { env: { ...home.env, ...env }, timeout: 300_000 },
      (error, stdout) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? -1), shown: stdout });
      },
    );
  });
}
