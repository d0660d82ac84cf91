/** `daemon run`: the daemon in the foreground, for a container or whatever else supervises programs. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { withoutCoreDump } from "../../home/private-memory.js";
import type { Context } from "../context.js";
import { daemonCommand, environmentOfDaemon } from "../daemon/spawn.js";
import { flagsOf, type StartOptions } from "./daemon.js";

const FORWARDED: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT"];

/** Runs it until it ends, and ends as it does. A second SIGTERM ends it at once, as the daemon's own does. */
export async function run(context: Context, options: Pick<StartOptions, "allowNetworkFs">): Promise<number> {
  const [interpreter = "", ...words] = daemonCommand(flagsOf(options));
  const { program, args } = withoutCoreDump(interpreter, words);
  const env = environmentOfDaemon(context.env, context.paths);
  const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"], env });
  for (const signal of FORWARDED) process.on(signal, () => child.kill(signal));
  // It is the daemon's terminal too: without a session of its own it would be sent away with it.
  process.on("SIGHUP", () => undefined);
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
