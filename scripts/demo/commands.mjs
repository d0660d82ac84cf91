/**
 * Runs commands for the demo and shows them as a user would type them.
 *
 * Each runs in a process group of its own, so that Ctrl-C reaches the demo alone, which then ends
 * them in order and stops its daemon. An aborted demo lets `daemon start` come to its end: half a
 * start could leave a daemon that nobody stops.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { root } from "../install.mjs";

const killWaitMs = 5_000;

/** What went wrong, in a sentence for the user. */
export class DemoError extends Error {}

/** The environment of all that the demo runs: its own home, and nothing of a daemon that the user has. */
export function environmentOf(home) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(STEPWELL|MLFLOW)_/.test(name));
  const command = [process.execPath, join(root, "build", "stepwell.js")].map(quote).join(" ");
  return { ...Object.fromEntries(inherited), STEPWELL_HOME: home, STEPWELL_COMMAND: command };
}

/** A word as a shell reads it. */
export function quote(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * Runs `stepwell` with arguments, shows the command and what it says, and resolves to its answer on
 * stdout. Rejects with a DemoError when it fails or `signal` aborts.
 */
export async function stepwell(args, { env, signal, isAnswerShown = true }) {
  console.log(`$ npx stepwell ${args.map(quote).join(" ")}`);
  const answer = [];
  const said = [];
  await run([process.execPath, join(root, "build", "stepwell.js"), ...args], {
    env,
    signal,
    name: `stepwell ${args.join(" ")}`,
    isEndAwaited: args[0] === "daemon",
    onLine: (line, stream) => {
      (stream === "stdout" ? answer : said).push(line);
      if (isAnswerShown || stream === "stderr") console.log(`  ${line}`);
    },
    whyFailed: () => said.join(" "),
  });
  return answer.join("\n");
}

/**
 * Runs a program to its end and hands on its lines, of stdout and stderr. Rejects with a DemoError when
 * it does not exit with 0. When `signal` aborts it is interrupted, unless its end is awaited.
 */
export async function run(
  [command, ...args],
  { env, signal, name, onLine, whyFailed, isEndAwaited = false },
) {
  signal?.throwIfAborted();
  const child = spawn(command, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const ended = new Promise((resolve, reject) => {
    child.once("error", (error) => reject(new DemoError(`${name} can't be run: ${error.message}`)));
    child.once("close", (code, by) => resolve(code ?? by));
  });
  for (const stream of ["stdout", "stderr"])
    createInterface({ input: child[stream] }).on("line", (line) => onLine(line, stream));
  let timer;
  const interrupt = () => {
    if (isEndAwaited) return;
    child.kill("SIGINT");
    timer = setTimeout(() => child.kill("SIGKILL"), killWaitMs);
  };
  signal?.addEventListener("abort", interrupt);
  try {
    const code = await ended;
    signal?.throwIfAborted();
    if (code !== 0) throw new DemoError(`${name} ended with ${code}. ${whyFailed()}`.trim());
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", interrupt);
  }
}
