/** Asks before something that can't be undone. */
import { createInterface } from "node:readline/promises";
import { endOnInterrupt } from "./interrupt.js";

/** Asks on the terminal; anything but yes is no. Without a terminal there is nobody to ask: yes. */
export async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  endOnInterrupt(terminal);
  // Ctrl-D answers nothing at all.
  const closed = new Promise<string>((resolve) => terminal.once("close", () => resolve("")));
  try {
    const answer = await Promise.race([terminal.question(`${question} [y/N] `), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}
