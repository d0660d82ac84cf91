/** Whole daemons, each with its home and its journal, as many at the same time as the memory allows. */
import { RunStatus } from "../../src/gen/stepwell/v1/types.js";
import type { Teardown } from "../relay/relay.js";
import { scratchHome } from "../support/home.js";
import { newDatabase } from "../support/mlflow-postgres.js";
import type { Postgres } from "../support/postgres.js";
import { newRunId, pointsOf, RawProducer, startOf } from "../support/producer.js";
import { startRelay } from "../support/relay-process.js";
import { DESCRIPTORS_BESIDE, routeTo, type Way } from "./balancers.js";
import { countAll, faultsOf } from "./count.js";
import { cpuMsOf, descriptorsMax, memoryFree, rssOf } from "./measures.js";

export interface DaemonFleet {
  readonly way: Way;
  readonly daemons: number;
  /** Points that each of them gets. */
  readonly points: number;
}

export interface DaemonFigures extends DaemonFleet {
  readonly waves: number;
  /** The largest number at the same time. */
  readonly together: number;
  readonly daemonRssMax: number;
  readonly relayCpuUs: number;
  readonly relayRssMax: readonly number[];
  readonly seconds: number;
  readonly faults: readonly string[];
}

const RELAYS = 2;
/** What one is reckoned with, and how much of the machine's memory they may have. */
const DAEMON_BYTES = 130 * 1024 * 1024;
const MEMORY_SHARE = 0.5;
const TOGETHER_MAX = 50;
const BATCH_POINTS = 1_000;

/** How many run at the same time on a machine with so much memory. */
export function waveOf(daemons: number, freeBytes: number): number {
  const fit = Math.floor((freeBytes * MEMORY_SHARE) / DAEMON_BYTES);
  return Math.max(1, Math.min(daemons, TOGETHER_MAX, fit));
}

/** Starts them in waves; each logs a run, delivers it, ends, and is counted once all have. */
export async function runDaemons(
  t: Teardown,
  postgres: Postgres,
  fleet: DaemonFleet,
): Promise<DaemonFigures> {
  const { way, daemons, points } = fleet;
  const database = await newDatabase(postgres);
  const uri = `postgresql://postgres@127.0.0.1:${postgres.port}/${database}`;
  const relays = [];
  for (let index = 0; index < RELAYS; index++) relays.push(await startRelay(t, [`--database=${uri}`]));
  const pids = relays.map(({ child }) => child.pid ?? 0);
  const together = waveOf(daemons, memoryFree());
  const limits = { clients: together + DESCRIPTORS_BESIDE, descriptors: descriptorsMax() };
  const route = await routeTo(
    t,
    way,
    relays.map(({ port }) => port),
    limits,
  );
  const cpuMs = () => pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0);
  const [beginMs, beforeMs] = [performance.now(), cpuMs()];
  const rss: number[] = [];
  let waves = 0;
  for (let first = 0; first < daemons; first += together, waves++) {
    const wave = Array.from({ length: Math.min(together, daemons - first) }, (_, index) => first + index);
    rss.push(
      ...(await Promise.all(
        wave.map((number) => liveOnce(`grpc://127.0.0.1:${portOf(route.ports, number)}`, points)),
      )),
    );
  }
  const [seconds, usedMs] = [(performance.now() - beginMs) / 1000, cpuMs() - beforeMs];
  const relayRssMax = pids.map(rssOf);
  const expected = { runs: daemons, points };
  const faults = faultsOf(await countAll(postgres, database, expected), expected);
  for (const relay of relays) await relay.end("SIGTERM");
  return {
    ...{ ...fleet, waves, together, relayRssMax, seconds, faults },
    ...{ daemonRssMax: Math.max(...rss), relayCpuUs: (usedMs * 1000) / (daemons * points) },
  };
}

/** A daemon's whole life; answers the memory that it took when all was delivered. */
async function liveOnce(uri: string, points: number): Promise<number> {
  const ends: (() => unknown)[] = [];
  try {
    const home = await scratchHome({ teardown: (end) => ends.push(end) });
    const daemon = await home.startDaemon();
    const words = ["experiment-tracker", "register", "relay", "--flavor=mlflow", `--tracking_uri=${uri}`];
    await home.json(words);
    const producer = new RawProducer(daemon.endpoint.endpoint);
    const runId = newRunId();
    producer.hello();
    producer.batch(1, runId, { runStart: startOf() });
    let sequence = 1;
    for (let from = 0; from < points; from += BATCH_POINTS)
      producer.batch(++sequence, runId, {
        metrics: pointsFrom(from, Math.min(BATCH_POINTS, points - from)),
      });
    const runEnd = { status: RunStatus.RUN_STATUS_FINISHED, endTimeMs: 1_700_000_001_000n };
    producer.batch(++sequence, runId, { runEnd });
    await producer.acknowledged(sequence);
    const flushed = await home.here(["flush", "--timeout=300"]);
    if (flushed.code !== 0) throw new Error(`a daemon did not deliver: ${flushed.stderr}`);
    const rss = rssOf(daemon.child.pid ?? 0);
    await daemon.end("SIGTERM");
    return rss;
  } finally {
    for (const end of ends.toReversed()) await end();
  }
}

function pointsFrom(from: number, count: number) {
  return pointsOf("loss", count).map((column) => ({
    ...column,
    steps: column.steps.map((step) => step + BigInt(from)),
  }));
}

function portOf(ports: readonly number[], number: number): number {
  return ports[number % ports.length] ?? 0;
}
