/** What curves cost those who log, what they take, and how soon they are there for whoever looks. */
import { join } from "node:path";
import { promisify } from "node:util";
import { credentials } from "@grpc/grpc-js";
import { cpuOf } from "./cpu.mjs";
import { Feed } from "./feed.mjs";
import { bytesBelow } from "./folder-bytes.mjs";
import { withHome } from "./home.mjs";
import { percentile } from "./table.mjs";

const { CurvesServiceClient } = await import("../../build/src/gen/stepwell/v1/curves.js");

const without = { STEPWELL_CURVES_BYTES: "0" };
/** Nobody has this tracker: what is measured is the way into the journal alone. */
const nowhere = "none-yet";
const turns = 5;

export async function curves({ scale }) {
  const series = await costOf((feed) => feed.points(3_000_000 * scale, 1000, 20), 3_000_000 * scale);
  const rows = await costOf((feed) => feed.rows(20_000 * scale, 20), 400_000 * scale);
  const acks = [await ackOf({}), await ackOf(without)];
  return [
    ...figuresOf("batches of 1,000 points", series),
    ...figuresOf("batches of 20 metrics, a point each", rows),
    { name: "ack at 10,000 points/s with curves, p50", value: acks[0], unit: "ms" },
    { name: "ack at 10,000 points/s without, p50", value: acks[1], unit: "ms" },
    ...(await largeRun(10_000_000 * scale, 1, "10,000,000 points of one metric")),
    ...(await largeRun(10_000_000 * scale, 5_000, "10,000,000 points of 5,000 metrics")),
  ];
}

function figuresOf(what, { withCurves, alone, all }) {
  return [
    { name: `the daemon's CPU, ${what}, without curves`, value: alone, unit: "ns a point" },
    { name: `the daemon's CPU, ${what}, with curves`, value: withCurves, unit: "ns a point", note: all },
    { name: `what curves add, ${what}`, value: 100 * (withCurves / alone - 1), unit: "%", atMost: 5 },
  ];
}

/** The daemon's CPU a point with curves and without, in turns; the least of each is the least disturbed. */
async function costOf(log, points) {
  const found = { with: [], without: [] };
  for (let turn = 0; turn < turns; turn++)
    for (const [name, environment] of [
      ["without", without],
      ["with", {}],
    ]) {
      await withHome(async (home) => {
        const feed = await Feed.open(home.endpoint.endpoint, nowhere);
        await feed.points(100_000, 1000, 20);
        const before = cpuOf(home.endpoint.pid);
        await log(feed);
        found[name].push(((cpuOf(home.endpoint.pid) - before) / points) * 1e9);
        feed.close();
      }, environment);
    }
  const list = (values) => values.map((each) => each.toFixed(0)).join(", ");
  const all = `without ${list(found.without)}; with ${list(found.with)}`;
  return { withCurves: Math.min(...found.with), alone: Math.min(...found.without), all };
}

async function ackOf(environment) {
  return await withHome(async (home) => {
    const feed = await Feed.open(home.endpoint.endpoint, nowhere);
    await feed.pulse(20, 100, 10);
    return percentile(await feed.pulse(300, 100, 10), 0.5);
  }, environment);
}

async function largeRun(points, keys, what) {
  const fill = async (home) => {
    const feed = await Feed.open(home.endpoint.endpoint, nowhere);
    await feed.points(points, keys === 1 ? 1000 : 500, keys);
    feed.close();
    return feed.runId;
  };
  const aloneMb = await withHome(async (home) => {
    await fill(home);
    return home.memory().anonymous;
  }, without);
  return await withHome(async (home) => {
    const runId = await fill(home);
    const memoryMb = home.memory().anonymous - aloneMb;
    const firstMs = await timeToCurves(home, runId);
    await home.stepwell("daemon", "stop");
    await home.stepwell("daemon", "start");
    const againMs = await timeToCurves(home, runId);
    return [
      { name: `curves of ${what}: first ones read after`, value: firstMs, unit: "ms", atMost: 300 },
      { name: `curves of ${what}: after a restart`, value: againMs, unit: "ms", atMost: 300 },
      { name: `curves of ${what}: memory`, value: memoryMb, unit: "MB", atMost: 20 },
      {
        name: `curves of ${what}: on disk`,
        value: bytesBelow(join(home.folder, "curves")) / 1e6,
        unit: "MB",
        atMost: 50,
      },
    ];
  });
}

/** What a page needs first: the list of the keys, and the curves of as many as are in view. */
async function timeToCurves(home, runId) {
  const client = new CurvesServiceClient(home.endpoint.endpoint, credentials.createInsecure(), {
    "grpc.default_authority": "localhost",
  });
  const call = (name, request) => promisify(client[name].bind(client))(request);
  const begin = performance.now();
  const { keys } = await call("listKeys", { runIds: [runId], patterns: [], offset: 0, limit: 10_000 });
  const inView = keys.slice(0, 20).map(({ key }) => key);
  const asked = { runIds: [runId], keys: inView, axis: 1, from: undefined, to: undefined, buckets: 1000 };
  const read = await call("readCurves", { ...asked, known: [] });
  const tookMs = performance.now() - begin;
  if (read.curves.length !== inView.length || inView.length === 0) throw new Error("curves are missing");
  client.close();
  return tookMs;
}
