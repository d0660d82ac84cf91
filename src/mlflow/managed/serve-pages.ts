/** MLflow's own pages of a store, for this machine alone, until somebody ends them. */
import { createServer } from "node:net";
import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { type ServedFile, serveChild } from "./serve-child.js";

const HOST = "127.0.0.1";
/** MLflow's own port. */
const PORT_DEFAULT = 5000;

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
  let stopped = false;
  const stop = () => {
    stopped = true;
    child.end();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  try {
    onReady(await child.url);
  } catch (error) {
    if (stopped) return EXIT.ok;
    throw error;
  }
  await child.ended;
  if (stopped) return EXIT.ok;
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
