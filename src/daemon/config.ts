/** The only reader of the daemon's environment and arguments. */
import { StepwellError } from "../errors/stepwell-error.js";
import { type HomePaths, homeOf } from "./endpoint.js";

export interface DaemonConfig {
  readonly paths: HomePaths;
  /** Whether a home on a network file system is taken. */
  readonly allowNetworkFileSystem: boolean;
}

const ALLOW_NETWORK = "--allow-network-fs";

/** Throws STEPWELL_USAGE for an argument that there is none of. */
export function readConfig(): DaemonConfig {
  const flags = process.argv.slice(2);
  const unknown = flags.find((flag) => flag !== ALLOW_NETWORK);
  if (unknown !== undefined)
    throw new StepwellError("STEPWELL_USAGE", `The daemon takes no argument ${unknown}.`);
  return { paths: homeOf(process.env), allowNetworkFileSystem: flags.includes(ALLOW_NETWORK) };
}
