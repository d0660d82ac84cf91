/** What curves cost those who log, what they take, and how soon they are there for whoever looks. */
import { join } from "node:path";
import { promisify } from "node:util";
import { credentials } from "@grpc/grpc-js";
import { Feed } from "./feed.mjs";
import { bytesBelow } from "./folder-bytes.mjs";
import { BenchHome, withHome } from "./home.mjs";
import { costInPairs, inTurns, median } from "./pairs.mjs";
import { acknowledgedPerSecond } from "./short-runs.mjs";
import { percentile } from "./table.mjs";

const { CurvesServiceClient } = await import("../../build/src/gen/stepwell/v1/curves.js");

const without = { STEPWELL_CURVES_BYTES: "0" };
/** Nobody has this tracker: what is measured is the way into the journal alone. */
const nowhere = "none-yet";

export async function curves({ scale }) {
  const pairs = { slices: 8, pairsMin: 3, pairsMax: Math.round(3 + 5 * scale), errorPercent: 0.5 };
  const series = await costOf("batches of 1,000 points", 1_000_000 * scale, pairs, (feed, points) =>
    feed.points(points, 1000, 20),
  );
  const rows = await costOf("batches of 20 metrics, a point each", 200_000 * scale, pairs, (feed, points) =>
    feed.rows(points / 20, 20),
  );
  return [
    ...series,
    ...rows,
    ...(await acks(scale)),
    ...(await shortRuns(pairs, Math.round(2_000 * scale))),
    ...(await largeRun(10_000_000 * scale, 1, "10,000,000 points of one metric")),
    ...(await largeRun(10_000_000 * scale, 5_000, "10,000,000 points of 5,000 metrics")),
  ];
}

function figuresOf(what, unit, { withNs, withoutNs, percent, error, pairs }) {
  const note = `${pairs.map((each) => each.toFixed(1)).join(", ")}; ± ${error.toFixed(1)}`;
  return [
    { name: `the daemon's CPU, ${what}, without curves`, value: withoutNs, unit },
    { name: `the daemon's CPU, ${what}, with curves`, value: withNs, unit },
    { name: `what curves add, ${what}`, value: percent, unit: "%", atMost: 5, note },
  ];
}

/** The daemon's CPU a point. */
async function costOf(what, units, pairs, log) {
  const open = async (home) => {
    const feed = await Feed.open(home.endpoint.endpoint, nowhere);
    // Before the first slice what is run often is compiled, and each curve has come to its full length.
    for (let turn = 0; turn < 2; turn++) await log(feed, units);
    return { slice: () => log(feed, units), close: () => feed.close() };
  };
  return figuresOf(what, "ns a point", await costInPairs({ ...pairs, without, units, open }));
}

/** How long acknowledgements take at 10,000 points a second. */
async function acks(scale) {
  const open = async (home) => {
    const feed = await Feed.open(home.endpoint.endpoint, nowhere);
    await feed.pulse(50, 100, 10);
    return { slice: () => feed.pulse(100, 100, 10), close: () => feed.close() };
  };
  const { seen } = await inTurns({ without, open, slices: Math.round(30 * scale) });
  const of = (name, share) => percentile(seen[name].flat(), share);
  return [0.5, 0.99].flatMap((share, index) => {
    const which = `p${100 * share}`;
    const [withMs, withoutMs] = [of("with", share), of("without", share)];
    return [
      { name: `ack at 10,000 points/s without curves, ${which}`, value: withoutMs, unit: "ms" },
      { name: `ack at 10,000 points/s with curves, ${which}`, value: withMs, unit: "ms" },
      {
        name: `what curves add to an ack, ${which}`,
        value: withMs - withoutMs,
        unit: "ms",
        atMost: [0.1, 1][index],
        isOfCpu: true,
      },
    ];
  });
}

/** Short runs, and what is done for them later: their curves are saved behind them, a few at a time. */
async function shortRuns(pairs, runs) {
  const open = async (home) => {
    await acknowledgedPerSecond(home, 1, runs, 1);
    return { slice: () => acknowledgedPerSecond(home, 1, runs, 1), close: () => undefined };
  };
  const cost = await costInPairs({ ...pairs, without, units: runs, open });
  const unit = "runs/s";
  const perSecond = (name) => median(cost.seen[name]);
  return [
    { name: "short runs acknowledged without curves", value: perSecond("without"), unit },
    {
      name: "short runs acknowledged with curves",
      value: perSecond("with"),
      unit,
      target: 2_000,
      isOfCpu: true,
    },
    ...figuresOf("short runs", "ns a run", cost),
  ];
}

async function largeRun(points, keys, what) {
  const fill = async (home) => {
    const feed = await Feed.open(home.endpoint.endpoint, nowhere);
    await feed.points(points, keys === 1 ? 1000 : 500, keys);
    feed.close();
    return feed.runId;
  };
  const probed = async (environment) => {
    const home = await BenchHome.makeProbed(environment);
    try {
      const before = await home.liveBytes();
      await fill(home);
      const { anonymous } = home.memory();
      const { heapUsed, arrayBuffers } = await home.liveBytes();
      return { anonymous, live: (heapUsed + arrayBuffers - before.heapUsed - before.arrayBuffers) / 1e6 };
    } finally {
      await home.remove();
    }
  };
  const alone = await probed(without);
  const both = await probed({});
  return await withHome(async (home) => {
    const runId = await fill(home);
    const firstMs = await timeToCurves(home, runId);
    await home.stepwell("daemon", "stop");
    await home.stepwell("daemon", "start");
    const againMs = await timeToCurves(home, runId);
    return [
      {
        name: `curves of ${what}: first ones read after`,
        value: firstMs,
        unit: "ms",
        atMost: 300,
        isOfCpu: true,
      },
      { name: `curves of ${what}: after a restart`, value: againMs, unit: "ms", atMost: 300, isOfCpu: true },
      { name: `curves of ${what}: memory that lives`, value: both.live - alone.live, unit: "MB", atMost: 20 },
      { name: `curves of ${what}: RssAnon`, value: both.anonymous - alone.anonymous, unit: "MB" },
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
