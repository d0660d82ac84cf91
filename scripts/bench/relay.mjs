/**
 * Relays before PostgreSQL, beside an MLflow server on the same PostgreSQL: rates, the processor's time for a point, what a
 * standby costs that commits wait for, and a relay's memory with a thousand streams.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../install.mjs";
import { cpuOf, cpuOfFamily, cpuOfGroup, residentMb } from "./cpu.mjs";
import { Feed } from "./feed.mjs";
import { BenchHome } from "./home.mjs";
import { bodiesOf, post } from "./server.mjs";
import { percentile } from "./table.mjs";

const { newDatabase, startMlflowPostgres } = await import("../../build/test/support/mlflow-postgres.js");
const { MlflowServer } = await import("../../build/test/support/mlflow-server.js");
const { startRelay } = await import("../../build/test/support/relay-process.js");
const { besideOverLimit } = await import("../../build/test/relay/access/neighbours.js");
/** As a server's own defaults have it, but for what a machine of two cores has no room for. */
const settings = ["fsync=on", "shared_buffers=128MB", "max_connections=100", "max_wal_size=2GB"];
const batchPoints = 1_000;
const smallBatchPoints = 100;
const manyRuns = 200;
const streams = 1_000;
const rounds = 2;

export async function relay({ scale }) {
  const ends = [];
  const teardown = (end) => void ends.push(end);
  try {
    const postgres = await startMlflowPostgres(settings);
    teardown(() => postgres.remove());
    const place = { postgres, database: await newDatabase(postgres), teardown };
    return [
      ...(await besideServer(place, scale)),
      ...(await withStandby(place, scale)),
      ...(await beside(place, scale)),
      ...(await memory(place)),
    ];
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

/** The drain through a relay and log-batch by hand, in turns. */
async function besideServer({ postgres, database, teardown }, scale) {
  const behind = await homeBehindRelay({ postgres, database, teardown });
  const store = postgres.uriOf(database);
  const server = await MlflowServer.start({ store, workers: 2 });
  teardown(() => server.remove());
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  teardown(() => agent.destroy());
  const serverCpu = () => cpuOfGroup(server.processGroup);
  const relayCpu = () => cpuOf(behind.process.child.pid);
  const databaseCpu = () => cpuOfFamily(postgres.pid);
  const figures = [];
  for (const runs of [1, manyRuns]) {
    const perBatch = runs === 1 ? batchPoints : smallBatchPoints;
    // As many batches for each run.
    const byHand = Math.ceil((Math.max(12, 24 * scale) * batchPoints) / (runs * perBatch)) * runs * perBatch;
    const ours = Math.max(40, Math.round(100 * scale)) * batchPoints;
    const seen = { loops: new Map([1, 2, 4].map((underWay) => [underWay, []])), drains: [] };
    for (let round = 0; round < rounds; round++) {
      for (const [underWay, own] of seen.loops)
        own.push(
          await measured([serverCpu, databaseCpu], byHand, () =>
            loop(agent, server.url, { underWay, runs, points: byHand, perBatch }),
          ),
        );
      seen.drains.push(
        await measured([relayCpu, databaseCpu], ours, () => drain(behind, { runs, points: ours, perBatch })),
      );
    }
    const best = bestOf([...seen.loops.values()].map(middle));
    const drained = middle(seen.drains);
    const what = runs === 1 ? "one run" : `${runs} runs at once`;
    const each = [...seen.loops].map(([underWay, own]) => `${underWay}: ${listed(own)}`).join("; ");
    const share = (drained.us[0] + drained.us[1]) / (best.us[0] + best.us[1]);
    figures.push(
      {
        name: `${what}: log-batch to a server, best of 1, 2, 4 under way`,
        value: best.rate,
        unit: "points/s",
        note: each,
      },
      {
        name: `${what}: drain through a relay`,
        value: drained.rate,
        unit: "points/s",
        note: listed(seen.drains),
      },
      {
        name: `${what}: relay against server`,
        value: drained.rate / best.rate,
        unit: "times",
        target: runs === 1 ? 4 : 5,
      },
      {
        name: `${what}: the processor's time for a point, relay and database against server and database`,
        value: share,
        unit: "times",
        atMost: 0.2,
        note: `${timesOf(drained)} and ${timesOf(best)} us`,
      },
    );
    if (runs === 1)
      figures.push({
        name: "relay's part of the processor against the database's, packs of 1,000 points or more",
        value: drained.us[0] / drained.us[1],
        unit: "times",
        atMost: 0.25,
      });
  }
  return figures;
}

/** The drain with a standby that commits wait for, and with one that they do not wait for, in turns. */
async function withStandby({ postgres, database, teardown }, scale) {
  const standby = await postgres.startStandby(settings);
  teardown(() => standby.remove());
  const behind = await homeBehindRelay({ postgres, database, teardown });
  const points = Math.max(40, Math.round(100 * scale)) * batchPoints;
  const seen = { off: [], on: [] };
  for (let round = 0; round < rounds; round++)
    for (const [name, standbys] of [
      ["off", ""],
      ["on", "standby"],
    ]) {
      await postgres.settle([`synchronous_standby_names=${standbys}`]);
      seen[name].push(
        await measured([], points, () => drain(behind, { runs: 4, points, perBatch: batchPoints })),
      );
    }
  await postgres.settle(["synchronous_standby_names="]);
  return [
    {
      name: "drain with a synchronous standby against an asynchronous one",
      value: middle(seen.on).rate / middle(seen.off).rate,
      unit: "times",
      target: 0.6,
      note: `${listed(seen.on)} and ${listed(seen.off)} points/s`,
    },
  ];
}

/** A neighbour of a tenant that sends ten times what it may, over two relays. */
async function beside({ postgres, teardown }, scale) {
  const packs = Math.max(80, Math.round(200 * scale));
  const { aloneMs, besideMs, points, seconds } = await besideOverLimit({ teardown }, postgres, {
    turns: 4,
    packs,
  });
  const shown = (ms) => `p50 ${percentile(ms, 0.5).toFixed(0)}, p99 ${percentile(ms, 0.99).toFixed(0)} ms`;
  return [
    {
      name: "a tenant at 10 times its quota: its neighbour's p99 against alone",
      value: percentile(besideMs, 0.99) / percentile(aloneMs, 0.99),
      unit: "times",
      atMost: 2,
      note: `${shown(aloneMs)}; ${shown(besideMs)}; the tenant got ${Math.round(points / seconds)} points/s of 500`,
    },
  ];
}

/** A relay with a stream of each of a thousand homes, then with the database down and all of them with packs under way. */
async function memory({ postgres, database, teardown }) {
  const one = await startRelay({ teardown }, [databaseOption(postgres, database)]);
  const program = join(root, "scripts/bench/relay-homes-producer.mjs");
  const words = [program, `grpc://${one.address}`, String(streams)];
  const homes = spawn(process.execPath, words, { stdio: ["pipe", "pipe", "inherit"] });
  teardown(() => homes.kill("SIGKILL"));
  const lines = createInterface({ input: homes.stdout });
  const said = async (word) => {
    const [line] = await Promise.race([once(lines, "line"), once(homes, "exit")]);
    if (line !== word) throw new Error(`the homes said ${line}`);
  };
  await said("open");
  await sleep(2_000);
  const idle = residentMb(one.child.pid);
  await postgres.end();
  homes.stdin.write("go\n");
  await said("sent");
  let most = 0;
  for (let seconds = 0; seconds < 30; seconds++) {
    await sleep(1_000);
    most = Math.max(most, residentMb(one.child.pid));
  }
  homes.kill("SIGKILL");
  await postgres.begin();
  return [
    { name: `relay with ${streams} streams, VmRSS`, value: idle, unit: "MB", atMost: 150 },
    {
      name: `relay with ${streams} streams, the database down and all backlogged, VmRSS at most`,
      value: most,
      unit: "MB",
      atMost: 250,
    },
  ];
}

/** A daemon, and a relay of its own. */
async function homeBehindRelay({ postgres, database, teardown }) {
  const relayProcess = await startRelay({ teardown }, [databaseOption(postgres, database)]);
  const home = await BenchHome.make();
  teardown(() => home.remove());
  return { home, process: relayProcess };
}

function databaseOption(postgres, database) {
  return `--database=postgresql://postgres@127.0.0.1:${postgres.port}/${database}`;
}

let drains = 0;

/** Journals points of runs that wait for a tracker; what it resolves to registers that, and waits until all is delivered. */
async function drain({ home, process: { address } }, { runs, points, perBatch }) {
  drains += 1;
  const tracker = `relay-${drains}`;
  for (let run = 0; run < runs; run++) {
    const feed = await Feed.open(home.endpoint.endpoint, tracker);
    await feed.points(points / runs, perBatch, 20);
    feed.close();
  }
  return async () => {
    const uri = `--tracking_uri=grpc://${address}`;
    await home.stepwell("experiment-tracker", "register", tracker, "--flavor=mlflow", uri);
    await home.stepwell("flush", "--timeout=900");
  };
}

/** Seconds of a loop with so many requests under way, each of them to any of the runs. */
async function loop(agent, url, { underWay, runs, points, perBatch }) {
  const batches = points / perBatch / runs;
  const ofRuns = [];
  for (let run = 0; run < runs; run++) ofRuns.push(await bodiesOf(agent, url, batches, perBatch));
  return async () => {
    // All runs go on side by side.
    const left = Array.from({ length: batches }, (_, at) => ofRuns.map((bodies) => bodies[at]))
      .flat()
      .values();
    const work = async () => {
      for (const body of left) await post(agent, `${url}/api/2.0/mlflow/runs/log-batch`, body);
    };
    await Promise.all(Array.from({ length: underWay }, work));
  };
}

/** Runs what `prepare` resolves to; answers points a second, and microseconds of the processor for a point of each. */
async function measured(cpus, points, prepare) {
  const work = await prepare();
  const before = cpus.map((cpu) => cpu());
  const begin = performance.now();
  await work();
  const seconds = (performance.now() - begin) / 1000;
  const us = cpus.map((cpu, index) => (1e6 * (cpu() - before[index])) / points);
  return { rate: points / seconds, us };
}

/** The measurement in the middle by its rate; the slower one of two. */
function middle(measurements) {
  const sorted = measurements.toSorted((one, other) => one.rate - other.rate);
  return sorted[Math.ceil(sorted.length / 2) - 1];
}

function bestOf(measurements) {
  return measurements.reduce((best, each) => (each.rate > best.rate ? each : best));
}

const listed = (measurements) => measurements.map(({ rate }) => Math.round(rate)).join(", ");
const timesOf = ({ us }) => us.map((each) => each.toFixed(1)).join(" + ");
