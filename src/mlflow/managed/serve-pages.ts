/** MLflow's own pages of a store, for this machine alone, until somebody ends them. */
import { createServer } from "node:net";
import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { type ServedFile, serveChild } from "./serve-child.js";

const HOST = "127.0.0.1";
/** MLflow's own port. */
const PORT_DEFAULT = 5000;
/** What ends them, with the exit code: that of shells for Ctrl-C. */
const ENDS = [
  ["SIGINT", 130],
  ["SIGTERM", EXIT.ok],
  ["SIGHUP", EXIT.ok],
] as const;

/**
 * The port that was asked for, or MLflow's own, or else any that is free. Throws
 * STEPWELL_PORT_TAKEN for one that was asked for and is in use.
 */
export async function freePort(asked: number | undefined): Promise<number> {
  const wanted = await tryPort(asked ?? PORT_DEFAULT);
  if (wanted !== undefined) return wanted;
  const any = asked === undefined ? await tryPort(0) : undefined;
  if (any !== undefined) return any;
  throw new StepwellError("STEPWELL_PORT_TAKEN", `Port ${asked} of ${HOST} can't be had.`);
}

/** Resolves to the exit code when MLflow has ended; `onReady` gets the address once it answers. */
export async function servePages(
  file: ServedFile & { readonly port: number },
  onReady: (url: string) => void,
): Promise<number> {
  const child = serveChild(file);
  let stopped: number | undefined;
  const stopWith = (code: number) => () => {
    stopped ??= code;
    child.end();
  };
  for (const [signal, code] of ENDS) process.on(signal, stopWith(code));
  try {
    onReady(await child.url);
  } catch (error) {
    if (stopped !== undefined) return stopped;
    throw error;
  }
  await child.ended;
  if (stopped !== undefined) return stopped;
  const sentence = `MLflow's pages ended by themselves. ${child.notes()}`;
  throw new StepwellError("STEPWELL_INTEGRATION_FAILED", sentence.trim());
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, HOST, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" ? address?.port : undefined));
    });
  });
}
