/** `relay serve`: a relay in this process, for whatever supervises programs beside the backend. */
import { createRequire } from "node:module";
import { EXIT } from "../../errors/row.js";
import { StepwellError } from "../../errors/stepwell-error.js";
import { daemonProgram } from "../daemon/spawn.js";

/** Options of serve, as they are typed. */
export interface RelayOptions {
  readonly listen: string;
  readonly database?: string;
  readonly upstream?: string;
  readonly artifactRoot?: string;
  readonly tokenFile?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly clientCa?: string;
  readonly access?: string;
  readonly databasePasswordFile?: string;
  readonly streamAge?: number;
  readonly metricsListen?: string;
  readonly metricsTokenFile?: string;
  readonly metricsPush?: boolean;
}

/** Begins it; the process goes on until it is told to end. */
export function serve(options: RelayOptions): number {
  if ((options.database === undefined) === (options.upstream === undefined))
    throw new StepwellError("STEPWELL_USAGE", "Give --database or --upstream, one of them.");
  const words = Object.entries(options).map(([name, value]) => `--${kebab(name)}=${String(value)}`);
  process.argv.splice(2, Infinity, ...words);
  const program = daemonProgram("relay");
  createRequire(program)(program);
  return EXIT.ok;
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
