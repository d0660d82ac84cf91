/** One question to a program of our own in a process of its own: on its stdin alone, with a deadline. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { privateFlags } from "../home/private-memory.js";

/** The program that answers, and how long it may take. */
export interface ProgramCalls {
  readonly program: string;
  readonly timeoutMs: number;
}

/** What came of a question: "late" when the deadline ended the program, "silent" when it ended by itself. */
export type Reply<Answer> =
  | { readonly kind: "answer"; readonly answer: Answer }
  | { readonly kind: "late" }
  | { readonly kind: "silent" };

/** Asks, in JSON. Nothing of the request is in an argument, the environment or an error. */
export async function askProgram<Request, Answer>(
  { program, timeoutMs }: ProgramCalls,
  request: Request,
): Promise<Reply<Answer>> {
  const child = spawn(process.execPath, [...privateFlags(), program], {
    stdio: ["pipe", "pipe", "ignore"],
    timeout: timeoutMs,
    killSignal: "SIGKILL",
  });
  // It may end before it has read anything.
  child.stdin.on("error", () => undefined);
  child.stdin.end(JSON.stringify(request));
  const [said] = await Promise.all([text(child.stdout), once(child, "close").catch(() => undefined)]);
  if (child.killed) return { kind: "late" };
  try {
    return { kind: "answer", answer: JSON.parse(said) as Answer };
  } catch {
    // It said nothing, or was cut off: the parser's message would show a part of it.
    return { kind: "silent" };
  }
}
