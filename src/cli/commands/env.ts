/** `env`: what a shell needs so that MLflow's own code in it goes through the daemon. */
import { EXIT } from "../../errors/row.js";
import { shellWord } from "../../model/shell-word.js";
import type { Context } from "../context.js";
import { withDaemon } from "../daemon/with-daemon.js";

/** Options of `env`. */
export interface EnvOptions {
  readonly experimentTracker: string;
}

const LOOPBACK = ["127.0.0.1", "localhost"];
/** What would lead MLflow's client past the daemon, or tell a step what the daemon alone is to know. */
const FOREIGN = /^(MLFLOW_(TRACKING|REGISTRY|EXPERIMENT|RUN)_\w+|MLFLOW_WORKSPACE|DATABRICKS_\w+)$/;

/** Prints lines for eval: `eval "$(stepwell env)"`. */
export async function env(context: Context, { experimentTracker }: EnvOptions): Promise<number> {
  return await withDaemon(context, async ({ gateway, call }) => {
    const { trackingUri } = await call(gateway.openGateway.bind(gateway), { tracker: experimentTracker });
    const { set, unset } = environmentFor(context.env, trackingUri);
    for (const name of unset) context.stdout(`unset ${name}\n`);
    for (const [name, value] of Object.entries(set)) context.stdout(`export ${name}=${shellWord(value)}\n`);
    return EXIT.ok;
  });
}

/** What changes in an environment so that MLflow's client goes to an address of the gateway and takes nothing else along. */
export function environmentFor(
  before: Readonly<Record<string, string | undefined>>,
  trackingUri: string,
): { readonly set: Readonly<Record<string, string>>; readonly unset: readonly string[] } {
  const names = Object.keys(before).filter((name) => FOREIGN.test(name) && name !== "MLFLOW_TRACKING_URI");
  // Some programs read the one, some the other; a proxy is never asked for this machine.
  const known = (before["no_proxy"] ?? before["NO_PROXY"] ?? "").split(",").map((name) => name.trim());
  const none = [...new Set([...known, ...LOOPBACK])].filter((name) => name !== "").join(",");
  const set = {
    MLFLOW_TRACKING_URI: trackingUri,
    // MLflow prints links to runs that have ended, with the pass in the address.
    MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT: "true",
    NO_PROXY: none,
    no_proxy: none,
  };
  return { set, unset: names.sort() };
}
