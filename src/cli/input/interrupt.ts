/** Ctrl-C while somebody is asked: readline takes it for itself, and a shell is to hear of it. */

/** The exit code of shells for what SIGINT ended. */
const INTERRUPTED = 130;

/** Ends this process when Ctrl-C is typed at a question. */
export function endOnInterrupt(terminal: {
  once(event: "SIGINT", listener: () => void): unknown;
  close(): void;
}): void {
  terminal.once("SIGINT", () => {
    terminal.close();
    process.stderr.write("\n");
    process.exit(INTERRUPTED);
  });
}
