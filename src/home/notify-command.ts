/**
 * Runs the command that a user wants to be told by. It is the user's own line for a shell; what there is to tell never
 * becomes a part of it: it comes as JSON on standard input, and its sentence in a variable.
 */
import { spawn } from "node:child_process";
import type { Environment } from "./endpoint.js";
import { startProcess } from "./start-process.js";

/** The variable with the sentence. */
const NOTIFY_TEXT = "STEPWELL_NOTIFY_TEXT";
/** How long the command may take. */
const NOTIFY_MS_MAX = 30_000;
/** Of a sentence: names of runs can be long, and a variable must not be. */
const TEXT_CHARACTERS_MAX = 1_000;

/** Every event, as users name them. */
export const NOTIFY_EVENTS = [
  ...([
    "run_ended",
    "run_failed",
    "run_lost",
    "held",
    "dead_letters",
    "quota_near",
    "disk_nearly_full",
  ] as const),
] as const;

export type NotifyEventName = (typeof NOTIFY_EVENTS)[number];

/** Something that happened. */
export interface NotifyEvent {
  readonly event: NotifyEventName;
  /** One sentence for people. */
  readonly text: string;
  /** Facts by name, in the manner of the command's answers. */
  readonly [fact: string]: string | number;
}

/** What the command gets: all that happened since it was called last. */
export interface Notification {
  readonly events: readonly NotifyEvent[];
  /** How many more there were than are told. */
  readonly more: number;
}

/** Runs it to its end; resolves to why that was in vain, in a few words, and never rejects. */
export async function tellByCommand(
  command: string,
  { events, more }: Notification,
  env: Environment,
  msMax = NOTIFY_MS_MAX,
): Promise<string | undefined> {
  const text = textOf(events, more);
  const start = () =>
    spawn(command, {
      shell: true,
      // Its own group, so that what it started ends with it.
      detached: process.platform !== "win32",
      stdio: ["pipe", "ignore", "ignore"],
      env: { ...env, [NOTIFY_TEXT]: text },
    });
  const child = await startProcess(start).catch((error: Error) => error);
  if (child instanceof Error) return child.message;
  return await new Promise((resolve) => {
    const timer = setTimeout(() => {
      end(child.pid);
      resolve(`it took more than ${msMax / 1_000} s`);
    }, msMax);
    const over = (reason: string | undefined) => {
      clearTimeout(timer);
      resolve(reason);
    };
    child.once("error", ({ message }) => over(message));
    child.once("exit", (code, signal) => over(code === 0 ? undefined : (signal ?? `it exited with ${code}`)));
    // It may read nothing.
    child.stdin.on("error", () => undefined);
    child.stdin.end(`${JSON.stringify({ text, events, ...(more > 0 ? { more } : {}) })}\n`);
  });
}

function textOf(events: readonly NotifyEvent[], more: number): string {
  const [first, ...others] = events;
  const rest = others.length + more;
  const text = `Stepwell: ${first?.text ?? ""}${rest > 0 ? ` And ${rest} more.` : ""}`;
  // No variable holds a NUL, and no line of a mail's subject another line.
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").slice(0, TEXT_CHARACTERS_MAX);
}

function end(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It ended just now.
  }
}
