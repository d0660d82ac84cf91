/** Light clients against two relays and one PostgreSQL: what it costs, how long packs take, and whether all is there. */
import { performance } from "node:perf_hooks";
import type { Teardown } from "../relay/relay.js";
import { newDatabase } from "../support/mlflow-postgres.js";
import type { Postgres } from "../support/postgres.js";
import { startRelay } from "../support/relay-process.js";
import { DESCRIPTORS_BESIDE, routeTo, type Way } from "./balancers.js";
import { countAll, faultsOf } from "./count.js";
import { Crew } from "./crew.js";
import { cpuMsOf, cpuMsOfFamily, descriptorsMax, quantile, rssOf } from "./measures.js";

export interface LightFleet {
  readonly way: Way;
  readonly clients: number;
  /** Packs of each client, and points in each of them. */
  readonly packs: number;
  readonly points: number;
  /** Points in a second of all clients together, where the relays are quick enough. */
  readonly pointsPerSecond: number;
}

/** What one such fleet did. Times of processors in microseconds a point, memory in bytes, waits in milliseconds. */
export interface LightFigures extends LightFleet {
  readonly balancers: number;
  readonly openSeconds: number;
  readonly sendSeconds: number;
  readonly relayCpuUs: number;
  readonly databaseCpuUs: number;
  readonly balancerCpuUs: number;
  readonly clientCpuUs: number;
  readonly relayRssIdle: readonly number[];
  readonly relayRssMax: readonly number[];
  readonly streams: readonly number[];
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly retries: number;
  readonly moved: number;
  /** What the independent reader found wrong; empty: exact. */
  readonly faults: readonly string[];
}

const RELAYS = 2;
const LOOK_MS = 500;

/** Why so many clients can't be had on this machine; undefined: they can. */
export function tooMany(clients: number, descriptors = descriptorsMax()): string | undefined {
  // A balancer that comes and goes may leave all to one relay.
  const needed = clients + DESCRIPTORS_BESIDE;
  if (needed <= descriptors) return undefined;
  return `a relay may have to hold ${clients} streams, for which it needs ${needed} file descriptors; ${descriptors} are allowed here (ulimit -Hn)`;
}

/** Runs one; the database is a new one of the server. */
export async function runLightFleet(
  t: Teardown,
  postgres: Postgres,
  fleet: LightFleet,
  say: (line: string) => void = () => undefined,
): Promise<LightFigures> {
  const { way, clients, packs, points, pointsPerSecond } = fleet;
  const database = await newDatabase(postgres);
  const uri = `postgresql://postgres@127.0.0.1:${postgres.port}/${database}`;
  const relays = [];
  for (let index = 0; index < RELAYS; index++) relays.push(await startRelay(t, [`--database=${uri}`]));
  const relayPids = relays.map(({ child }) => child.pid ?? 0);
  const relayPorts = relays.map(({ port }) => port);
  const route = await routeTo(t, way, relayPorts, { clients, descriptors: descriptorsMax() });
  const uris = route.ports.map((port) => `grpc://127.0.0.1:${port}`);
  const periodMs = (clients * points * 1000) / pointsPerSecond;
  const crew = Crew.start(t, { uris, clients, packs, points, periodMs });
  const openMs = await timed(() => crew.open());
  const streams = await route.streams();
  say(
    `  open after ${(openMs / 1000).toFixed(0)} s; packs go out over ${((periodMs * packs) / 1000).toFixed(0)} s or more`,
  );
  const relayRssIdle = relayPids.map(rssOf);
  const cpu = () => ({
    relays: sum(relayPids.map(cpuMsOf)),
    database: cpuMsOfFamily(postgres.pid),
    balancers: sum(route.pids.map(cpuMsOf)),
    clients: sum(crew.pids.map(cpuMsOf)),
  });
  const before = cpu();
  const relayRssMax = [...relayRssIdle];
  const watch = setInterval(() => {
    for (const [index, pid] of relayPids.entries())
      relayRssMax[index] = Math.max(relayRssMax[index] ?? 0, rssOf(pid));
  }, LOOK_MS);
  const beginMs = performance.now();
  const sent = await crew.send().finally(() => clearInterval(watch));
  const sendMs = performance.now() - beginMs;
  const after = cpu();
  const all = clients * packs * points;
  const expected = { runs: clients, points: packs * points };
  const faults = faultsOf(await countAll(postgres, database, expected), expected);
  await crew.end();
  for (const relay of relays) await relay.end("SIGTERM");
  const perPoint = (name: keyof typeof before) => ((after[name] - before[name]) * 1000) / all;
  return {
    ...fleet,
    ...{ balancers: route.pids.length, openSeconds: openMs / 1000, sendSeconds: sendMs / 1000 },
    ...{ relayCpuUs: perPoint("relays"), databaseCpuUs: perPoint("database") },
    ...{ balancerCpuUs: perPoint("balancers"), clientCpuUs: perPoint("clients") },
    ...{ relayRssIdle, relayRssMax, streams, faults },
    ...{ p50Ms: quantile(sent.latenciesMs, 0.5), p99Ms: quantile(sent.latenciesMs, 0.99) },
    ...{ retries: sent.retries, moved: sent.moved },
  };
}

async function timed(work: () => Promise<void>): Promise<number> {
  const beginMs = performance.now();
  await work();
  return performance.now() - beginMs;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
