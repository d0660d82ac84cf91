/** What is typed at a terminal and must not be seen. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { StepwellError } from "../../errors/stepwell-error.js";
import { endOnInterrupt } from "./interrupt.js";

/** Asks questions on the terminal, one after the other, until they are closed. */
export interface Prompts {
  /** What was typed, shown as it is typed. */
  ask(question: string): Promise<string>;
  /** What was typed, not shown. */
  askHidden(question: string): Promise<string>;
  close(): void;
}

/** Throws STEPWELL_USAGE where there is no terminal; `instead` says what to do then. */
export function openPrompts(instead = "use --stdin or --values @FILE"): Prompts {
  if (!process.stdin.isTTY)
    throw new StepwellError("STEPWELL_USAGE", `This asks on a terminal, and there is none: ${instead}.`);
  let isHidden = false;
  // Readline echoes through its output: hidden means that nothing of it passes.
  const echo = new Writable({
    write: (bytes: Buffer, _encoding, callback) => {
      if (!isHidden) process.stderr.write(bytes);
      callback();
    },
  });
  const terminal = createInterface({ input: process.stdin, output: echo, terminal: true, historySize: 0 });
  endOnInterrupt(terminal);
  // Ctrl-D gives up: nothing is to be made of half an answer.
  const closed = new Promise<never>((_resolve, reject) =>
    terminal.once("close", () => reject(new StepwellError("STEPWELL_USAGE", "Nothing was changed."))),
  );
  closed.catch(() => undefined);
  const ask = (question: string, hidden: boolean) => {
    process.stderr.write(question);
    isHidden = hidden;
    const answer = new Promise<string>((resolve) => terminal.question("", resolve));
    return Promise.race([answer, closed]).finally(() => {
      isHidden = false;
      if (hidden) process.stderr.write("\n");
    });
  };
  return {
    ask: (question) => ask(question, false),
    askHidden: (question) => ask(question, true),
    close: () => terminal.close(),
  };
}
