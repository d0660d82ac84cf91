/** Balancers of connections with the configurations of deploy/relay, and how streams spread over relays behind them. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { delimiter, join } from "node:path";
import { ChannelCredentials, ServerCredentials } from "@grpc/grpc-js";
import { AUTHORITY, SERVER_CERT, SERVER_KEY } from "../support/certificates.js";
import { scratchFolder } from "../support/folder.js";
import { freePort } from "../support/free-port.js";
import { ROOT } from "../support/home.js";
import { until } from "../support/until.js";
import { relayFor, runId, sinkTo, type Teardown } from "./relay.js";

export interface Balancer {
  readonly name: string;
  readonly file: string;
  /** Where the program is; undefined where it is not. */
  readonly program: () => string | undefined;
  /** Its arguments, with the configuration's path. */
  readonly args: (path: string) => readonly string[];
  /** How the configuration says at which port it listens. */
  readonly listens: readonly [written: string, by: (port: number) => string];
  /** How it says where the relay of a number is. */
  readonly relay: (number: number) => readonly [written: string, by: (port: number) => string];
  /** How it says how many connections it takes: no container has as many files open as a thousand daemons take. */
  readonly takes?: (connections: number) => readonly [written: string, here: string];
}

const asHostAndPort = (number: number) =>
  [`relay${number}.example:7443`, (port: number) => `127.0.0.1:${port}`] as const;

export const HAPROXY: Balancer = {
  ...{ name: "haproxy", file: "haproxy.cfg", program: () => onPath("haproxy"), relay: asHostAndPort },
  args: (path) => ["-db", "-f", path],
  listens: ["bind :7443", (port) => `bind 127.0.0.1:${port}`],
  takes: (connections) => ["maxconn 24000", `maxconn ${connections}`],
};

export const NGINX: Balancer = {
  ...{ name: "nginx", file: "nginx.conf", program: () => onPath("nginx"), relay: asHostAndPort },
  args: (path) => ["-c", path, "-g", "daemon off;"],
  listens: ["listen 7443", (port) => `listen 127.0.0.1:${port}`],
};

/** Envoy as PyPI has it: its wheel is 103 MB, so it is for the long form of the torture. */
export const envoyAt = (program: string): Balancer => ({
  ...{ name: "Envoy", file: "envoy.yaml", program: () => program },
  args: (path) => ["-c", path, "--use-dynamic-base-id", "--log-level", "warning", "--concurrency", "1"],
  listens: ["address: 0.0.0.0, port_value: 7443", (port) => `address: 127.0.0.1, port_value: ${port}`],
  relay: (number) => [
    `address: relay${number}.example, port_value: 7443`,
    (port) => `address: 127.0.0.1, port_value: ${port}`,
  ],
});

/** What was seen of streams behind a balancer. */
export interface Spread {
  /** Streams at each relay: at first, with one of them away, and once it has its share again. */
  readonly first: readonly number[];
  readonly away: readonly number[];
  readonly returned: readonly number[];
  /** How many ages of a stream behind its return that was. */
  readonly ages: number;
}

const STREAMS = 24;
const AGE_MS = 5_000;
/** Homes ask again and again, as a flusher's timer has them. */
const LOOK_MS = 250;

/** Streams of as many homes; the second relay goes away and comes back. */
export async function spreadBehind(t: Teardown, balancer: Balancer): Promise<Spread> {
  const pair = { cert_chain: Buffer.from(SERVER_CERT), private_key: Buffer.from(SERVER_KEY) };
  const options = {
    credentials: ServerCredentials.createSsl(null, [pair], false),
    ...{ streamAgeMs: AGE_MS, streamDrainMs: 500 },
  };
  const relays = [await relayFor(t, options), await relayFor(t, options)];
  const [, second] = relays;
  if (!second) throw new Error("there is no second relay");
  const counts = () => relays.map(({ server }) => server.streams());
  const { port } = await startBalancer(
    t,
    balancer,
    relays.map((relay) => relay.port),
  );
  const access = async () => ({
    credentials: ChannelCredentials.createSsl(Buffer.from(AUTHORITY)),
    token: "",
  });
  const homes = Array.from({ length: STREAMS }, (_, index) => ({
    id: runId(index + 1),
    sink: sinkTo(t, `grpcs://127.0.0.1:${port}`, { access }).sink,
  }));
  const timer = setInterval(() => {
    for (const { id, sink } of homes) void sink.cursors?.look(id).catch(() => undefined);
  }, LOOK_MS);
  t.teardown(() => clearInterval(timer));
  const hasAll = (each: readonly number[]) => each.reduce((sum, count) => sum + count, 0) >= STREAMS;
  const first = await until("all homes have a stream", counts, hasAll);
  await second.server.close();
  const away = await until("all are at one relay", counts, ([one, other]) => one === STREAMS && other === 0);
  relays[1] = await relayFor(t, options, second.port);
  const beganMs = performance.now();
  const isSpread = (each: readonly number[]) => hasAll(each) && isEven(each);
  const returned = await until("it has its share again", counts, isSpread);
  return { first, away, returned, ages: (performance.now() - beganMs) / AGE_MS };
}

/** The bar: the most are 1.5 times the fewest. */
function isEven(counts: readonly number[]): boolean {
  return Math.max(...counts) <= 1.5 * Math.min(...counts);
}

/** Starts it before relays, with its file of deploy/relay, for so many connections of daemons. */
export async function startBalancer(
  t: Teardown,
  balancer: Balancer,
  relays: readonly number[],
  connections = 1_000,
): Promise<{ readonly port: number; readonly child: ChildProcess }> {
  const program = balancer.program();
  if (program === undefined) throw new Error(`${balancer.name} is not on the PATH`);
  const port = await freePort();
  const folder = await scratchFolder(t);
  let text = readFileSync(join(ROOT, "deploy/relay", balancer.file), "utf8");
  const places = [balancer.listens, ...relays.map((_, index) => balancer.relay(index + 1))];
  for (const [index, [written, by]] of places.entries()) {
    if (!text.includes(written)) throw new Error(`${balancer.file} has no ${written}`);
    text = text.replace(written, by([port, ...relays][index] ?? 0));
  }
  text = text.replace("/run/stepwell-nginx.pid", join(folder, "pid"));
  if (balancer.takes) text = text.replace(...balancer.takes(connections));
  const path = join(folder, balancer.file);
  writeFileSync(path, text);
  const child = spawn(program, balancer.args(path), { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  t.teardown(() => endOf(child));
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (said += String(bytes)));
  const answers = async () => {
    if (child.exitCode !== null) throw new Error(`${balancer.name} ended: ${said}`);
    return await isOpen(port);
  };
  await until(`${balancer.name} listens`, answers, (isThere) => isThere);
  return { port, child };
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Debian has such programs where only root's PATH leads. */
function onPath(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}
