/** A port for years: below those that the system lends to connections, so that it is free again after a restart. */
import { createServer } from "node:net";
import { StepwellError } from "../errors/stepwell-error.js";
import { LOOPBACK } from "./port.js";

/** How far from the first it is looked. */
const PORTS_TRIED = 100;

/** The one that was asked for, or the first from `first` on that is free. Throws STEPWELL_PORT_TAKEN. */
export async function portToKeep(setting: string, asked: string | undefined, first: number): Promise<number> {
  const ports =
    asked === undefined ? Array.from({ length: PORTS_TRIED }, (_, at) => first + at) : [Number(asked)];
  for (const port of ports) if (await isFree(port)) return port;
  const which = asked === undefined ? `${first} to ${first + PORTS_TRIED - 1}` : asked;
  const remedy = `Give one that is free: -x ${setting}=PORT.`;
  throw new StepwellError("STEPWELL_PORT_TAKEN", `Port ${which} of ${LOOPBACK} can't be had.`, { remedy });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, LOOPBACK, () => server.close(() => resolve(true)));
  });
}
