/** One question to a program of our own in a process of its own: on its stdin alone, with a deadline. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { privateFlags } from "../home/private-memory.js";
import { startProcess } from "../home/start-process.js";
import { PROGRAM_ANSWER_CHARACTERS_MAX } from "../model/limits.js";

/** The program that answers, and how long it may take. */
export interface ProgramCalls {
  readonly program: string;
  readonly timeoutMs: number;
}

/** What came of a question: "late" when the deadline ended the program, "silent" when it ended by itself, or said too much. */
export type Reply<Answer> =
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "late" }
  | { readonly kind: "silent" };

/** Asks, in JSON. Nothing of the request is in an argument, the environment or an error. */
export async function askProgram<Request, Answer>(
  { program, timeoutMs }: ProgramCalls,
  request: Request,
): Promise<Reply<Answer>> {
  const start = () =>
    spawn(process.execPath, [...privateFlags(), program], {
      stdio: ["pipe", "pipe", "ignore"],
      timeout: timeoutMs,
      killSignal: "SIGKILL",
    });
  const child = await startProcess(start).catch(() => undefined);
  if (!child) return { kind: "silent" };
  // It may end before it has read anything.
  child.stdin.on("error", () => undefined);
  child.stdin.end(JSON.stringify(request));
  const [said] = await Promise.all([answerIn(child), once(child, "close").catch(() => undefined)]);
  if (said === undefined) return { kind: "silent" };
  if (child.killed) return { kind: "late" };
  try {
    return { kind: "answer", answer: JSON.parse(said) as Answer };
  } catch {
    // It said nothing, or was cut off: the parser's message would show a part of it.
    return { kind: "silent" };
  }
}

/** All that it says; undefined, and its end, when that is more than it can have to say. */
async function answerIn(child: ChildProcessByStdio<Writable, Readable, null>): Promise<string | undefined> {
  let said = "";
  for await (const piece of child.stdout.setEncoding("utf8")) {
    said += String(piece);
    if (said.length <= PROGRAM_ANSWER_CHARACTERS_MAX) continue;
    child.kill("SIGKILL");
    return undefined;
  }
  return said;
}
