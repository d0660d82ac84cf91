import { type ChildProcess, spawn } from "node:child_process";

/** Opens the page where there is a browser; where there is none the printed address has to do. */
export function openBrowser(url: string, platform = process.platform): void {
  // Each user of a Mac sees what others' programs were started with, and nothing there tells whose a connection is.
  if (platform === "darwin") {
    const child = start("osascript", ["-"], "pipe");
    child.stdin?.once("error", () => undefined);
    child.stdin?.end(`open location ${JSON.stringify(url)}\n`);
    return;
  }
  start(platform === "win32" ? "explorer" : "xdg-open", [url], "ignore");
}

function start(program: string, args: readonly string[], stdin: "ignore" | "pipe"): ChildProcess {
  const child = spawn(program, args, { stdio: [stdin, "ignore", "ignore"], detached: true });
  child.once("error", () => undefined);
  child.unref();
  return child;
}
