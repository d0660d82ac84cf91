/** Relays as processes of their own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { ExecutionContext } from "ava";
import { ensureBundle } from "./bundle.js";

export interface RelayProcess {
  readonly child: ChildProcess;
  /** HOST:PORT. */
  readonly address: string;
  readonly port: number;
  /** What it logged so far. */
  readonly log: () => string;
  /** Sends the signal and resolves once the process is gone. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

export interface RelayOptions {
  readonly listen?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What stands before it, as what runs it elsewhere. */
  readonly prefix?: readonly string[];
  /** Another program than the command's, which takes the same options. */
  readonly program?: string;
}

/** Starts `stepwell relay serve`; resolves when it listens. It is killed when the test is over. */
export async function startRelay(
  t: Pick<ExecutionContext, "teardown">,
  args: readonly string[],
  { listen = "127.0.0.1:0", env = {}, program, prefix = [] }: RelayOptions = {},
): Promise<RelayProcess> {
  const command = program ? [program] : [await ensureBundle(), "relay", "serve"];
  const words = [process.execPath, ...command, `--listen=${listen}`, ...args];
  const [first = process.execPath, ...others] = [...prefix, ...words];
  const child = spawn(first, others, {
    env: { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit") as Promise<[number | null]>;
  const said = { stdout: "", stderr: "" };
  t.teardown(() => child.kill("SIGKILL"));
  child.stderr.on("data", (bytes: Buffer) => {
    said.stderr += bytes.toString();
  });
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (bytes: Buffer) => {
      said.stdout += bytes.toString();
      const found = /^listening on (\S+)\n/m.exec(said.stdout)?.[1];
      if (found) resolve(found);
    });
    void exited.then(() => reject(new Error(`The relay did not begin to listen: ${said.stderr}`)));
  });
  return {
    ...{ child, address, port: Number(/\d+$/.exec(address)?.[0]), log: () => said.stderr },
    end: async (signal) => {
      child.kill(signal);
      return (await exited)[0];
    },
  };
}
