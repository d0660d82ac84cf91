/** Signals that `run` gets are its program's. */
import type { ChildProcess } from "node:child_process";

const FORWARDED: readonly NodeJS.Signals[] = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2"];
/** What a terminal sends to the program by itself, once that is there. */
const FROM_TERMINAL: readonly NodeJS.Signals[] = ["SIGINT", "SIGQUIT"];
const ENDING: readonly NodeJS.Signals[] = ["SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT"];

/** What forwardSignals answers. */
export type Forwarding = ReturnType<typeof forwardSignals>;

/** Keeps the signals that this process gets from now on, for a program that is about to be started. */
export function forwardSignals(isAtTerminal = process.stdin.isTTY) {
  let child: Pick<ChildProcess, "kill"> | undefined;
  const early: NodeJS.Signals[] = [];
  let hasForwarded = false;
  const forward = (signal: NodeJS.Signals) => {
    hasForwarded ||= ENDING.includes(signal);
    // Ctrl-C before there is a program has reached nobody else.
    if (!child) early.push(signal);
    else if (!isAtTerminal || !FROM_TERMINAL.includes(signal)) child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  return {
    /** Sends the program what came before it, and what comes from now on. */
    to: (started: Pick<ChildProcess, "kill">) => {
      child = started;
      for (const signal of early) child.kill(signal);
    },
    /** Whether the program was asked to end. */
    hasForwarded: () => hasForwarded,
    stop: () => {
      for (const signal of FORWARDED) process.off(signal, forward);
    },
  };
}
