import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { ensureBundle } from "./bundle.js";
import { ROOT, type ScratchHome } from "./home.js";

/** Python without what is installed beside it, which takes half of its start. */
const ALONE = ["-I", "-S"];

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
): Promise<OnTerminal> {
  const words = [process.execPath, await ensureBundle(), ...args];
  return await onTerminalOf(words, { env: { ...home.env, ...env }, steps });
}

/** The same of any program. Python is the one on the PATH of the tests, whatever the program's is. */
export function onTerminalOf(
  words: readonly string[],
  { env, cwd, steps = [] }: TerminalOptions,
): Promise<OnTerminal> {
  const args = [...ALONE, join(ROOT, "test/support/terminal.py"), JSON.stringify(steps), ...words];
  const options = { env, timeout: 300_000, ...(cwd === undefined ? {} : { cwd }) };
  return new Promise((resolve) => {
    execFile(python(), args, options, (error, stdout) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), shown: stdout });
    });
  });
}

export interface OnTerminal {
  readonly code: number;
  readonly shown: string;
}

interface TerminalOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly steps?: readonly (readonly [expected: string, answer: string])[];
}

let found: string | undefined;
function python(): string {
  found ??= spawnSync("python3", ["-c", "import sys; print(sys.executable)"], {
    encoding: "utf8",
  }).stdout.trim();
  return found;
}
